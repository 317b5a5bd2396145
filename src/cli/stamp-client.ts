// The two calls of a stamping by digest to a server: prepared, then signed; each may be asked again without a second use of the seal.

import { readFileSync } from 'node:fs';
import { fromBase64, toHex } from '../kernel/bytes.ts';
import { moment, randomBytes } from '../kernel/clock.ts';
import { errorCodes, TrustError } from '../kernel/errors.ts';
import { asObject, type JsonObject, numberAt, objectAt, textAt } from '../kernel/words/members.ts';
import type { DigestOrder, ToSign } from '../seal/digest/digest-order.ts';
import type { DigestPreparation } from '../seal/digest/digest-stamping.ts';

export interface Prepared
  extends Pick<DigestPreparation, 'signingTime' | 'contentsSizeBytes' | 'face' | 'sesSeal' | 'widthMm' | 'heightMm'> {
  readonly digestStampingId: string;
}

const attempts = 3;
const pauseMs = 500;
const patienceMs = 30_000;
const maxTokenBytes = 16 * 1024;
/** The picture of a seal is drawn from some hundred kilobytes of outlines. */
const maxAnswerBytes = 8 * 1024 * 1024;

export class StampClient {
  readonly #server: string;
  readonly #token: string;

  /** `tokenFile`: an access token with the scope `seal.stamp`; it stands in no list of processes. */
  constructor(options: { server: string; tokenFile: string }) {
    const { protocol, hostname, href } = serverOf(options.server);
    const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
    if (protocol !== 'https:' && !(protocol === 'http:' && isHere))
      throw new TrustError('malformed-request', 'a token is sent by https, or to this machine');
    this.#server = href.replace(/\/+$/, '');
    this.#token = tokenOf(options.tokenFile);
  }

  async prepare({ documentSha256, documentSizeBytes, ...order }: DigestOrder): Promise<Prepared> {
    const answer = await this.#post('/api/v1/digest-stampings', {
      ...order,
      document: { sha256: documentSha256, sizeBytes: documentSizeBytes },
    });
    const seal = objectAt(answer, 'seal');
    return {
      digestStampingId: textAt(answer, 'digestStampingId') ?? strange(),
      signingTime: moment(textAt(answer, 'signingTime') ?? strange()),
      contentsSizeBytes: numberAt(answer, 'contentsSizeBytes') ?? strange(),
      face: bytesAt(seal, 'face'),
      sesSeal: bytesAt(seal, 'sesSeal'),
      widthMm: numberAt(seal, 'widthMm') ?? strange(),
      heightMm: numberAt(seal, 'heightMm') ?? strange(),
    };
  }

  /** The signature value, and the index of its entry in the audit log when it has one already. */
  async sign(id: string, { digest, path }: ToSign): Promise<{ value: Uint8Array; auditIndex: number | null }> {
    const answer = await this.#post(`/api/v1/digest-stampings/${encodeURIComponent(id)}/sign`, {
      digest: toHex(digest),
      ...(path === undefined ? {} : { path }),
    });
    return { value: bytesAt(answer, 'value'), auditIndex: numberAt(answer, 'auditIndex') ?? null };
  }

  async #post(path: string, body: unknown): Promise<JsonObject> {
    const key = toHex(randomBytes(16));
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#ask(path, body, key);
      if (answer !== undefined) return answer;
      if (attempt === attempts) throw new TrustError('internal', `${this.#server} cannot be reached`);
      await new Promise((resolve) => {
        setTimeout(resolve, pauseMs * attempt);
      });
    }
  }

  /** `undefined`: it may be better soon. Throws the refusal. */
  async #ask(path: string, body: unknown, key: string): Promise<JsonObject | undefined> {
    const response = await fetch(`${this.#server}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    }).catch(() => undefined);
    if (response === undefined || response.status >= 502) {
      await response?.body?.cancel();
      return undefined;
    }
    const answer = asObject(await jsonOf(response)) ?? strange();
    if (response.ok) return answer;
    const said = textAt(answer, 'code');
    const code = errorCodes.find((known) => known === said) ?? 'internal';
    throw new TrustError(code, `the server refuses (${said ?? response.status}): ${textAt(answer, 'detail') ?? ''}`);
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxAnswerBytes) return strange();
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return strange();
  }
}

function serverOf(server: string): URL {
  if (!URL.canParse(server)) throw new TrustError('malformed-request', `${server} is no address of a server`);
  return new URL(server);
}

function tokenOf(path: string): string {
  const token = readFileSync(path, 'utf8').trim();
  if (token.length > maxTokenBytes || !/^[\x21-\x7e]+$/.test(token))
    throw new TrustError('malformed-request', `${path} holds no access token`);
  return token;
}

function bytesAt(object: JsonObject | undefined, name: string): Uint8Array {
  return fromBase64(textAt(object, name) ?? '!') ?? strange();
}

function strange(): never {
  throw new TrustError('internal', 'the server answers something else than its contract says');
}

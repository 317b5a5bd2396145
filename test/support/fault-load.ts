// A mixed load over HTTP that remembers what was acknowledged: tokens, licences issued, shown and verified, stampings; repeated with their Idempotency-Key.

import { randomUUID } from 'node:crypto';
import { people } from '../../src/sandbox/city.ts';
import { drivingLicence } from '../../src/sandbox/licence-catalogue.ts';
import { clientToken } from './client-token.ts';
import { samplePdf } from './pdf-samples.ts';

/** What was asked for, and how often it was answered. */
export interface Acknowledged {
  readonly licences: Set<string>;
  readonly stampings: Set<string>;
  readonly verifications: Set<string>;
  /** By licence: showings answered, and showings whose answer was lost. */
  readonly shown: Map<string, { answered: number; lost: number }>;
  tokens: { answered: number; lost: number };
}

interface Reply {
  readonly status: number;
  readonly json: Record<string, unknown>;
}

const retryMs = 150;
const batchDocuments = 3;
const answerMs = 20_000;

export class FaultLoad {
  readonly acknowledged: Acknowledged = {
    licences: new Set(),
    stampings: new Set(),
    verifications: new Set(),
    shown: new Map(),
    tokens: { answered: 0, lost: 0 },
  };
  /** Answers that no client may ever get. */
  readonly faults: string[] = [];
  readonly #url: string;
  readonly #random: () => number;
  readonly #qrTexts = new Map<string, string>();
  #token = '';
  #sealId = '';
  #documentId = '';
  #on = false;
  #workers: Promise<void>[] = [];

  constructor({ url, random }: { url: string; random: () => number }) {
    this.#url = url;
    this.#random = random;
  }

  get deeds(): number {
    const { licences, stampings, verifications, shown, tokens } = this.acknowledged;
    const showings = [...shown.values()].reduce((sum, { answered }) => sum + answered, 0);
    return licences.size + stampings.size + verifications.size + showings + tokens.answered;
  }

  /** Once, with the service running. */
  async prepare(): Promise<void> {
    await this.renewToken();
    const seals = await this.#get('/api/v1/seals?status=active');
    const items = seals.json['items'] as readonly { sealId: string }[];
    this.#sealId = items[0]?.sealId ?? '';
    const document = await this.#send('/api/v1/documents', samplePdf(), 'application/pdf', randomUUID());
    this.#documentId = String(document.json['documentId']);
  }

  /** Tokens live some minutes; this one is not counted. */
  async renewToken(): Promise<void> {
    this.#token = await clientToken(this.#url);
    this.acknowledged.tokens.answered++;
  }

  start(workers: number): void {
    this.#on = true;
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }

  /** Deeds under way are asked for until they are answered: the service must be running. */
  async stop(): Promise<void> {
    this.#on = false;
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    while (this.#on) {
      const dice = this.#random();
      const licenceId = this.#pick(this.acknowledged.licences);
      if (licenceId === undefined || dice < 0.3) await this.#issue();
      else if (dice < 0.55) await this.#show(licenceId);
      else if (dice < 0.75) await this.#verify(licenceId);
      else if (dice < 0.82) await this.#stamp();
      else if (dice < 0.9) await this.#batch();
      else await this.#askToken();
    }
  }

  async #issue(): Promise<void> {
    const order = {
      typeCode: drivingLicence.typeCode,
      holder: { kind: 'person', name: people[0]?.name, idType: 'resident-id', idNumber: people[0]?.idNumber },
      claims: { vehicleClass: 'C1', firstIssuedOn: '2015-06-01', sex: '男', birthdate: '1990-03-07' },
      validFrom: '2025-06-01',
      validUntil: '2035-06-01',
    };
    const reply = await this.#insist('/api/v1/licences', order);
    if (reply !== undefined) this.acknowledged.licences.add(String(reply.json['licenceId']));
  }

  async #stamp(): Promise<void> {
    const placements = [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }];
    const order = {
      sealId: this.#sealId,
      documentId: this.#documentId,
      placements,
      purpose: '试',
      policy: 'intl',
      level: 'B-B',
    };
    const reply = await this.#insist('/api/v1/stampings', order);
    if (reply !== undefined) this.acknowledged.stampings.add(String(reply.json['stampingId']));
  }

  /** Asked for until it has ended, whatever was killed meanwhile: each document has one stamping of its own. */
  async #batch(): Promise<void> {
    const documents = [];
    for (let i = 0; i < batchDocuments; i++) {
      const key = randomUUID();
      const upload = () => this.#send('/api/v1/documents', samplePdf(), 'application/pdf', key).catch(() => undefined);
      let reply = await upload();
      for (; reply?.status !== 201; reply = await upload()) {
        if (reply?.status === 401) await this.renewToken().catch(() => undefined);
        await pause(retryMs);
      }
      documents.push({ documentId: String(reply.json['documentId']) });
    }
    const placements = [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }];
    const terms = { sealId: this.#sealId, placements, purpose: '试', policy: 'intl', level: 'B-B' };
    const ordered = await this.#insist('/api/v1/stamping-batches', { ...terms, documents });
    if (ordered === undefined) return;
    const path = `/api/v1/stamping-batches/${String(ordered.json['batchId'])}`;
    const ended = await this.#until(path, ({ json }) => json['status'] === 'ended');
    const { json } = await this.#until(`${path}/items`, ({ status }) => status === 200);
    const items = json['items'] as readonly { status: string; code: string | null; stampingId: string | null }[];
    const stampings = new Set(items.flatMap(({ stampingId }) => stampingId ?? []));
    if (stampings.size !== batchDocuments)
      this.faults.push(
        `${path} ended as ${JSON.stringify(ended.json['counts'])}: ${items.map(({ code }) => code).join()}`,
      );
    for (const stampingId of stampings) this.acknowledged.stampings.add(stampingId);
  }

  async #until(path: string, enough: (reply: Reply) => boolean): Promise<Reply> {
    for (;;) {
      const reply = await this.#get(path).catch(() => undefined);
      if (reply !== undefined && enough(reply)) return reply;
      if (reply?.status === 401) await this.renewToken().catch(() => undefined);
      await pause(retryMs);
    }
  }

  async #show(licenceId: string): Promise<void> {
    const counts = this.acknowledged.shown.get(licenceId) ?? { answered: 0, lost: 0 };
    this.acknowledged.shown.set(licenceId, counts);
    const reply = await this.#get(`/api/v1/licences/${licenceId}/qr`).catch(() => undefined);
    if (reply?.status !== 200) counts.lost++;
    else {
      counts.answered++;
      this.#qrTexts.set(licenceId, String(reply.json['text']));
    }
    if (reply?.status !== 200) await pause(retryMs);
  }

  async #verify(licenceId: string): Promise<void> {
    const text = this.#qrTexts.get(licenceId);
    if (text === undefined) return this.#show(licenceId);
    const body = JSON.stringify({ text });
    const reply = await this.#send('/api/v1/licence-verifications', body, 'application/json').catch(() => undefined);
    if (reply?.status === 200) this.acknowledged.verifications.add(String(reply.json['verificationId']));
    else await pause(retryMs);
  }

  async #askToken(): Promise<void> {
    try {
      await clientToken(this.#url, 'sandbox-system', ['licence.read']);
      this.acknowledged.tokens.answered++;
    } catch {
      this.acknowledged.tokens.lost++;
      await pause(retryMs);
    }
  }

  /** The same key until there is an answer; what is answered twice must be the same. */
  async #insist(path: string, order: object): Promise<Reply | undefined> {
    const key = randomUUID();
    const body = JSON.stringify(order);
    for (;;) {
      const reply = await this.#send(path, body, 'application/json', key).catch(() => undefined);
      if (reply !== undefined && reply.status >= 200 && reply.status < 300) return reply;
      if (reply?.status === 401) await this.renewToken().catch(() => undefined);
      else if (reply !== undefined && reply.status < 500 && reply.status !== 409 && reply.status !== 429) {
        this.faults.push(`${path} answered ${reply.status} ${String(reply.json['code'])}`);
        return undefined;
      }
      await pause(retryMs);
    }
  }

  async #get(path: string): Promise<Reply> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return replyOf(await fetch(this.#url + path, { headers, signal: AbortSignal.timeout(answerMs) }));
  }

  async #send(path: string, body: string | Uint8Array, type: string, key?: string): Promise<Reply> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}`, 'content-type': type };
    if (key !== undefined) headers['idempotency-key'] = key;
    const given = typeof body === 'string' ? body : Buffer.from(body);
    const signal = AbortSignal.timeout(answerMs);
    return replyOf(await fetch(this.#url + path, { method: 'POST', headers, body: given, signal }));
  }

  /** One of the newest. */
  #pick(ids: ReadonlySet<string>): string | undefined {
    const newest = [...ids].slice(-20);
    return newest[Math.floor(this.#random() * newest.length)];
  }
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, json: JSON.parse(text) as Record<string, unknown> };
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

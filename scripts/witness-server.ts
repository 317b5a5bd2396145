// A witness of logs: cosigns what continues the checkpoint it cosigned last, and forgets nothing it said; C2SP tlog-witness, tlog-cosignature.

import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { verifyEd25519 } from '../src/audit/note-signature.ts';
import { sha256 } from '../src/crypto/digest.ts';
import { equalBytes } from '../src/kernel/bytes.ts';
import { type Clock, epochSeconds } from '../src/kernel/clock.ts';
import { type Checkpoint, parseCheckpoint } from '../src/tlog/checkpoint.ts';
import { cosign } from '../src/tlog/cosignature.ts';
import { emptyRoot } from '../src/tlog/merkle.ts';
import {
  encodeVerifierKey,
  type NoteKey,
  noteKey,
  parseNote,
  parseVerifierKey,
  signatureLine,
  signaturesOf,
  signatureTypes,
  verifyNote,
} from '../src/tlog/note.ts';
import { verifyConsistency } from '../src/tlog/proof.ts';
import { parseAddCheckpoint } from '../src/tlog/witness-request.ts';

export interface WitnessOptions {
  /** Holds the key, made at the first start, and the last checkpoint of each log. One process at a time. */
  readonly directory: string;
  /** Name of the witness in its cosignatures, e.g. `witness.example/w1`. */
  readonly name: string;
  /** Verifier keys of the logs it witnesses; the name of a key is the origin of its log. */
  readonly logs: readonly string[];
  readonly clock: Clock;
  readonly host?: string;
  /** 0, the default: a free one. */
  readonly port?: number;
}

export interface RunningWitness {
  readonly url: string;
  /** As LOG_WITNESSES takes it. */
  readonly verifierKey: string;
  /** What it cosigned last, with its own line; `undefined` when nothing. */
  latest(origin: string): string | undefined;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

const maxRequestSizeBytes = 64 * 1024;
const requestTimeoutMs = 10_000;

/** Throws for a key or folder that cannot be used. */
export async function startWitness(options: WitnessOptions): Promise<RunningWitness> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const witness = new Witness(options);
  const server = createServer((request, response) => {
    witness.serve(request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  server.requestTimeout = requestTimeoutMs;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://${options.host ?? '127.0.0.1'}:${port}`,
    verifierKey: encodeVerifierKey(witness.key),
    latest: (origin) => witness.latest(origin),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

class Witness {
  readonly key: NoteKey;
  readonly #options: WitnessOptions;
  readonly #privateKey: ReturnType<typeof createPrivateKey>;
  readonly #logs: ReadonlyMap<string, NoteKey>;
  /** One request after the other: what is compared must still hold when it is replaced. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: WitnessOptions) {
    this.#options = options;
    const file = join(options.directory, 'key.pem');
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('ed25519');
      writeDurably(file, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    }
    this.#privateKey = createPrivateKey(readFileSync(file));
    const spki = createPublicKey(this.#privateKey).export({ format: 'der', type: 'spki' });
    const key = noteKey(sha256, options.name, new Uint8Array(spki), signatureTypes.cosignature);
    if (key === undefined) throw new RangeError(`not a name for a witness: ${options.name}`);
    this.key = key;
    this.#logs = new Map(options.logs.map(logOf));
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body, type = 'text/plain; charset=utf-8' } = await this.#answer(request);
    response.writeHead(status, { 'content-type': type }).end(body);
  }

  /** The file of a log is its state: it is replaced whole before anything is answered. */
  latest(origin: string): string | undefined {
    const file = this.#fileOf(origin);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    if (request.method === 'GET') return this.#monitored(request.url ?? '');
    if (request.url !== '/add-checkpoint') return refusal(404, 'there is nothing here');
    if (request.method !== 'POST') return refusal(405, 'post it');
    const body = await bodyOf(request);
    if (body === undefined) return refusal(413, 'the request is too long');
    const next = this.#turn.then(() => this.#addCheckpoint(body));
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #monitored(path: string): Answer {
    const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
    const origin = [...this.#logs.keys()].find((name) => originHash(name) === hash);
    const note = origin === undefined ? undefined : this.latest(origin);
    return note === undefined ? refusal(404, 'nothing was cosigned of such a log') : { status: 200, body: note };
  }

  /** In the order of the specification: log, signature, sizes, state, proof. */
  async #addCheckpoint(body: Uint8Array): Promise<Answer> {
    const request = parseAddCheckpoint(body);
    const note = request === undefined ? undefined : parseNote(request.checkpoint);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
    if (request === undefined || note === undefined || checkpoint === undefined)
      return refusal(400, 'not a request to add a checkpoint');
    const logKey = this.#logs.get(checkpoint.origin);
    if (logKey === undefined) return refusal(404, 'this log is not known here');
    if (!verifyNote(note, logKey, verifyEd25519)) return refusal(403, 'not signed by the key of this log');
    if (request.oldSize > checkpoint.size) return refusal(400, 'the old size is beyond the checkpoint');
    const known = this.#known(checkpoint.origin);
    if (request.oldSize !== known.size) return { status: 409, body: `${known.size}\n`, type: 'text/x.tlog.size' };
    if (!continues(known, checkpoint, request.proof))
      return refusal(422, 'the checkpoint does not continue the last one');
    const line = await cosign(
      note.text,
      this.key,
      epochSeconds(this.#options.clock.now()),
      async (data) => new Uint8Array(sign(null, data, this.#privateKey)),
    );
    // A crash here has said nothing. After the file is replaced the log may not have heard it: it asks again, with this size.
    const logLines = signaturesOf(note, logKey).map(signatureLine);
    writeDurably(this.#fileOf(checkpoint.origin), `${note.text}\n${logLines.join('')}${line}`);
    return { status: 200, body: line };
  }

  #known(origin: string): Pick<Checkpoint, 'size' | 'root'> {
    const stored = this.latest(origin);
    if (stored === undefined) return { size: 0, root: emptyRoot(sha256) };
    const checkpoint = parseCheckpoint(parseNote(stored)?.text ?? '');
    if (checkpoint === undefined) throw new Error(`the state of ${origin} is damaged: ${this.#fileOf(origin)}`);
    return checkpoint;
  }

  #fileOf(origin: string): string {
    return join(this.#options.directory, `${originHash(origin)}.note`);
  }
}

function logOf(text: string): [string, NoteKey] {
  const key = parseVerifierKey(sha256, text);
  if (key === undefined) throw new RangeError(`not the verifier key of a log: ${text}`);
  return [key.name, key];
}

function continues(known: Pick<Checkpoint, 'size' | 'root'>, next: Checkpoint, path: readonly Uint8Array[]): boolean {
  if (next.size === 0) return path.length === 0 && equalBytes(next.root, emptyRoot(sha256));
  const proof = { first: known.size, second: next.size, firstRoot: known.root, secondRoot: next.root, path };
  return verifyConsistency(sha256, proof);
}

function originHash(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

function refusal(status: number, body: string): Answer {
  return { status, body: `${body}\n` };
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer)) continue;
    sizeBytes += chunk.length;
    if (sizeBytes > maxRequestSizeBytes) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Whole and on the disk, or not at all. */
function writeDurably(file: string, text: string): void {
  const draft = `${file}.new`;
  const descriptor = openSync(draft, 'w', 0o600);
  writeFileSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(draft, file);
  const folder = openSync(join(file, '..'), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

// Asks one witness to cosign a checkpoint, and believes nothing of its answer that is not proven; C2SP tlog-witness, "add-checkpoint".

import { concatBytes, fromUtf8 } from '../kernel/bytes.ts';
import { type Cosignature, cosignatureOf } from '../tlog/cosignature.ts';
import { type NoteKey, parseNote } from '../tlog/note.ts';
import { type AddCheckpoint, encodeAddCheckpoint } from '../tlog/witness-request.ts';
import { verifyEd25519 } from './note-signature.ts';

export interface Witness {
  /** Submission prefix, without a slash at its end. */
  readonly url: string;
  /** Of type `cosignature`. */
  readonly key: NoteKey;
}

export type WitnessAnswer =
  | ({ readonly kind: 'cosigned' } & Cosignature)
  /** 409: the witness cosigned this size last. Nothing proves it. */
  | { readonly kind: 'other-size'; readonly size: number }
  /** 422: what the witness cosigned is not a prefix of this tree, it says. */
  | { readonly kind: 'inconsistent' }
  /** Refused for another reason, silent, or not an answer of a witness. */
  | { readonly kind: 'unusable'; readonly reason: string };

const refusals: Readonly<Record<number, string>> = {
  400: 'it could not read the request',
  403: 'it has another key for this log',
  404: 'it does not know this log',
};
const timeoutMs = 2_000;
const lastEpochSeconds = 253_402_300_799; // of the year 9999: what lies beyond is no moment for all who keep or show it
const maxAnswerSizeBytes = 64 * 1024; // 64 signature lines at most; the longest kind takes 5 kB

/** Never throws. `stop` gives up early. */
export async function askWitness(witness: Witness, request: AddCheckpoint, stop: AbortSignal): Promise<WitnessAnswer> {
  try {
    const response = await fetch(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: encodeAddCheckpoint(request),
      redirect: 'error', // the setting names the witness; nobody else does
      signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
    });
    const body = await limitedText(response);
    if (body === undefined) return unusable('its answer is too long, or not text');
    switch (response.status) {
      case 200:
        return cosignatureIn(body, witness, request);
      case 409:
        return sizeIn(body, response);
      case 422:
        return { kind: 'inconsistent' };
      default:
        return unusable(refusals[response.status] ?? `it answered ${response.status}`);
    }
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    return unusable(name === 'TimeoutError' ? 'it did not answer in time' : 'it cannot be reached');
  }
}

/** Lines of unknown keys are left out; the one of this witness must be there and good, under exactly what we sent. */
function cosignatureIn(body: string, { key }: Witness, { checkpoint }: AddCheckpoint): WitnessAnswer {
  const sent = parseNote(checkpoint);
  const note = parseNote(`${checkpoint}${body}`);
  // An answer with a blank line would move the border between text and signatures.
  if (note === undefined || note.text !== sent?.text) return unusable('its answer is not signature lines');
  const cosignature = cosignatureOf(note, key, verifyEd25519);
  if (cosignature === undefined) return unusable('its answer bears no good cosignature of its key');
  if (cosignature.epochSeconds > lastEpochSeconds) return unusable('the time in its cosignature is none');
  return { kind: 'cosigned', ...cosignature };
}

function sizeIn(body: string, response: Response): WitnessAnswer {
  const isSize = /^text\/x\.tlog\.size\s*(;|$)/i.test(response.headers.get('content-type') ?? '');
  const digits = /^(0|[1-9]\d*)\n$/.exec(body)?.[1];
  const size = Number(digits);
  if (!isSize || digits === undefined || !Number.isSafeInteger(size)) return unusable('its conflict names no size');
  return { kind: 'other-size', size };
}

/** A length that is told can be a lie; what counts is what comes. `undefined`: too long, or not text. */
async function limitedText({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader = body?.getReader();
  for (;;) {
    const chunk: { done: boolean; value?: Uint8Array } | undefined = await reader?.read();
    if (chunk?.value === undefined) return fromUtf8(concatBytes(...chunks));
    sizeBytes += chunk.value.length;
    chunks.push(chunk.value);
    if (sizeBytes > maxAnswerSizeBytes) {
      await reader?.cancel();
      return undefined;
    }
  }
}

function unusable(reason: string): WitnessAnswer {
  return { kind: 'unusable', reason };
}

// What a log sends to a witness: the size the witness knows, a consistency proof, the checkpoint; C2SP tlog-witness, "add-checkpoint".

import { fromBase64, fromUtf8, toBase64 } from '../kernel/bytes.ts';
import { hashSizeBytes } from './merkle.ts';

export interface AddCheckpoint {
  /** Size of the checkpoint that the witness cosigned last; 0 when it never did. */
  readonly oldSize: number;
  /** RFC 9162, 2.1.4, from `oldSize` to the checkpoint. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

const maxProofLines = 63;

export function encodeAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map(toBase64), '', checkpoint].join('\n');
}

/** `undefined` when it is not such a request. Nothing in it is verified. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint | undefined {
  const text = fromUtf8(body);
  const split = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || split < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  const sizeText = /^old (0|[1-9]\d*)$/.exec(first)?.[1];
  const oldSize = Number(sizeText);
  if (sizeText === undefined || !Number.isSafeInteger(oldSize) || lines.length > maxProofLines) return undefined;
  const proof: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== hashSizeBytes) return undefined;
    proof.push(hash);
  }
  return { oldSize, proof, checkpoint: text.slice(split + 2) };
}

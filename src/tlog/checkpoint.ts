// Checkpoints: origin, tree size and root hash as the text of a signed note; C2SP tlog-checkpoint, "Note text".

import { fromBase64, toBase64 } from '../kernel/bytes.ts';
import { hashSizeBytes } from './merkle.ts';

export interface Checkpoint {
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  readonly root: Uint8Array;
}

export function checkpointText(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`;
}

/** The text of a note as a checkpoint; `undefined` when it is none. Extension lines are accepted and mean nothing. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith('\n')) return undefined;
  const lines = text.slice(0, -1).split('\n');
  const [origin, sizeText, rootText] = lines;
  if (origin === undefined || sizeText === undefined || rootText === undefined || lines.includes('')) return undefined;
  if (!/^(?:0|[1-9]\d*)$/.test(sizeText)) return undefined;
  const size = Number(sizeText);
  const root = fromBase64(rootText);
  if (!Number.isSafeInteger(size) || root?.length !== hashSizeBytes) return undefined;
  return { origin, size, root };
}

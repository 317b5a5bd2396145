// An offline proof: index, path and checkpoint in one text, and extra data of whoever makes it; C2SP tlog-proof.

import { fromBase64, fromUtf8, toBase64 } from '../kernel/bytes.ts';
import { hashSizeBytes } from './merkle.ts';
import { maxPathLength } from './proof.ts';

export interface ProofFile {
  readonly index: number;
  readonly path: readonly Uint8Array[];
  /** The signed note, verbatim. */
  readonly checkpoint: string;
  /** Not authenticated by the format: whoever reads it must hash it into the leaf. */
  readonly extra?: Uint8Array;
}

const firstLine = 'c2sp.org/tlog-proof@v1';
const maxFileSizeBytes = 2_000_000;

export function encodeProofFile(proof: ProofFile): string {
  const lines = [firstLine];
  if (proof.extra !== undefined) lines.push(`extra ${toBase64(proof.extra)}`);
  lines.push(`index ${proof.index}`, ...proof.path.map(toBase64), '', proof.checkpoint);
  return lines.join('\n');
}

/** `undefined` when it is not a proof file. */
export function parseProofFile(file: string | Uint8Array): ProofFile | undefined {
  const text = file.length > maxFileSizeBytes ? undefined : typeof file === 'string' ? file : fromUtf8(file);
  const split = text?.indexOf('\n\n') ?? -1;
  if (text === undefined || split < 0) return undefined;
  const [version, ...lines] = text.slice(0, split).split('\n');
  if (version !== firstLine) return undefined;
  const extraText = lines[0]?.startsWith('extra ') === true ? lines.shift()?.slice('extra '.length) : undefined;
  const extra = extraText === undefined ? undefined : fromBase64(extraText);
  const indexText = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1];
  if (indexText === undefined || (extraText !== undefined && extra === undefined) || lines.length > maxPathLength)
    return undefined;
  const path: Uint8Array[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== hashSizeBytes) return undefined;
    path.push(hash);
  }
  const index = Number(indexText);
  if (!Number.isSafeInteger(index)) return undefined;
  const proof = { index, path, checkpoint: text.slice(split + 2) };
  return extra === undefined ? proof : { ...proof, extra };
}

// What stays inside the house of an archived month: index columns and sealed parts, one line an entry, and the manifest that says where.

import { fromBase64, fromUtf8, toBase64, utf8 } from '../../kernel/bytes.ts';
import type { EntryRow } from '../entry-row.ts';

export type RowWithoutLeaf = Omit<EntryRow, 'leaf'>;

export interface Manifest {
  readonly month: string;
  readonly entries: number;
  /** No leaf at or beyond it is of this month. */
  readonly endIndex: number;
  /** Size and root of the signed tree that covers the files of the month. */
  readonly checkpointSize: number;
  readonly rootHex: string;
  readonly rowsSha256Hex: string;
  /** Where in the file of rows the entries of a tile of level 0 begin: tile, offset in bytes; in order. */
  readonly blocks: readonly (readonly [tile: number, offset: number])[];
}

export function rowsPath(month: string): string {
  return `inside/${month}.rows`;
}

export function manifestPath(month: string): string {
  return `inside/${month}.json`;
}

/** Sealed parts stay sealed: a person whose key is destroyed is erased from here too, and from every copy. */
export function encodeRow(index: number, row: RowWithoutLeaf): string {
  const bytes = (value: Uint8Array | null): string | null => (value === null ? null : toBase64(value));
  return `${JSON.stringify([
    index,
    row.id,
    row.action,
    row.outcome,
    row.client_id,
    bytes(row.actor_tag),
    bytes(row.subject_tag),
    bytes(row.object_tag),
    bytes(row.actor_part),
    bytes(row.subject_part),
  ])}\n`;
}

/** `undefined` for a line that is none of ours. */
export function decodeRow(line: string): { index: number; row: RowWithoutLeaf } | undefined {
  const fields = parsed(line);
  if (!Array.isArray(fields) || fields.length !== 10) return undefined;
  const [index, id, action, outcome, client, ...sealed]: unknown[] = fields;
  const [actorTag, subjectTag, objectTag, actorPart, subjectPart] = sealed.map((value) =>
    value === null ? null : typeof value === 'string' ? fromBase64(value) : undefined,
  );
  if (typeof index !== 'number' || typeof id !== 'string') return undefined;
  if (typeof action !== 'number' || typeof outcome !== 'number') return undefined;
  if (client !== null && typeof client !== 'string') return undefined;
  if (actorTag === undefined || subjectTag === undefined || objectTag === undefined) return undefined;
  if (actorPart === undefined || subjectPart === undefined) return undefined;
  const tags = { actor_tag: actorTag, subject_tag: subjectTag, object_tag: objectTag };
  const row = { id, action, outcome, client_id: client, ...tags, actor_part: actorPart, subject_part: subjectPart };
  return { index, row };
}

export function encodeManifest(manifest: Manifest): Uint8Array {
  return utf8(`${JSON.stringify({ v: 1, ...manifest })}\n`);
}

/** `undefined` for anything but a manifest of version 1. */
export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  const json = parsed(fromUtf8(bytes) ?? '');
  if (typeof json !== 'object' || json === null || !('v' in json) || json.v !== 1) return undefined;
  if (!('blocks' in json) || !Array.isArray(json.blocks)) return undefined;
  const blocks: [number, number][] = [];
  for (const block of json.blocks) {
    const [tile, offset]: unknown[] = Array.isArray(block) ? block : [];
    if (typeof tile !== 'number' || typeof offset !== 'number') return undefined;
    blocks.push([tile, offset]);
  }
  const text = (name: string): string => String(Reflect.get(json, name));
  const count = (name: string): number => Number(Reflect.get(json, name));
  return {
    month: text('month'),
    entries: count('entries'),
    endIndex: count('endIndex'),
    checkpointSize: count('checkpointSize'),
    rootHex: text('rootHex'),
    rowsSha256Hex: text('rowsSha256Hex'),
    blocks,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The offline checker of an export of the audit log (JSON lines): every line proved under the checkpoint of the first one, none missing at the end.

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { canonicalJson, type PlainObject } from '../audit/canonical-json.ts';
import { parseLeaf } from '../audit/leaf.ts';
import { openedParts, type Openings } from '../audit/receipt.ts';
import { sha256 } from '../crypto/digest.ts';
import { fromBase64url, fromHex } from '../kernel/bytes.ts';
import { finding } from '../kernel/report.ts';
import { leafHash } from '../tlog/merkle.ts';
import { verifyInclusion } from '../tlog/proof.ts';
import { type AuditReport, bad, undecided } from './audit-report.ts';
import { type OpenedCheckpoint, openCheckpoint, trustOf } from './audit-trust.ts';

export interface VerifyExportInput {
  readonly path: string;
  /** `name+hash+base64`. */
  readonly keys: readonly string[];
  readonly witnesses: readonly string[];
  readonly need?: number;
}

const longestLine = 1_000_000; // a leaf and two sealed parts, each 65,535 bytes at most, and their path

/** Holds one line in memory. What an export leaves out it cannot tell: who asked, asked. */
export async function verifyExport({ path, keys, witnesses, need }: VerifyExportInput): Promise<AuditReport> {
  const trust = trustOf({ keys, witnesses, ...(need === undefined ? {} : { need }) });
  if ('exitStatus' in trust) return trust;
  let checkpoint: OpenedCheckpoint | undefined;
  let entries = 0;
  let lastId = '~';
  let ended = false;
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = lineOf(text);
    if (line === undefined || ended) return undecided('export-malformed', `line ${entries + 1} is none of an export`);
    if (checkpoint === undefined) {
      if (line['kind'] !== 'checkpoint' || typeof line['checkpoint'] !== 'string')
        return undecided('export-malformed', 'the first line is no checkpoint: is it an export in JSON lines?');
      const opened = openCheckpoint(line['checkpoint'], trust);
      if ('exitStatus' in opened) return opened;
      checkpoint = opened;
    } else if (line['kind'] === 'end') {
      if (line['entries'] !== entries)
        return bad('export-incomplete', `it holds ${entries} of ${String(line['entries'])} entries`);
      ended = true;
    } else {
      const judged = judgedLine(line, checkpoint, lastId);
      if ('exitStatus' in judged) return judged;
      lastId = judged.entryId;
      entries++;
    }
  }
  if (checkpoint === undefined) return undecided('export-malformed', 'the file is empty');
  const { origin, size } = checkpoint;
  if (!ended) return bad('export-incomplete', `it ends after ${entries} entries without saying so`, { origin, size });
  return {
    exitStatus: 0,
    origin,
    size,
    findings: [finding('export-verified', 'info', `${entries} entries are under the signed root of ${size}`)],
  };
}

function judgedLine(
  line: Record<string, unknown>,
  { origin, size, root }: OpenedCheckpoint,
  before: string,
): { entryId: string } | AuditReport {
  const { kind, index, at, entry, opened, path } = line;
  const about = { origin, size, ...(typeof index === 'number' ? { index, firstBadEntry: index } : {}) };
  const bytes = isPlainObject(entry) ? canonicalJson(entry) : undefined;
  const leaf = bytes === undefined ? undefined : parseLeaf(bytes);
  const hashes = Array.isArray(path)
    ? path.map((one: unknown) => (typeof one === 'string' ? fromHex(one) : undefined))
    : [];
  if (kind !== 'entry' || typeof index !== 'number' || bytes === undefined || leaf === undefined)
    return bad('entry-malformed', `line with index ${String(index)} is no audit entry`, about);
  const proof = { index, path: hashes.map((hash) => hash ?? new Uint8Array()), leafHash: leafHash(sha256, bytes) };
  if (!verifyInclusion(sha256, { ...proof, size, root }))
    return bad('inclusion-failed', `entry ${index} is not in the tree of the checkpoint`, about);
  if (at !== leaf.at.toISOString()) return bad('entry-differs', `entry ${index} was not at ${String(at)}`, about);
  const openings = openingsIn(opened);
  const parts = openings === undefined || !isPlainObject(entry) ? { wrong: 'opened' } : openedParts(entry, openings);
  if ('wrong' in parts)
    return bad('opening-differs', `the part "${parts.wrong}" of entry ${index} is not what it commits to`, about);
  // Newest first, so an entry cannot be there twice to make up for one that is not.
  if (leaf.entryId >= before) return bad('export-disordered', `entry ${index} is out of order`, about);
  return { entryId: leaf.entryId };
}

function openingsIn(opened: unknown): Openings | undefined {
  if (!isPlainObject(opened)) return undefined;
  const openings: { -readonly [K in keyof Openings]: Openings[K] } = {};
  for (const [name, part] of Object.entries(opened)) {
    if ((name !== 'actor' && name !== 'about') || !isPlainObject(part)) return undefined;
    const { salt, said } = part;
    const bytes = typeof salt === 'string' ? fromBase64url(salt) : undefined;
    if (bytes === undefined || !isPlainObject(said)) return undefined;
    openings[name] = { salt: bytes, text: canonicalJson(said) };
  }
  return openings;
}

function lineOf(text: string): Record<string, unknown> | undefined {
  if (text.length > longestLine) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const deepest = 8; // leaves and parts have three levels

function isPlainObject(value: unknown, depth = 0): value is PlainObject {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    depth < deepest &&
    Object.values(value).every(
      (one) => ['string', 'number', 'boolean'].includes(typeof one) || isPlainObject(one, depth + 1),
    )
  );
}

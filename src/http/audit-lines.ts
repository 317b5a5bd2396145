// JSON lines of an export of the audit log. `entry` and `said` are canonical JSON (RFC 8785) taken apart: spelled again they are the bytes that were hashed.
//
//   { "kind": "checkpoint", "checkpoint": signed note, "asked": … }
//   { "kind": "entry", "index", "at", "entry": the leaf, "opened": { "actor"?: { "salt": base64url, "said": … }, "about"?: … }, "faults": […], "path": [hex] }
//   { "kind": "end", "entries": their number }

import type { AuditEntry } from '../audit/audit-entry.ts';
import type { Asked } from '../audit/audited-reading.ts';
import { parseCanonicalJson } from '../audit/canonical-json.ts';
import type { ExportedEntry } from '../audit/export.ts';
import type { ProvenTree } from '../audit/proofs.ts';
import { toBase64url, toHex } from '../kernel/bytes.ts';

export function headLine({ checkpoint }: ProvenTree, asked: Asked): string {
  return line({ kind: 'checkpoint', checkpoint, asked });
}

export function entryLine({ entry, proof }: ExportedEntry): string {
  const leaf = parseCanonicalJson(entry.leaf);
  return line({
    kind: 'entry',
    index: proof.index,
    at: entry.at.toISOString(),
    // Of a row that was tampered with so far that it is no entry, the bytes: its proof fails.
    ...(leaf === undefined ? { leaf: toBase64url(entry.leaf) } : { entry: leaf }),
    opened: { ...opened('actor', entry.openings.actor), ...opened('about', entry.openings.subject) },
    faults: entry.faults,
    path: proof.path.map(toHex),
  });
}

export function endLine(entries: number): string {
  return line({ kind: 'end', entries });
}

type Opening = AuditEntry['openings']['actor'];

function opened(name: 'actor' | 'about', opening: Opening) {
  if (opening === undefined) return {};
  return { [name]: { salt: toBase64url(opening.salt), said: parseCanonicalJson(opening.text) } };
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

// The bytes of a log entry that the Merkle tree is made of: canonical JSON (RFC 8785), version 1, without personal data.
//
//   { "v": 1, "id": "ent_…", "at": "2026-01-02T03:04:05.678Z", "action": …, "outcome": …,
//     "actor": { "kind": …, "client"?: …, "ref"?: keyed reference, "organisation"?: "org_…", "level"?: 0..5 },
//     "object"?: id or keyed reference, "objectSha256"?: hex, "subject"?: keyed reference, "code"?: …, "facts"?: { … },
//     "detail"?: hex of SHA-256(salt ‖ detail) }
//
// A keyed reference is base64url of HMAC-SHA-256 under a key of the service: equal for equal persons, meaningless outside.

import { toBase64url, toHex } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, uuidFromId, type Uuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { maxLeafSizeBytes } from '../tlog/entry-bundle.ts';
import { canonicalJson, type PlainObject, type PlainValue, parseCanonicalJson } from './canonical-json.ts';
import type { AuditEvent } from './events.ts';

export interface LeafReferences {
  readonly actorRef: Uint8Array | undefined;
  readonly subjectRef: Uint8Array | undefined;
  /** What the object is called in the leaf. */
  readonly objectRef: string | undefined;
  readonly detailCommitment: Uint8Array | undefined;
}

/** What can be read from a leaf without any key. */
export interface Leaf {
  readonly entryId: Uuid;
  readonly at: Date;
  /** Text: a process reads entries of a newer one during an update. */
  readonly action: string;
  readonly outcome: string;
  readonly clientId: string | undefined;
  readonly object: string | undefined;
  readonly code: string | undefined;
  readonly detailCommitment: string | undefined;
  readonly facts: PlainObject;
}

/** Throws `request-too-large` when the leaf would be over the 65,535 bytes that can be served. */
export function encodeLeaf(
  entryId: Uuid,
  principal: Principal,
  event: AuditEvent,
  references: LeafReferences,
): Uint8Array {
  const leaf = canonicalJson({
    v: 1,
    id: idFromUuid('entry', entryId),
    at: momentOf(entryId).toISOString(),
    action: event.action,
    outcome: event.outcome,
    actor: {
      kind: principal.kind,
      client: principal.clientId,
      ref: base64urlOrNone(references.actorRef),
      organisation: principal.actingFor?.organisationId,
      level: principal.kind === 'person' ? principal.level : undefined,
    },
    object: references.objectRef,
    objectSha256: hexOrNone(event.objectSha256),
    subject: base64urlOrNone(references.subjectRef),
    code: event.code,
    facts: event.facts,
    detail: hexOrNone(references.detailCommitment),
  });
  if (leaf.length > maxLeafSizeBytes) throw new TrustError('request-too-large', 'the audit entry is over 65,535 bytes');
  return leaf;
}

/** `undefined` when the bytes are not the canonical spelling of a leaf of version 1. */
export function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  const json = parseCanonicalJson(bytes);
  if (json?.['v'] !== 1) return undefined;
  const { id, at, action, outcome, actor, object, code, detail, facts } = json;
  const entryId = typeof id === 'string' ? uuidFromId('entry', id) : undefined;
  if (entryId === undefined || typeof action !== 'string' || typeof outcome !== 'string') return undefined;
  if (momentOf(entryId).toISOString() !== at || typeof actor !== 'object') return undefined;
  return {
    entryId,
    at: momentOf(entryId),
    action,
    outcome,
    clientId: textOrNone(actor['client']),
    object: textOrNone(object),
    code: textOrNone(code),
    detailCommitment: textOrNone(detail),
    facts: typeof facts === 'object' ? facts : {},
  };
}

/** The time of an entry is the time in its UUID version 7 (RFC 9562, 5.7): one of the two cannot be changed alone. */
export function momentOf(entryId: Uuid): Date {
  return moment(Number.parseInt(entryId.slice(0, 8) + entryId.slice(9, 13), 16));
}

function textOrNone(value: PlainValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function hexOrNone(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}

function base64urlOrNone(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toBase64url(bytes);
}

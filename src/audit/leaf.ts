// The bytes of a log entry that the Merkle tree is made of, served to everyone: canonical JSON (RFC 8785), version 2, with nothing in it that leads to a person.
//
//   { "v": 2, "events": version of the list of events, "id": "ent_…", "action": …, "outcome": …, "client"?: a system,
//     "organisation"?: "org_…" acted for, "level"?: 0..5 of a person who acts, "object"?: …, "sha256"?: base64url, of the object,
//     "subject"?: "org_…", "code"?: …, "facts"?: { … }, "actor"?: commitment, "about"?: commitment }
//
// A commitment is base64url of SHA-256(salt ‖ text of a sealed part): `actor` of the part under the key of who acts, `about` of the
// part under the key of the person it is about. The time is in the id.

import { toBase64url } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid, uuidFromId, type Uuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { maxLeafSizeBytes } from '../tlog/entry-bundle.ts';
import { canonicalJson, type PlainObject, type PlainValue, parseCanonicalJson } from './canonical-json.ts';
import { eventsVersion } from './event-schemas.ts';
import type { AnyEvent } from './events.ts';

/** What of an event is public, and what is committed to. */
export interface LeafParts {
  readonly object: string | undefined;
  readonly objectSha256: Uint8Array | undefined;
  /** An organisation. */
  readonly subject: string | undefined;
  readonly actorCommitment: Uint8Array | undefined;
  readonly subjectCommitment: Uint8Array | undefined;
}

/** What can be read from a leaf without any key. */
export interface Leaf {
  readonly entryId: Uuid;
  readonly at: Date;
  readonly eventsVersion: number;
  /** Text: a process reads entries of a newer one during an update. */
  readonly action: string;
  readonly outcome: string;
  readonly clientId: string | undefined;
  readonly organisationId: string | undefined;
  readonly level: number | undefined;
  readonly object: string | undefined;
  /** base64url. */
  readonly objectSha256: string | undefined;
  readonly subject: string | undefined;
  readonly code: string | undefined;
  readonly facts: PlainObject;
  /** base64url. */
  readonly actorCommitment: string | undefined;
  readonly subjectCommitment: string | undefined;
}

/** The first digit that a reader of another build looks at. */
export const leafVersion = 2;

/** Throws `request-too-large` when the leaf would be over the 65,535 bytes that can be served. */
export function encodeLeaf(entryId: Uuid, principal: Principal, event: AnyEvent, parts: LeafParts): Uint8Array {
  const leaf = canonicalJson({
    v: leafVersion,
    events: eventsVersion,
    id: idFromUuid('entry', entryId),
    action: event.action,
    outcome: event.outcome,
    client: principal.clientId,
    organisation: principal.actingFor?.organisationId,
    level: principal.kind === 'person' ? principal.level : undefined,
    object: parts.object,
    sha256: base64urlOrNone(parts.objectSha256),
    subject: parts.subject,
    code: event.code,
    facts: event.facts,
    actor: base64urlOrNone(parts.actorCommitment),
    about: base64urlOrNone(parts.subjectCommitment),
  });
  if (leaf.length > maxLeafSizeBytes) throw new TrustError('request-too-large', 'the audit entry is over 65,535 bytes');
  return leaf;
}

/** `undefined` when the bytes are not the canonical spelling of a leaf of version 2. */
export function parseLeaf(bytes: Uint8Array): Leaf | undefined {
  const json = parseCanonicalJson(bytes);
  if (json?.['v'] !== leafVersion) return undefined;
  const { id, events, action, outcome, facts, level } = json;
  const entryId = typeof id === 'string' ? uuidFromId('entry', id) : undefined;
  if (entryId === undefined || typeof action !== 'string' || typeof outcome !== 'string') return undefined;
  if (typeof events !== 'number') return undefined;
  return {
    entryId,
    at: momentOf(entryId),
    eventsVersion: events,
    action,
    outcome,
    clientId: textOrNone(json['client']),
    organisationId: textOrNone(json['organisation']),
    level: typeof level === 'number' ? level : undefined,
    object: textOrNone(json['object']),
    objectSha256: textOrNone(json['sha256']),
    subject: textOrNone(json['subject']),
    code: textOrNone(json['code']),
    facts: typeof facts === 'object' ? facts : {},
    actorCommitment: textOrNone(json['actor']),
    subjectCommitment: textOrNone(json['about']),
  };
}

/** The time of an entry is the time in its UUID version 7 (RFC 9562, 5.7): one of the two cannot be changed alone. */
export function momentOf(entryId: Uuid): Date {
  return moment(Number.parseInt(entryId.slice(0, 8) + entryId.slice(9, 13), 16));
}

/** The smallest id that an entry of this moment can have: ids are ordered by time, so a span of time is a span of ids. */
export function firstIdAt(at: Date): Uuid {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

function textOrNone(value: PlainValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function base64urlOrNone(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toBase64url(bytes);
}

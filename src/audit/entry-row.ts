// One row of audit.entry made of who acts and what is done: the public leaf, the sealed parts, and the columns that find it again.

import { sha256 } from '../crypto/digest.ts';
import { toBase64url } from '../kernel/bytes.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { leafHash } from '../tlog/merkle.ts';
import type { PlainObject } from './canonical-json.ts';
import { auditOutcomes, type EventSchema, eventSchemas } from './event-schemas.ts';
import { type AnyEvent, isPublicObject } from './events.ts';
import { encodeLeaf } from './leaf.ts';
import { isPerson, type KeysInUse } from './person-keys.ts';
import type { SealedPart, SealingKey } from './sealing-key.ts';

export interface EntryRow {
  readonly id: Uuid;
  /** Numbers of the schema; -1 for what it does not know. */
  readonly action: number;
  readonly outcome: number;
  readonly client_id: string | null;
  readonly actor_tag: Uint8Array | null;
  readonly subject_tag: Uint8Array | null;
  readonly object_tag: Uint8Array | null;
  readonly leaf: Uint8Array;
  readonly actor_part: Uint8Array | null;
  readonly subject_part: Uint8Array | null;
}

/** One entry on its way into the log. */
export interface Draft {
  readonly entryId: Uuid;
  readonly principal: Principal;
  readonly event: AnyEvent;
}

/** Whose keys an entry needs: of the person who acts and of the person it is about. */
export function personsOf({ principal, event }: Draft): string[] {
  const persons = [principal.accountId, event.subjectId].filter(isPerson);
  return persons[0] === persons[1] ? persons.slice(0, 1) : persons;
}

/** Throws `request-too-large` when the leaf or a sealed part is over 65,535 bytes. */
export function entryRow(draft: Draft, service: SealingKey, keys: KeysInUse): EntryRow & { leaf_hash: Uint8Array } {
  const { entryId, principal, event } = draft;
  const { accountId } = principal;
  const { subjectId } = event;
  const actorKey = isPerson(accountId) ? keys.of(accountId) : undefined;
  const subjectKey = isPerson(subjectId) ? keys.of(subjectId) : undefined;
  const visible = visibleObject(draft, accountId !== undefined && principal.actingFor === undefined);
  const { actor, subject } = sealedParts(draft, visible, { service, actorKey, subjectKey });
  const leaf = encodeLeaf(entryId, principal, event, {
    ...visible,
    subject: subjectKey === undefined ? subjectId : undefined,
    actorCommitment: actor?.commitment,
    subjectCommitment: subject?.commitment,
  });
  const objectKey = visible.object === undefined ? (subjectKey ?? actorKey ?? service) : service;
  return {
    id: entryId,
    action: actionNumber(event.action),
    outcome: auditOutcomes.indexOf(event.outcome),
    client_id: principal.clientId ?? null,
    actor_tag: accountId === undefined ? null : (actorKey ?? service).tag('subject', accountId),
    subject_tag: subjectId === undefined ? null : (subjectKey ?? service).tag('subject', subjectId),
    object_tag: event.objectId === undefined ? null : objectKey.tag('object', event.objectId),
    leaf,
    actor_part: actor?.sealed ?? null,
    subject_part: subject?.sealed ?? null,
    leaf_hash: leafHash(sha256, leaf),
  };
}

/** In the index columns; -1 for an action that the schema does not know. */
export function actionNumber(action: string): number {
  const schemas: Readonly<Record<string, EventSchema>> = eventSchemas;
  return Object.hasOwn(schemas, action) ? (schemas[action]?.no ?? -1) : -1;
}

interface VisibleObject {
  readonly object: string | undefined;
  readonly objectSha256: Uint8Array | undefined;
}

function visibleObject({ event }: Draft, isPrivate: boolean): VisibleObject {
  const named = isPublicObject(event, { isPrivate });
  const digested = named && eventSchemas[event.action].objectSha256 === 'with-object';
  return {
    object: named ? event.objectId : undefined,
    objectSha256: digested ? event.objectSha256 : undefined,
  };
}

interface PartKeys {
  readonly service: SealingKey;
  readonly actorKey: SealingKey | undefined;
  readonly subjectKey: SealingKey | undefined;
}

/**
 * What the leaf must not say. Of two persons each has a part under the own key, so that one can be erased and the other's stays
 * readable. One part when they are the same, or when only one of them is a person.
 */
function sealedParts(
  { entryId, principal, event }: Draft,
  visible: VisibleObject,
  { service, actorKey, subjectKey }: PartKeys,
): { actor?: SealedPart; subject?: SealedPart } {
  const ofActor = {
    account: principal.accountId,
    operator: principal.operator,
    origin: principal.origin,
    requestId: principal.requestId,
    purpose: event.purpose,
  };
  const ofSubject = {
    subject: subjectKey === undefined ? undefined : event.subjectId,
    object: visible.object === undefined ? event.objectId : undefined,
    sha256: visible.objectSha256 === undefined ? digestText(event.objectSha256) : undefined,
    personal: event.personal,
  };
  if (subjectKey !== undefined && actorKey !== undefined && principal.accountId !== event.subjectId) {
    return {
      actor: actorKey.seal(entryId, 'actor', ofActor),
      subject: subjectKey.seal(entryId, 'subject', ofSubject),
    };
  }
  const all = { ...ofActor, ...ofSubject };
  if (subjectKey !== undefined) return { subject: subjectKey.seal(entryId, 'subject', all) };
  return isEmpty(all) ? {} : { actor: (actorKey ?? service).seal(entryId, 'actor', all) };
}

function isEmpty(part: PlainObject): boolean {
  return Object.values(part).every((value) => value === undefined);
}

function digestText(digest: Uint8Array | undefined): string | undefined {
  return digest === undefined ? undefined : toBase64url(digest);
}

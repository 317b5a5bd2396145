// An entry as auditors read it: the leaf, what it says, as much of the sealed parts as can still be opened, and what in its row disagrees.

import { sha256 } from '../crypto/digest.ts';
import { equalBytes, toBase64url, toHex } from '../kernel/bytes.ts';
import { type Id, idFromUuid } from '../kernel/ids.ts';
import { leafHash } from '../tlog/merkle.ts';
import type { PlainObject } from './canonical-json.ts';
import { auditOutcomes } from './event-schemas.ts';
import { actionNumber, type EntryRow } from './entry-row.ts';
import { type Leaf, momentOf, parseLeaf } from './leaf.ts';
import { isPerson } from './person-keys.ts';
import type { OpenedPart, PartRole, SealingKey } from './sealing-key.ts';

/** What in a row is not what was written. `…-part`: altered, exchanged, or missing though the leaf commits to it. */
export type EntryFault = 'leaf' | 'columns' | 'actor-part' | 'subject-part';

/** `erased`: the key is no more. `none`: the leaf commits to no such part. */
export type PartState = 'open' | 'erased' | 'altered' | 'none';

export interface AuditEntry {
  readonly entryId: Id<'entry'>;
  /** Leaf index; null while it is not in the tree. */
  readonly index: number | null;
  readonly at: Date;
  readonly action: string;
  readonly outcome: string;
  readonly clientId: string | null;
  /** Acted for. */
  readonly organisationId: string | null;
  readonly level: number | null;
  readonly objectId: string | null;
  /** base64url. */
  readonly objectSha256: string | null;
  readonly code: string | null;
  readonly facts: PlainObject;
  /** From the sealed parts; null when there was none or it was erased. */
  readonly accountId: string | null;
  /** Who gave the command on a machine of the house. */
  readonly operator: string | null;
  readonly subjectId: string | null;
  readonly purpose: string | null;
  readonly origin: string | null;
  readonly personal: PlainObject;
  /** The part of who acted and the part of whom it is about. */
  readonly parts: Readonly<Record<PartRole, PartState>>;
  /** What opens the commitments in the leaf to whoever may see the parts: see receipt.ts. */
  readonly openings: Readonly<Partial<Record<PartRole, Pick<OpenedPart, 'salt' | 'text'>>>>;
  /** Empty for a row as it was written. That the leaf is the one in the tree is for the inclusion proof to show. */
  readonly faults: readonly EntryFault[];
  /** The bytes that were hashed. */
  readonly leaf: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** The keys of the persons in a page of rows, by tag in hexadecimal, and the service's own. */
export interface ReadingKeys {
  readonly service: SealingKey;
  readonly byTag: ReadonlyMap<string, SealingKey>;
}

/** The tags under which the keys of a row may be found. */
export function tagsOf(row: EntryRow): Uint8Array[] {
  return [row.actor_tag, row.subject_tag].filter((tag) => tag !== null);
}

export function entryOf(keys: ReadingKeys, row: EntryRow, index: number | null): AuditEntry {
  const leaf = parseLeaf(row.leaf);
  const common = { entryId: idFromUuid('entry', row.id), index, leaf: row.leaf, leafHash: leafHash(sha256, row.leaf) };
  if (leaf === undefined || leaf.entryId !== row.id) return { ...common, ...unreadable(row) };
  const actor = openedPart(keys, row, leaf, 'actor');
  const subject = openedPart(keys, row, leaf, 'subject');
  const said = { ...actor.opened?.part, ...subject.opened?.part };
  const text = (name: string): string | null => (typeof said[name] === 'string' ? said[name] : null);
  const { personal } = said;
  const entry = {
    at: leaf.at,
    action: leaf.action,
    outcome: leaf.outcome,
    clientId: leaf.clientId ?? null,
    organisationId: leaf.organisationId ?? null,
    level: leaf.level ?? null,
    objectId: leaf.object ?? text('object'),
    objectSha256: leaf.objectSha256 ?? text('sha256'),
    code: leaf.code ?? null,
    facts: leaf.facts,
    accountId: text('account'),
    operator: text('operator'),
    subjectId: leaf.subject ?? text('subject'),
    purpose: text('purpose'),
    origin: text('origin'),
    personal: typeof personal === 'object' ? personal : {},
    parts: { actor: actor.state, subject: subject.state },
    openings: {
      ...(actor.opened === undefined ? {} : { actor: actor.opened }),
      ...(subject.opened === undefined ? {} : { subject: subject.opened }),
    },
  };
  const faults: EntryFault[] = [];
  if (!columnsAgree(keys, row, leaf, entry)) faults.push('columns');
  if (actor.state === 'altered') faults.push('actor-part');
  if (subject.state === 'altered') faults.push('subject-part');
  return { ...common, ...entry, faults };
}

interface ReadPart {
  readonly state: PartState;
  readonly opened?: OpenedPart;
}

/** The commitment in the leaf is the judge: a part that opens and is not what was committed to is altered. */
function openedPart(keys: ReadingKeys, row: EntryRow, leaf: Leaf, role: PartRole): ReadPart {
  const commitment = role === 'actor' ? leaf.actorCommitment : leaf.subjectCommitment;
  const sealed = role === 'actor' ? row.actor_part : row.subject_part;
  const tag = role === 'actor' ? row.actor_tag : row.subject_tag;
  if (commitment === undefined) return { state: sealed === null ? 'none' : 'altered' };
  if (sealed === null) return { state: 'altered' };
  const key = tag === null ? keys.service : keys.byTag.get(toHex(tag));
  if (key === undefined) return { state: 'erased' };
  const opened = key.open(row.id, role, sealed);
  return opened !== undefined && toBase64url(opened.commitment) === commitment
    ? { state: 'open', opened }
    : { state: 'altered' };
}

type Said = Pick<AuditEntry, 'accountId' | 'subjectId' | 'objectId' | 'parts'>;

/** Each column says what the leaf or the opened part says; of an erased person's columns nothing can be said any more. */
function columnsAgree({ service, byTag }: ReadingKeys, row: EntryRow, leaf: Leaf, said: Said): boolean {
  const { actor, subject } = said.parts;
  const subjectKey = row.subject_tag === null ? undefined : byTag.get(toHex(row.subject_tag));
  const actorKey = row.actor_tag === null ? undefined : byTag.get(toHex(row.actor_tag));
  const tagOf = (id: string | null, key: SealingKey | undefined) =>
    id === null ? null : (isPerson(id) ? key : service)?.tag('subject', id);
  const objectKey = leaf.object === undefined ? (subjectKey ?? actorKey ?? service) : service;
  const objectTag = said.objectId === null ? null : objectKey.tag('object', said.objectId);
  // Where the account and a sealed object stand: with a subject's part, the actor has a part of its own or none.
  const accountState = leaf.actorCommitment === undefined ? subject : actor;
  const objectState = leaf.subjectCommitment === undefined ? actor : subject;
  return (
    row.action === actionNumber(leaf.action) &&
    row.outcome === auditOutcomes.findIndex((name) => name === leaf.outcome) &&
    row.client_id === (leaf.clientId ?? null) &&
    (accountState === 'erased' || sameTag(row.actor_tag, tagOf(said.accountId, actorKey))) &&
    (subject === 'erased' || sameTag(row.subject_tag, tagOf(said.subjectId, subjectKey))) &&
    ((objectState === 'erased' && leaf.object === undefined) || sameTag(row.object_tag, objectTag))
  );
}

function sameTag(column: Uint8Array | null, expected: Uint8Array | null | undefined): boolean {
  if (column === null || expected === null) return column === expected;
  return expected !== undefined && equalBytes(column, expected);
}

/** What can be said of a row whose leaf is none of its own: the rest of the page is still worth reading. */
function unreadable(row: EntryRow): Omit<AuditEntry, 'entryId' | 'index' | 'leaf' | 'leafHash'> {
  return {
    at: momentOf(row.id),
    action: 'unknown',
    outcome: 'unknown',
    clientId: null,
    organisationId: null,
    level: null,
    objectId: null,
    objectSha256: null,
    code: null,
    facts: {},
    accountId: null,
    operator: null,
    subjectId: null,
    purpose: null,
    origin: null,
    personal: {},
    parts: { actor: 'none', subject: 'none' },
    openings: {},
    faults: ['leaf'],
  };
}

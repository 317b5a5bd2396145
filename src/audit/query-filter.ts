// What an auditor asks for, as conditions on the index columns: names become tags under the keys of the persons they belong to.

import type { Uuid } from '../kernel/ids.ts';
import { auditOutcomes, type ObjectKind, objectKinds } from './event-schemas.ts';
import { actionNumber } from './entry-row.ts';
import type { EntryFilter } from './entry-search.ts';
import { isAction, objectKindOf } from './events.ts';
import { firstIdAt } from './leaf.ts';
import { isPerson, type PersonKeys } from './person-keys.ts';
import type { SealingKey } from './sealing-key.ts';

export interface EntryQuery {
  readonly action?: string;
  readonly outcome?: string;
  /** Of failures. */
  readonly code?: string;
  readonly clientId?: string;
  /** The account that acted. */
  readonly actorId?: string;
  readonly objectId?: string;
  /** The account, holder or organisation it is about. */
  readonly subjectId?: string;
  /** Inclusive. */
  readonly from?: Date;
  /** Exclusive. */
  readonly until?: Date;
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string;
}

/** The person whose object this is; `undefined` for nobody's, or unknown. */
export type ObjectOwner = (objectId: string) => Promise<string | undefined>;

interface Sources {
  readonly keys: Pick<PersonKeys, 'service' | 'find'>;
  readonly owners: ReadonlyMap<ObjectKind, ObjectOwner>;
}

/** `undefined` when nothing can be found: a person of whom the log knows nothing, or whom it has forgotten. */
export async function filterOf(
  query: EntryQuery,
  cursor: Uuid | undefined,
  { keys, owners }: Sources,
): Promise<Omit<EntryFilter, 'limit'> | undefined> {
  const { action, outcome, code, clientId, actorId, objectId, subjectId, from, until } = query;
  // Nothing was ever written under such a name, and a walk would only find that out at its end.
  if (action !== undefined && !isAction(action)) return undefined;
  if (outcome !== undefined && !auditOutcomes.some((name) => name === outcome)) return undefined;
  const keyOf = async (id: string): Promise<SealingKey | undefined> => (isPerson(id) ? keys.find(id) : keys.service);
  const personTag = async (id: string) => (await keyOf(id))?.tag('subject', id);
  const actorTag = actorId === undefined ? undefined : await personTag(actorId);
  const subjectTag = subjectId === undefined ? undefined : await personTag(subjectId);
  if (actorId !== undefined && actorTag === undefined) return undefined;
  if (subjectId !== undefined && subjectTag === undefined) return undefined;
  const objectTags = objectId === undefined ? undefined : await tagsOfObject(objectId, { keys, owners });
  if (objectTags?.length === 0) return undefined;
  return {
    ...(action === undefined ? {} : { action: actionNumber(action) }),
    ...(outcome === undefined ? {} : { outcome: auditOutcomes.findIndex((name) => name === outcome) }),
    ...(code === undefined ? {} : { code }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(actorTag === undefined ? {} : { actorTag }),
    ...(subjectTag === undefined ? {} : { subjectTag }),
    ...(objectTags === undefined ? {} : { objectTags }),
    ...(from === undefined ? {} : { from: firstIdAt(from) }),
    ...beforeOf(until, cursor),
  };
}

/** An object that a system and a private person can have may lie under either key. */
async function tagsOfObject(objectId: string, { keys, owners }: Sources): Promise<readonly Uint8Array[]> {
  const kind = objectKindOf(objectId);
  const visibility = objectKinds[kind].is;
  const tags: Uint8Array[] = visibility === 'personal' ? [] : [keys.service.tag('object', objectId)];
  const owner = await ownerOf(objectId, owners);
  const key = isPerson(owner) ? await keys.find(owner) : undefined;
  if (key !== undefined) tags.push(key.tag('object', objectId));
  return tags;
}

/** A person is the owner of the own name. */
export async function ownerOf(
  objectId: string,
  owners: ReadonlyMap<ObjectKind, ObjectOwner>,
): Promise<string | undefined> {
  return isPerson(objectId) ? objectId : owners.get(objectKindOf(objectId))?.(objectId);
}

function beforeOf(until: Date | undefined, cursor: Uuid | undefined): { before?: Uuid } {
  const bounds = [until === undefined ? undefined : firstIdAt(until), cursor].filter((id) => id !== undefined).sort();
  return bounds[0] === undefined ? {} : { before: bounds[0] };
}

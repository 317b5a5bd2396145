// The log as auditors read it: each search and each export is an entry itself, which the persons it was about can see; GB/T 22239-2019, 8.1.4.3.

import type { Principal } from '../kernel/principal.ts';
import type { AuditEntry } from './audit-entry.ts';
import type { AuditLog, Deed, EntryPage } from './audit-log.ts';
import { objectKinds } from './event-schemas.ts';
import { objectKindOf } from './events.ts';
import { isPerson } from './person-keys.ts';
import type { EntryQuery } from './query-filter.ts';

export type Asked = Omit<EntryQuery, 'limit' | 'cursor'>;

export class AuditedReading {
  readonly #audit: AuditLog;

  constructor(audit: AuditLog) {
    this.#audit = audit;
  }

  /** As AuditLog.entries; durable in the log before the page is handed out. */
  async search(principal: Principal, query: EntryQuery): Promise<EntryPage> {
    const page = await this.#audit.entries(query);
    const { limit: _limit, cursor: _cursor, ...asked } = query;
    const facts = { filters: filtersOf(asked), entries: page.items.length };
    const subjects = await this.#audit.personsAsked(query);
    await this.#audit.appendMany(
      deedsFor(subjects, (subjectId) => ({
        principal,
        event: { action: 'audit.searched', outcome: 'done', facts, ...aboutOf(asked, subjectId) },
      })),
    );
    return page;
  }

  /** Somebody reads one entry, whose persons are thereby looked at. */
  async opened(principal: Principal, { entryId, subjectId, accountId }: AuditEntry): Promise<void> {
    const person = [subjectId ?? undefined, accountId ?? undefined].find(isPerson);
    const about = person === undefined ? {} : { subjectId: person };
    await this.#audit.append(principal, { action: 'audit.searched', outcome: 'done', objectId: entryId, ...about });
  }

  /** Before the first line of an export leaves (`intended`), and after its last, or when it broke off. */
  async exported(
    principal: Principal,
    asked: Asked,
    export_: { format: string; outcome: 'intended' | 'done' | 'failed'; entries?: number },
  ): Promise<void> {
    const { format, outcome, entries } = export_;
    const facts = { filters: filtersOf(asked), format, ...(entries === undefined ? {} : { entries }) };
    const subjects = await this.#audit.personsAsked({ ...asked, limit: 1 });
    await this.#audit.appendMany(
      deedsFor(subjects, (subjectId) => ({
        principal,
        event: { action: 'audit.exported', outcome, facts, ...aboutOf(asked, subjectId) },
      })),
    );
  }
}

/** One entry for each person, so that each can be erased and the others stay; one without when it was about nobody. */
function deedsFor(subjects: readonly string[], deed: (subjectId: string | undefined) => Deed): Deed[] {
  return subjects.length === 0 ? [deed(undefined)] : subjects.map(deed);
}

function filtersOf(asked: Asked): string {
  return Object.keys(asked).sort().join(' ');
}

/** Of persons only the one under whose key it is sealed is named: whoever the log does not know, or has forgotten, stays unnamed. */
function aboutOf({ actorId, subjectId, objectId, from, until, ...rest }: Asked, person: string | undefined) {
  const asked = {
    ...rest,
    ...(from === undefined ? {} : { from: from.toISOString() }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
    ...(subjectId !== undefined && (subjectId === person || !isPerson(subjectId)) ? { subjectId } : {}),
    ...(actorId !== undefined && (actorId === person || !isPerson(actorId)) ? { actorId } : {}),
    ...(objectId !== undefined && (person !== undefined || isPublic(objectId)) ? { objectId } : {}),
  };
  return {
    ...(person === undefined ? {} : { subjectId: person }),
    ...(Object.keys(asked).length === 0 ? {} : { personal: { asked: JSON.stringify(asked) } }),
  };
}

function isPublic(objectId: string): boolean {
  return objectKinds[objectKindOf(objectId)].is === 'public';
}

// What must hold of the audit log after a crash: every acknowledged deed has exactly one entry, every entry's deed exists, intents get an outcome.

import { clientToken } from './client-token.ts';
import type { FaultLoad } from './fault-load.ts';
import type { FaultObserver } from './fault-observer.ts';

interface Entry {
  readonly entryId: string;
  readonly index: number | null;
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly objectId: string | null;
}

/** By object and action: how often each outcome was recorded. */
type Outcomes = Map<string, Map<string, number>>;

const pageSize = 100;
const parallel = 8;
/** An attempt may take 10 s, and every 15 s the service looks for those that had their time; a slow machine gets as much again. */
const healedAfterMs = 60_000;

export class FaultChecks {
  readonly #url: string;
  readonly #load: FaultLoad;
  readonly #observer: FaultObserver;
  readonly #ids = new Set<string>();
  readonly #outcomes: Outcomes = new Map();
  /** The last entry of each deed. */
  readonly #intents = new Map<string, { entryId: string; atMs: number; ended: boolean }>();
  readonly #unchecked = new Set<string>();
  #missing: ReadonlySet<string> = new Set();
  #tokens = 0;
  #token = '';

  constructor({ url, load, observer }: { url: string; load: FaultLoad; observer: FaultObserver }) {
    this.#url = url;
    this.#load = load;
    this.#observer = observer;
  }

  get entries(): number {
    return this.#ids.size;
  }

  /** Of the newest entry; null while it has none, or nothing answers. */
  async newestIndex(): Promise<number | null> {
    try {
      return (await this.#page('limit=1')).items[0]?.index ?? null;
    } catch {
      await this.#renewToken().catch(() => undefined);
      return null;
    }
  }

  /** The log stands still meanwhile. */
  async run(): Promise<string[]> {
    await this.#renewToken();
    await this.#readNew();
    return [
      ...this.#entriesAreLeaves(),
      ...this.#deedsHaveEntries(),
      ...this.#intentsAreHealed(),
      ...(await this.#entriesHaveDeeds()),
    ];
  }

  /** Deeds whose last entry is an intent: nothing has finished, repeated or voided them. */
  openIntents(): string[] {
    return [...this.#intents.keys()].filter((name) => this.#intents.get(name)?.ended === false);
  }

  /** Newest first until one is known. An entry may be older than one that was read before: the page after the known ones is read too. */
  async #readNew(): Promise<void> {
    let cursor: string | null = null;
    let known = 0;
    do {
      const page: { items: Entry[]; nextCursor: string | null } = await this.#page(
        `limit=${pageSize}${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      for (const entry of page.items) if (!this.#take(entry)) known++;
      cursor = page.nextCursor;
    } while (cursor !== null && known < pageSize);
  }

  #take({ entryId, at, action, outcome, objectId }: Entry): boolean {
    if (this.#ids.has(entryId)) return false;
    this.#ids.add(entryId);
    if (action === 'token.issued') this.#tokens++;
    if (objectId === null) return true;
    const name = `${action} ${objectId}`;
    const outcomes = this.#outcomes.get(name) ?? new Map<string, number>();
    outcomes.set(outcome, count(outcomes, outcome) + 1);
    this.#outcomes.set(name, outcomes);
    // Ids are in the order of time.
    if (entryId > (this.#intents.get(name)?.entryId ?? ''))
      this.#intents.set(name, { entryId, atMs: Date.parse(at), ended: outcome !== 'intended' });
    if (outcome === 'done') this.#unchecked.add(name);
    return true;
  }

  /** The tree that the observer hashed has these entries, each once, and no others. */
  #entriesAreLeaves(): string[] {
    const { entryIds } = this.#observer;
    const leaves = new Set(entryIds);
    const faults = [];
    if (leaves.size !== entryIds.length) faults.push(`${entryIds.length - leaves.size} leaves occur twice`);
    // The service writes entries of its own at any time: what came after the tree was read must be in it the next time.
    const missing = [...this.#ids].filter((id) => !leaves.has(id));
    const lost = missing.filter((id) => this.#missing.has(id)).length;
    this.#missing = new Set(missing);
    const strange = entryIds.filter((id) => !this.#ids.has(id)).length;
    if (lost > 0) faults.push(`${lost} entries are no leaves`);
    if (strange > 0) faults.push(`${strange} leaves are no entries`);
    return faults;
  }

  #deedsHaveEntries(): string[] {
    const { licences, stampings, verifications, shown, tokens } = this.#load.acknowledged;
    const faults: string[] = [];
    const exactlyOne = (action: string, ids: ReadonlySet<string>) => {
      for (const id of ids) {
        const times = this.#times(`${action} ${id}`, 'done');
        if (times !== 1) faults.push(`${action} ${id} was acknowledged and has ${times} entries`);
      }
    };
    exactlyOne('licence.issued', licences);
    exactlyOne('stamping', stampings);
    exactlyOne('licence.verified', verifications);
    const between = (what: string, times: number, { answered, lost }: { answered: number; lost: number }) => {
      // One whose answer was lost may have happened or not.
      if (times < answered || times > answered + lost)
        faults.push(`${what}: ${answered} acknowledged, ${lost} unanswered, ${times} entries`);
    };
    for (const [id, counts] of shown)
      between(`licence.shown ${id}`, this.#times(`licence.shown ${id}`, 'done'), counts);
    between('token.issued', this.#tokens, { ...tokens, lost: tokens.lost + this.#ownTokens });
    return faults;
  }

  #intentsAreHealed(): string[] {
    const newestMs = Math.max(...[...this.#intents.values()].map(({ atMs }) => atMs));
    return this.openIntents()
      .filter((name) => newestMs - (this.#intents.get(name)?.atMs ?? newestMs) > healedAfterMs)
      .map((name) => `the intent of ${name} was left open`);
  }

  /** Each once: what is there does not go away by itself, and its acknowledged ones are asked for by the load again and again. */
  async #entriesHaveDeeds(): Promise<string[]> {
    const faults: string[] = [];
    const names = [...this.#unchecked];
    this.#unchecked.clear();
    const check = async (): Promise<void> => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) {
        const [action, id = ''] = name.split(' ');
        const state = await this.#stateOf(action ?? '', id);
        if (state !== undefined && state !== 'there') faults.push(`${name} has an entry, but is ${state}`);
        if (state !== undefined && this.#times(name, 'done') !== 1) faults.push(`${name} is recorded as done twice`);
      }
    };
    await Promise.all(Array.from({ length: parallel }, check));
    return faults;
  }

  /** `undefined`: the entry is the deed, nothing else is kept of it. */
  async #stateOf(action: string, id: string): Promise<string | undefined> {
    if (action === 'licence.issued') {
      const { status, json } = await this.#get(`/api/v1/licences/${id}`);
      return status === 200 && json['status'] === 'active' ? 'there' : `${status} ${String(json['status'])}`;
    }
    if (action === 'stamping') {
      const { status, json } = await this.#get(`/api/v1/stampings/${id}`);
      return status === 200 && json['status'] === 'done' ? 'there' : `${status} ${String(json['status'])}`;
    }
    return undefined;
  }

  #times(name: string, outcome: string): number {
    const outcomes = this.#outcomes.get(name);
    return outcomes === undefined ? 0 : count(outcomes, outcome);
  }

  async #page(query: string): Promise<{ items: Entry[]; nextCursor: string | null }> {
    const { status, json } = await this.#get(`/api/v1/audit/entries?${query}`);
    if (status !== 200) throw new Error(`entries answered ${status}`);
    return json as unknown as { items: Entry[]; nextCursor: string | null };
  }

  #ownTokens = 0;

  async #renewToken(): Promise<void> {
    this.#ownTokens++;
    this.#token = await clientToken(this.#url);
  }

  async #get(path: string): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(this.#url + path, { headers: { authorization: `Bearer ${this.#token}` } });
    return { status: response.status, json: JSON.parse(await response.text()) as Record<string, unknown> };
  }
}

function count(outcomes: ReadonlyMap<string, number>, outcome: string): number {
  return outcomes.get(outcome) ?? 0;
}

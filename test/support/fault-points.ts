// A database that fails once at a chosen statement, before or after it was done: one row of a fault table.

import type { Database, Query, Rows, Transaction } from '../../src/db/database.ts';

type Store = Pick<Database, 'query' | 'transaction'>;

export interface Cut {
  readonly point: string;
  readonly when: 'not stored' | 'stored';
}

/** A database that fails once at a point: before the server got the statement, or after it was done and the answer was lost. */
export class Faults implements Store {
  readonly visited: string[] = [];
  cutDone = false;
  readonly #database: Store;
  readonly #cut: Cut | undefined;

  constructor(database: Store, cut?: Cut) {
    this.#database = database;
    this.#cut = cut;
  }

  async query<R extends object>(query: Query): Promise<Rows<R>> {
    return this.at(query.name ?? 'unnamed', () => this.#database.query<R>(query));
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    let last = '';
    let atCommit: string | undefined;
    const result = await this.#database.transaction(async (tx) => {
      const done = await work({
        inTransaction: true,
        query: async <R extends object>(query: Query): Promise<Rows<R>> => {
          last = query.name ?? 'unnamed';
          // The connection really goes: the server rolls back, whatever was done before.
          return this.at(
            last,
            () => tx.query<R>(query),
            () => hangUp(tx),
          );
        },
      });
      atCommit = this.#visit(`commit of ${last}`);
      if (atCommit === 'not stored') {
        await hangUp(tx);
        throw new Error('cut before the commit');
      }
      return done;
    });
    if (atCommit === 'stored') throw new Error('cut after the commit');
    return result;
  }

  async at<T>(point: string, work: () => Promise<T>, lose?: () => Promise<void>): Promise<T> {
    const when = this.#visit(point);
    if (when === 'not stored') {
      await lose?.();
      throw new Error('cut before');
    }
    const result = await work();
    if (when === 'stored') {
      await lose?.();
      throw new Error('cut after');
    }
    return result;
  }

  #visit(name: string): Cut['when'] | undefined {
    const times = this.visited.filter((point) => point === name || point.startsWith(`${name} `)).length;
    const point = times === 0 ? name : `${name} ${times + 1}`;
    this.visited.push(point);
    if (this.cutDone || this.#cut?.point !== point) return undefined;
    this.cutDone = true;
    return this.#cut.when;
  }
}

async function hangUp(tx: Transaction): Promise<void> {
  await tx.query({ text: 'SELECT pg_terminate_backend(pg_backend_pid())' }).catch(() => undefined);
}

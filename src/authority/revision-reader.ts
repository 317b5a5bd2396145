// The revision of every issuer, read once for all who ask at the same time and never older than the question.

import type { Database } from '../db/database.ts';

/** Changes of status committed so far, by issuer; an issuer that is not there has none. */
export type Revisions = ReadonlyMap<string, number>;

export class RevisionReader {
  readonly #database: Database;
  #running: Promise<Revisions> | undefined;
  #next: Promise<Revisions> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A read under way began before the question: who asks meanwhile shares the one after it, so a deed that was answered is seen. */
  read(): Promise<Revisions> {
    if (this.#running === undefined) return this.#start();
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<Revisions> {
    this.#next = undefined;
    const running = this.#query().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #query(): Promise<Revisions> {
    const { rows } = await this.#database.query<{ issuer_name: string; revision: number }>({
      name: 'pki-revisions',
      text: 'SELECT issuer_name, revision FROM pki.issuer',
    });
    return new Map(rows.map(({ issuer_name: name, revision }) => [name, revision]));
  }
}

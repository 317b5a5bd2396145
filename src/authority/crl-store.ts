// The CRLs that were published, in the schema `pki`: one row a number, the lists themselves in parts.

import type { Database, Transaction } from '../db/database.ts';
import { concatBytes } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import type { IssuerName } from './hierarchy.ts';

export type CrlKind = 'full' | 'delta';

export interface PublishedCrl {
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  /** Every change of status up to it is in the list; -1 for lists made before changes were counted. */
  readonly revision: number;
  /** Of the full list; how many entries it holds. */
  readonly entryCount: number;
  /** Of the delta: the full list it continues. */
  readonly baseNumber: number | undefined;
}

/** What decides whether a new list is due. */
export interface CrlState {
  /** Changes of status committed so far. */
  readonly revision: number;
  readonly full: PublishedCrl | undefined;
  readonly delta: PublishedCrl | undefined;
}

export interface CrlPublication {
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revision: number;
  readonly entryCount: number;
  readonly baseNumber: number | undefined;
  readonly full: Uint8Array | undefined;
  readonly delta: Uint8Array | undefined;
}

interface CrlRow {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly this_update: number;
  readonly next_update: number;
  readonly revision: number;
  readonly revoked_count: number;
  readonly base_number: number | null;
}

interface StateRow {
  readonly head: number;
  readonly full_list: CrlRow | null;
  readonly delta_list: CrlRow | null;
}

const partBytes = 2 * 1024 * 1024;
/** Numbers whose lists are kept after a newer one: whoever is reading one may finish. */
const keptNumbers = 3;
const maxAddresses = 8;
const columns = `number, (extract(epoch FROM this_update) * 1000)::bigint AS this_update,
  (extract(epoch FROM next_update) * 1000)::bigint AS next_update, revision, revoked_count, base_number`;

export class CrlStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Of each authority its newest lists, and the revision they are to be held against. What is read afterwards may know of more
   * changes than this revision, never of fewer.
   */
  async states(authorities: readonly IssuerName[]): Promise<CrlState[]> {
    const { rows } = await this.#database.query<StateRow>({
      name: 'pki-crl-states',
      text: `SELECT coalesce(i.revision, 0) AS head, to_json(f) AS full_list, to_json(d) AS delta_list
        FROM unnest($1::text[]) WITH ORDINALITY AS ca (name, place)
        LEFT JOIN pki.issuer i ON i.issuer_name = ca.name
        LEFT JOIN LATERAL (
          SELECT ${columns} FROM pki.crl WHERE issuer_name = ca.name AND has_full ORDER BY number DESC LIMIT 1) f ON true
        LEFT JOIN LATERAL (
          SELECT ${columns} FROM pki.crl WHERE issuer_name = ca.name ORDER BY number DESC LIMIT 1) d ON true
        ORDER BY ca.place`,
      values: [authorities],
    });
    return rows.map(({ head, full_list: full, delta_list: delta }) => ({
      revision: head,
      full: full === null ? undefined : published(full),
      delta: delta === null || delta.base_number === null ? undefined : published(delta),
    }));
  }

  /** The oldest full list that somebody may still rely on at `at`: deltas continue it, so that every such list can be brought up to date. */
  async base(ca: IssuerName, at: Date): Promise<PublishedCrl | undefined> {
    const { rows } = await this.#database.query<CrlRow>({
      name: 'pki-crl-base',
      text: `SELECT ${columns} FROM pki.crl
        WHERE issuer_name = $1 AND has_full AND revision >= 0 AND next_update > $2 ORDER BY number LIMIT 1`,
      values: [ca, at],
    });
    return rows[0] === undefined ? undefined : published(rows[0]);
  }

  /** Addresses of the authority's CRL in the certificates it has issued, newest first. */
  async addresses(ca: IssuerName): Promise<string[]> {
    const { rows } = await this.#database.query<{ url: string }>({
      name: 'pki-crl-addresses',
      text: 'SELECT url FROM pki.crl_address WHERE issuer_name = $1 ORDER BY first_used_at DESC, url LIMIT $2',
      values: [ca, maxAddresses],
    });
    return rows.map(({ url }) => url);
  }

  /** DER of a list; `undefined` when it was pruned, or is not whole. */
  async bytes(ca: IssuerName, number: number, kind: CrlKind): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (;;) {
      const { rows } = await this.#database.query<{ bytes: Uint8Array }>({
        name: 'pki-crl-part',
        text: 'SELECT bytes FROM pki.crl_part WHERE issuer_name = $1 AND number = $2 AND kind = $3 AND part = $4',
        values: [ca, number, kind, parts.length],
      });
      const [row] = rows;
      if (row === undefined) break;
      parts.push(row.bytes);
      if (row.bytes.length < partBytes) return concatBytes(...parts); // only the last part is shorter
    }
    return undefined;
  }

  /** False when another process published this number. */
  async publish(tx: Transaction, ca: IssuerName, list: CrlPublication): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-crl-insert',
      text: `INSERT INTO pki.crl (issuer_name, number, this_update, next_update, revision, revoked_count, has_full, base_number)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (issuer_name, number) DO NOTHING`,
      values: [
        ca,
        list.number,
        list.thisUpdate,
        list.nextUpdate,
        list.revision,
        list.entryCount,
        list.full !== undefined,
        list.baseNumber ?? null,
      ],
    });
    if (rowCount !== 1) return false;
    await insertParts(tx, ca, { number: list.number, kind: 'full', der: list.full });
    await insertParts(tx, ca, { number: list.number, kind: 'delta', der: list.delta });
    await prune(tx, ca, list);
    return true;
  }
}

async function insertParts(
  tx: Transaction,
  ca: IssuerName,
  { number, kind, der }: { number: number; kind: CrlKind; der: Uint8Array | undefined },
): Promise<void> {
  if (der === undefined) return;
  // A list of whole parts ends with an empty one, so that its end is seen.
  for (let part = 0; part * partBytes <= der.length; part++) {
    await tx.query({
      name: 'pki-crl-part-insert',
      text: 'INSERT INTO pki.crl_part (issuer_name, number, kind, part, bytes) VALUES ($1, $2, $3, $4, $5)',
      values: [ca, number, kind, part, der.subarray(part * partBytes, (part + 1) * partBytes)],
    });
  }
}

/** Bytes of lists that are replaced, and rows that are out of date. The audit log keeps the digest of every list there was. */
async function prune(tx: Transaction, ca: IssuerName, { number, thisUpdate }: CrlPublication): Promise<void> {
  await tx.query({
    name: 'pki-crl-part-prune',
    text: `DELETE FROM pki.crl_part WHERE issuer_name = $1 AND number < $2
      AND NOT (kind = 'full' AND number = (SELECT max(number) FROM pki.crl WHERE issuer_name = $1 AND has_full))`,
    values: [ca, number - keptNumbers],
  });
  await tx.query({
    name: 'pki-crl-prune',
    text: 'DELETE FROM pki.crl WHERE issuer_name = $1 AND number < $2 AND next_update < $3',
    values: [ca, number - keptNumbers, thisUpdate],
  });
}

function published(row: CrlRow): PublishedCrl {
  return {
    number: row.number,
    thisUpdate: moment(row.this_update),
    nextUpdate: moment(row.next_update),
    revision: row.revision,
    entryCount: row.revoked_count,
    baseNumber: row.base_number ?? undefined,
  };
}

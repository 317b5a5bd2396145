// The keys of our authorities, one after the other, in the schema `pki`: which issues now, and which there have been; RFC 4210, 4.4.

import type { Queryable, Transaction } from '../db/database.ts';
import type { CaName, IssuerName } from './hierarchy.ts';
import { caNames, caOf, generationOf, isIssuerName } from './hierarchy.ts';

/** Asked of the database at every use: no node issues under a key that another node has replaced. */
export class GenerationStore {
  /** The key that the authority issues under now. */
  async current(db: Queryable, ca: CaName): Promise<IssuerName> {
    const { rows } = await db.query<{ issuer_name: string }>({
      name: 'pki-generation-current',
      text: `SELECT issuer_name FROM pki.authority_generation WHERE ca_name = $1 ORDER BY generation DESC LIMIT 1`,
      values: [ca],
    });
    const [{ issuer_name: name } = { issuer_name: ca }] = rows;
    return isIssuerName(name) ? name : ca;
  }

  /** The keys that took another's place, oldest first. */
  async successors(db: Queryable): Promise<IssuerName[]> {
    const { rows } = await db.query<{ issuer_name: string }>({
      name: 'pki-generations',
      text: 'SELECT issuer_name FROM pki.authority_generation ORDER BY since, ca_name, generation',
    });
    return rows.map(({ issuer_name: name }) => name).filter(isIssuerName);
  }

  /** Every key of every authority, the first ones first. */
  async all(db: Queryable): Promise<IssuerName[]> {
    return [...caNames, ...(await this.successors(db))];
  }

  /** From the commit on, this key issues. False when another took the place meanwhile. */
  async add(tx: Transaction, issuer: IssuerName, at: Date): Promise<boolean> {
    const { rowCount } = await tx.query({
      name: 'pki-generation-add',
      text: `INSERT INTO pki.authority_generation (ca_name, generation, issuer_name, since) VALUES ($1, $2, $3, $4)
        ON CONFLICT (ca_name, generation) DO NOTHING`,
      values: [caOf(issuer), generationOf(issuer), issuer, at],
    });
    return rowCount === 1;
  }
}

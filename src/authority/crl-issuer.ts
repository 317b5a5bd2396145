// The CRLs of our authorities: made anew when they grow old or a revocation has come; RFC 5280, 5.

import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds, epochSeconds, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { house } from '../kernel/principal.ts';
import type { Crl } from '../pki/crl.ts';
import { parseCrl } from '../pki/crl.ts';
import { buildCrl } from '../pki/crl-build.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore } from './certificate-store.ts';
import type { CaName } from './hierarchy.ts';
import { rootName } from './hierarchy.ts';

export interface CrlIssuerOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly store: CertificateStore;
}

/** A list is good for a day and renewed after half of it, so that one failed renewal hurts nobody. */
const validSeconds = 86_400;
const renewAfterSeconds = validSeconds / 2;

interface CrlRow {
  readonly number: number;
  readonly this_update: Date;
  readonly revoked_count: number;
  readonly der: Uint8Array;
}

export class CrlIssuer {
  readonly #options: CrlIssuerOptions;
  readonly #parsed = new Map<string, Crl>();

  constructor(options: CrlIssuerOptions) {
    this.#options = options;
  }

  /** The list in force, every committed revocation included. */
  async current(ca: CaName): Promise<Crl> {
    const latest = await this.#latest(ca);
    if (latest !== undefined && (await this.#isFresh(ca, latest))) return this.#parse(ca, latest);
    await this.#issue(ca, (latest?.number ?? 0) + 1);
    const renewed = await this.#latest(ca); // ours, or that of a process that was faster
    if (renewed === undefined) throw new TrustError('internal', `no CRL of ${ca} after issuing one`);
    return this.#parse(ca, renewed);
  }

  async #isFresh(ca: CaName, { this_update: thisUpdate, revoked_count: held }: CrlRow): Promise<boolean> {
    const { database, store, clock } = this.#options;
    const now = clock.now();
    if (thisUpdate > now || now >= addSeconds(thisUpdate, renewAfterSeconds)) return false;
    return held === (await store.revokedCount(database, ca));
  }

  async #latest(ca: CaName): Promise<CrlRow | undefined> {
    const { rows } = await this.#options.database.query<CrlRow>({
      name: 'pki-crl-latest',
      text: `SELECT number, this_update, revoked_count, der FROM pki.crl
        WHERE issuer_name = $1 ORDER BY number DESC LIMIT 1`,
      values: [ca],
    });
    return rows[0];
  }

  async #issue(ca: CaName, number: number): Promise<void> {
    const { database, audit, keys, clock, store } = this.#options;
    const event = { action: 'crl.issued', objectId: `${ca}/${number}` } as const;
    await audit.append(house, { ...event, outcome: 'intended' });
    const thisUpdate = moment(epochSeconds(clock.now()) * 1000);
    const nextUpdate = addSeconds(thisUpdate, validSeconds);
    let der: Uint8Array;
    let entries: Awaited<ReturnType<CertificateStore['revokedOf']>>;
    try {
      const certificate = await store.boundTo(database, ca);
      if (certificate === undefined) throw new TrustError('certificate-not-found', `${ca} has no certificate`);
      const signer = await keys.signer(ca, ca === rootName ? 'root-ca' : 'issuing-ca');
      entries = await store.revokedOf(database, ca);
      der = await buildCrl({
        issuer: { certificate, signer },
        number: BigInt(number),
        thisUpdate,
        nextUpdate,
        entries,
      });
    } catch (error) {
      await audit.append(house, { ...event, outcome: 'failed', code: isTrustError(error) ? error.code : 'internal' });
      throw error;
    }
    await database.transaction(async (tx) => {
      const { rowCount } = await tx.query({
        name: 'pki-crl-insert',
        text: `INSERT INTO pki.crl (issuer_name, number, this_update, next_update, revoked_count, der)
          VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (issuer_name, number) DO NOTHING`,
        values: [ca, number, thisUpdate, nextUpdate, entries.length, der],
      });
      const outcome = rowCount === 1 ? 'done' : 'voided'; // voided: another process published this number
      const facts = { revoked: entries.length };
      await audit.record(tx, house, { ...event, outcome, objectSha256: sha256(der), facts });
    });
  }

  #parse(ca: CaName, { number, der }: CrlRow): Crl {
    const known = this.#parsed.get(ca);
    if (known?.number === BigInt(number)) return known;
    const crl = parseCrl(Uint8Array.from(der));
    this.#parsed.set(ca, crl);
    return crl;
  }
}

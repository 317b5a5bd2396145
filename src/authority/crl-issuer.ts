// The CRLs of our authorities, full and delta: made anew when they grow old or a change of status has come; RFC 5280, 5.

import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds, epochSeconds, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Uuid } from '../kernel/ids.ts';
import { house } from '../kernel/principal.ts';
import type { CrlHead } from '../pki/crl-build.ts';
import { CrlEntries, signCrl } from '../pki/crl-build.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore } from './certificate-store.ts';
import type { CrlKind, CrlPublication, CrlState, CrlStore, PublishedCrl } from './crl-store.ts';
import type { GenerationStore } from './generation-store.ts';
import type { IssuerName } from './hierarchy.ts';
import { caOf, caPurpose, generationOf } from './hierarchy.ts';
import type { RevokedSerial, StatusStore } from './status-store.ts';

export interface CrlIssuerOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly certificates: CertificateStore;
  readonly statuses: StatusStore;
  readonly lists: CrlStore;
  readonly generations: GenerationStore;
}

export interface CrlInForce {
  readonly der: Uint8Array;
  readonly thisUpdate: Date;
}

/** A list is good for a day and renewed after half of it, so that one failed renewal hurts nobody. */
const validSeconds = 86_400;
const renewAfterSeconds = validSeconds / 2;
/** A full list of more entries than this is not made anew at each change: the delta carries the changes until it is renewed. */
const eagerEntries = 50_000;
const pageRows = 20_000;
const nilUuid: Uuid = '00000000-0000-0000-0000-000000000000';
const maxAttempts = 4;

export class CrlIssuer {
  readonly #options: CrlIssuerOptions;
  readonly #bytes = new Map<string, { readonly number: number; readonly der: Uint8Array }>();
  /** One issue at a time in this process; other processes are met by the number, which only one of them gets. */
  readonly #issuing = new Map<IssuerName, Promise<void>>();

  constructor(options: CrlIssuerOptions) {
    this.#options = options;
  }

  /** DER of the list in force. Every committed change is in the delta, and in the full list unless that is a very large one. */
  async current(ca: IssuerName, kind: CrlKind): Promise<CrlInForce> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const state = await this.#state(ca);
      const list = kind === 'full' ? state.full : state.delta;
      const due = kind === 'full' ? this.#fullIsDue(state) : this.#deltaIsDue(state);
      if (list === undefined || (due && (await this.#signs(ca)))) {
        await this.#issueOnce(ca, state);
        continue;
      }
      const der = await this.#read(ca, list.number, kind);
      if (der !== undefined) return { der, thisUpdate: list.thisUpdate }; // else it was pruned meanwhile: there is a newer one
    }
    throw new TrustError('internal', `no CRL of ${ca} after issuing one`);
  }

  /** A new number now, full and delta, whether due or not. Returns the number. */
  async regenerate(ca: IssuerName): Promise<number> {
    await this.#issue(ca, await this.#state(ca), true);
    return (await this.#state(ca)).full?.number ?? 0;
  }

  /** A retired key told the status of all it issued as long as that could matter: its last list stays. */
  async #signs(ca: IssuerName): Promise<boolean> {
    const state = (await this.#options.keys.find(ca))?.state;
    return state !== 'retired' && state !== 'destroyed';
  }

  async #state(ca: IssuerName): Promise<CrlState> {
    const [state] = await this.#options.lists.states([ca]);
    return state ?? { revision: 0, full: undefined, delta: undefined };
  }

  #fullIsDue({ revision, full }: CrlState): boolean {
    if (full === undefined || this.#isAged(full)) return true;
    return full.revision !== revision && full.entryCount <= eagerEntries;
  }

  #deltaIsDue({ revision, delta }: CrlState): boolean {
    return delta === undefined || delta.revision !== revision || this.#isAged(delta);
  }

  #isAged({ thisUpdate }: PublishedCrl): boolean {
    const now = this.#options.clock.now();
    return thisUpdate > now || now >= addSeconds(thisUpdate, renewAfterSeconds);
  }

  #issueOnce(ca: IssuerName, state: CrlState): Promise<void> {
    const running = this.#issuing.get(ca);
    if (running !== undefined) return running;
    const issuing = this.#issue(ca, state, this.#fullIsDue(state)).finally(() => this.#issuing.delete(ca));
    this.#issuing.set(ca, issuing);
    return issuing;
  }

  /** Intent committed, key acts, outcome committed. A crash in between leaves an intent and the lists there were. */
  async #issue(ca: IssuerName, state: CrlState, withFull: boolean): Promise<void> {
    const { database, audit, lists } = this.#options;
    const number = Math.max(state.full?.number ?? 0, state.delta?.number ?? 0) + 1;
    const event = { action: 'crl.issued', objectId: `${ca}/${number}` } as const;
    await audit.append(house, { ...event, outcome: 'intended', facts: { keyName: ca } });
    let list: CrlPublication;
    try {
      list = await this.#make(ca, { number, revision: state.revision, withFull });
    } catch (error) {
      await audit.append(house, { ...event, outcome: 'failed', code: isTrustError(error) ? error.code : 'internal' });
      throw error;
    }
    await database.transaction(async (tx) => {
      const first = await lists.publish(tx, ca, list);
      const outcome = first ? 'done' : 'voided'; // voided: another process published this number
      const der = list.full ?? list.delta;
      const facts = { revoked: list.entryCount, full: list.full !== undefined, delta: list.delta !== undefined };
      const digest = der === undefined ? {} : { objectSha256: sha256(der) };
      await audit.record(tx, house, { ...event, outcome, ...digest, facts });
    });
  }

  async #make(
    ca: IssuerName,
    { number, revision, withFull }: { number: number; revision: number; withFull: boolean },
  ): Promise<CrlPublication> {
    const { database, keys, clock, lists, certificates, publicUrl } = this.#options;
    const certificate = (await certificates.boundTo(database, ca))?.certificate;
    if (certificate === undefined) throw new TrustError('certificate-not-found', `${ca} has no certificate`);
    const signer = await keys.signer(ca, caPurpose(ca));
    const thisUpdate = moment(epochSeconds(clock.now()) * 1000);
    const nextUpdate = addSeconds(thisUpdate, validSeconds);
    const issuer = { certificate, signer };
    const scope = await this.#scope(ca);
    const head: CrlHead = { issuer, number: BigInt(number), thisUpdate, nextUpdate, ...scope };
    const entries = new CrlEntries();
    if (withFull) await this.#addRevoked(ca, entries);
    const freshestCrl = [`${publicUrl}/crl/${ca}.delta.crl`];
    const full = withFull ? await signCrl({ ...head, freshestCrl }, entries) : undefined;
    const base = (await lists.base(ca, thisUpdate)) ?? (withFull ? { number, revision } : undefined);
    const delta = base === undefined ? undefined : await this.#delta(ca, head, base);
    return {
      number,
      thisUpdate,
      nextUpdate,
      revision,
      entryCount: entries.count,
      baseNumber: base?.number,
      full,
      delta,
    };
  }

  /**
   * 5.2.5. A root names no CRL of its own in its certificate, so a scope by address would leave out the root itself, which some
   * programs look for in its list.
   */
  async #scope(ca: IssuerName): Promise<Pick<CrlHead, 'distributionPoint'>> {
    const { publicUrl, lists, generations, database } = this.#options;
    // With a second key of the same name its list must say of which key's certificates it speaks.
    const isAlone = generationOf(ca) === 1 && (await generations.current(database, caOf(ca))) === ca;
    if (caPurpose(ca) === 'root-ca' && isAlone) return {};
    return { distributionPoint: [...new Set([`${publicUrl}/crl/${ca}.crl`, ...(await lists.addresses(ca))])] };
  }

  async #delta(ca: IssuerName, head: CrlHead, base: { number: number; revision: number }): Promise<Uint8Array> {
    const entries = new CrlEntries();
    await this.#addChanged(ca, base.revision, entries);
    return signCrl({ ...head, baseNumber: BigInt(base.number) }, entries);
  }

  async #addRevoked(ca: IssuerName, entries: CrlEntries): Promise<void> {
    const { database, statuses } = this.#options;
    const page = (after: Uuid) => {
      const rows = statuses.revokedPage(database, ca, { after, limit: pageRows });
      rows.catch(() => undefined); // it is awaited below, unless the page before it could not be written
      return rows;
    };
    let coming: ReturnType<typeof page> | undefined = page(nilUuid);
    while (coming !== undefined) {
      const { entries: rows, next }: Awaited<ReturnType<typeof page>> = await coming;
      coming = next === undefined ? undefined : page(next); // the database reads on while these are written
      for (const row of rows) addEntry(entries, row);
    }
  }

  /** 5.2.4: what was revoked or suspended since the base, and what was released, whether or not the base had it. */
  async #addChanged(ca: IssuerName, revision: number, entries: CrlEntries): Promise<void> {
    const { database, statuses, clock } = this.#options;
    const now = clock.now();
    for (let after = { revision, serialHex: '' }; ; ) {
      const page = await statuses.changedPage(database, ca, after, pageRows);
      for (const row of page) addEntry(entries, row.revokedAt === undefined ? { ...row, revokedAt: now } : row);
      const last = page.at(-1);
      if (page.length < pageRows || last === undefined) return;
      after = { revision: last.changedRevision, serialHex: last.serialHex };
    }
  }

  async #read(ca: IssuerName, number: number, kind: CrlKind): Promise<Uint8Array | undefined> {
    const known = this.#bytes.get(`${ca} ${kind}`);
    if (known?.number === number) return known.der;
    const der = await this.#options.lists.bytes(ca, number, kind);
    if (der !== undefined) this.#bytes.set(`${ca} ${kind}`, { number, der });
    return der;
  }
}

function addEntry(entries: CrlEntries, { serialHex, revokedAt, reason }: RevokedSerial): void {
  if (revokedAt !== undefined) entries.add({ serial: Buffer.from(serialHex, 'hex'), revokedAt, reason });
}

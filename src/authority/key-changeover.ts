// A new key in the place of an authority's (密钥更替): new certificate, its OCSP responder, and for roots the links between old and new; RFC 4210, 4.4.

import type { AlgorithmName } from '../crypto/algorithms.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import { sha256 } from '../crypto/digest.ts';
import type { KeyPurpose } from '../crypto/signer.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import { house } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore, StoredCertificate } from './certificate-store.ts';
import type { DeedTie } from './deed-tie.ts';
import type { GenerationStore } from './generation-store.ts';
import type { CaName, IssuerName } from './hierarchy.ts';
import { caOf, caPurpose, generationOf, isAnchor, isSelfSigned, issuerName, issuerOf, suiteOfCa } from './hierarchy.ts';
import type { Issuance } from './issuance.ts';
import type { StatusStore } from './status-store.ts';

export interface KeyChangeoverOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: CertificateStore;
  readonly generations: GenerationStore;
  readonly statuses: StatusStore;
  readonly issuance: Issuance;
  /** Makes what a new key needs besides its certificate; what fails here is made by the next round of any process. */
  readonly complete: () => Promise<void>;
}

/** A root's certificate under its other key: `root-ca-g2-by-root-ca` leads those who trust the old key to the new one. */
export interface LinkCertificate {
  readonly name: string;
  readonly certificate: Certificate;
}

const msPerDay = 86_400_000;
const maxLinks = 100;

export class KeyChangeover {
  readonly #options: KeyChangeoverOptions;

  constructor(options: KeyChangeoverOptions) {
    this.#options = options;
  }

  /** Throws `certificate-not-found` for an authority without a certificate, `certificate-transition-forbidden` when nothing can follow. */
  async check(ca: CaName): Promise<void> {
    await this.#plan(ca);
  }

  /**
   * Does a changeover that was approved. The transaction that issues the new certificate also makes its key the one that issues: a
   * crash before it leaves a key that certifies nothing, which the next changeover takes. What the new key needs besides is made
   * after it, or by the next round of any process. Returns the serial. Throws what `check` throws, `key-…`.
   */
  async execute(principal: Principal, ca: CaName, tie: DeedTie): Promise<string> {
    const { issuance, audit, keys, log, complete } = this.#options;
    const { former, next, under, validDays } = await this.#plan(ca);
    const { profile, certificate } = former;
    await makeKey({ audit, keys }, principal, {
      name: next,
      purpose: caPurpose(ca),
      algorithm: await this.#algorithm(former),
    });
    const order = {
      key: { keyName: next },
      profile,
      subject: certificate.subject,
      validDays,
      under,
      renews: former.certificateId,
    };
    const taking: DeedTie = {
      intended: (tx, certificateId) => tie.intended(tx, certificateId),
      done: (tx, serial) => this.#takePlace(tx, next, serial, tie),
    };
    const record = await issuance.issue(order, { principal, onlyFirst: true, tie: taking });
    if (record === undefined) throw meanwhile(ca);
    await complete().catch((error: unknown) =>
      log.warn({ err: error, issuer: next }, 'a new key has no responder yet'),
    );
    return record.serialHex;
  }

  /** Both ways between each root key and the one before it, each made once; RFC 4210, 4.4.1. */
  async ensureLinks(): Promise<void> {
    const { database, generations } = this.#options;
    const known = new Set((await this.links()).map(({ name }) => name));
    for (const next of await generations.successors(database)) {
      if (!isAnchor(caOf(next))) continue;
      const former = issuerName(caOf(next), generationOf(next) - 1);
      for (const [subject, issuer] of [
        [next, former],
        [former, next],
      ] as const) {
        if (!known.has(linkName(subject, issuer))) await this.#link(subject, issuer);
      }
    }
  }

  /** The links that are good now. */
  async links(): Promise<LinkCertificate[]> {
    const { database, store, clock, generations } = this.#options;
    const successors = await generations.successors(database);
    if (!successors.some((name) => isAnchor(caOf(name)))) return [];
    const roots = await store.page(database, { profile: 'root-ca', limit: maxLinks });
    const ownKeys = new Map(
      roots.flatMap(({ keyName, certificate }) =>
        keyName === undefined ? [] : [[keyOf(certificate), keyName] as const],
      ),
    );
    const now = clock.now();
    return roots.flatMap(({ keyName, certificate, issuerName: issuer, revocation }) => {
      const subject = ownKeys.get(keyOf(certificate));
      if (keyName !== undefined || subject === undefined || revocation !== undefined || certificate.notAfter < now)
        return [];
      return [{ name: linkName(subject, issuer), certificate }];
    });
  }

  async #plan(
    ca: CaName,
  ): Promise<{ former: StoredCertificate; next: IssuerName; under: IssuerName; validDays: number }> {
    const { database, store, generations } = this.#options;
    const present = await generations.current(database, ca);
    const former = await this.#certified(present);
    const next = issuerName(ca, generationOf(present) + 1);
    if ((await store.boundTo(database, next)) !== undefined) throw meanwhile(ca);
    const lifeDays = Math.round(
      (former.certificate.notAfter.getTime() - former.certificate.notBefore.getTime()) / msPerDay,
    );
    if (isSelfSigned(ca)) return { former, next, under: next, validDays: lifeDays };
    const under = await generations.current(database, issuerOf(former.profile, suiteOfCa(ca)));
    const leftDays = this.#daysLeft((await this.#certified(under)).certificate);
    if (leftDays < 1)
      throw new TrustError('certificate-transition-forbidden', `${under} is at its end: replace its key first`);
    return { former, next, under, validDays: Math.min(lifeDays, leftDays) };
  }

  async #takePlace(tx: Transaction, next: IssuerName, serial: string, tie: DeedTie): Promise<void> {
    const { generations, statuses, clock } = this.#options;
    if (!(await generations.add(tx, next, clock.now()))) throw meanwhile(caOf(next));
    // The list of the former key says from now on that it is for that key's certificates only.
    await statuses.countChange(tx, issuerName(caOf(next), generationOf(next) - 1));
    await tie.done(tx, serial);
  }

  async #link(subject: IssuerName, issuer: IssuerName): Promise<void> {
    const { issuance } = this.#options;
    const [{ certificate }, above] = await Promise.all([this.#certified(subject), this.#certified(issuer)]);
    const validDays = Math.min(this.#daysLeft(certificate), this.#daysLeft(above.certificate));
    if (validDays < 1 || above.revocation !== undefined) return;
    const { spki } = certificate;
    const requestKey = { owner: '(house)', key: linkName(subject, issuer), bodySha256: sha256(spki) };
    const order = {
      key: { spki },
      profile: 'root-ca',
      subject: certificate.subject,
      validDays,
      under: issuer,
    } as const;
    try {
      await issuance.issue(order, { principal: house, requestKey });
    } catch (error) {
      if (!isTrustError(error, 'certificate-transition-forbidden')) throw error; // another process is at it
    }
  }

  async #certified(issuer: IssuerName): Promise<StoredCertificate> {
    const { database, store } = this.#options;
    const found = await store.boundTo(database, issuer);
    if (found === undefined) throw new TrustError('certificate-not-found', `${issuer} has no certificate`);
    return found;
  }

  async #algorithm({ keyName = '' }: StoredCertificate): Promise<AlgorithmName> {
    const key = await this.#options.keys.find(keyName);
    if (key === undefined) throw new TrustError('key-not-found', `KEYS_DIR lacks the key ${keyName} of this database`);
    return key.algorithm;
  }

  #daysLeft({ notAfter }: Certificate): number {
    return Math.floor((notAfter.getTime() - this.#options.clock.now().getTime()) / msPerDay);
  }
}

/** A key of the house, made once, with its intent in the log before it. */
export async function makeKey(
  { audit, keys }: { readonly audit: AuditRecorder; readonly keys: KeyStore },
  principal: Principal,
  key: { readonly name: string; readonly purpose: KeyPurpose; readonly algorithm: AlgorithmName },
): Promise<void> {
  const { name: keyName, purpose, algorithm } = key;
  if ((await keys.find(keyName)) !== undefined) return;
  const event = { action: 'key.created', facts: { keyName, purpose, algorithm } } as const;
  await audit.append(principal, { ...event, outcome: 'intended' });
  await keys.create(key);
  await audit.append(principal, { ...event, outcome: 'done' });
}

function linkName(subject: string, issuer: string): string {
  return `${subject}-by-${issuer}`;
}

function keyOf({ spki }: Certificate): string {
  return Buffer.from(spki).toString('hex');
}

function meanwhile(ca: CaName): TrustError {
  return new TrustError('certificate-transition-forbidden', `the key of ${ca} was replaced meanwhile`);
}

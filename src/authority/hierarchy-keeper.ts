// Keeps the hierarchy whole: every declared key and certificate made once, responders renewed by themselves, and who nears the end told; RFC 6960, 4.2.2.2.1.

import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { house } from '../kernel/principal.ts';
import type { Certificate } from '../pki/certificate.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore, StoredCertificate } from './certificate-store.ts';
import type { GenerationStore } from './generation-store.ts';
import type { HierarchyMember, HierarchyOrder, IssuerName } from './hierarchy.ts';
import { caOf, hierarchyMembers, isCaName, isIssuerName, ocspKeyName } from './hierarchy.ts';
import type { Issuance } from './issuance.ts';
import { makeKey } from './key-changeover.ts';

export interface HierarchyKeeperOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: CertificateStore;
  readonly generations: GenerationStore;
  readonly issuance: Issuance;
  readonly order: HierarchyOrder;
  /** Makes what is missing between the keys of roots. */
  readonly ensureLinks: () => Promise<void>;
}

export interface ServiceCertificate {
  readonly keyName: string;
  readonly certificate: Certificate;
  /** Less than a third of its life is left. Of one that renews itself: that has failed for days. */
  readonly nearsEnd: boolean;
}

const secondsPerDay = 86_400;
const renewalSeconds = 3600;

export class HierarchyKeeper {
  readonly #options: HierarchyKeeperOptions;
  #nextRenewal: Date | undefined;
  #knownSuccessors = 0;

  constructor(options: HierarchyKeeperOptions) {
    this.#options = options;
  }

  async ensureAll(): Promise<void> {
    for (const member of this.#members()) await this.#ensure(member);
    await this.ensureSuccessors();
  }

  /** What the later keys of authorities need besides their certificates. */
  async ensureSuccessors(): Promise<void> {
    const { generations, database, ensureLinks } = this.#options;
    for (const issuer of await generations.successors(database)) await this.#ensureResponder(issuer);
    await ensureLinks();
  }

  /** Looks once an hour, and when an authority has a new key; for the rounds that a process makes anyway. */
  async renewDue(): Promise<void> {
    const { clock, generations, database } = this.#options;
    const now = clock.now();
    const { length } = await generations.successors(database);
    if (this.#nextRenewal !== undefined && now < this.#nextRenewal && length === this.#knownSuccessors) return;
    await this.ensureAll(); // when it fails, the next round tries again
    await this.#warn();
    this.#nextRenewal = addSeconds(now, renewalSeconds);
    this.#knownSuccessors = length;
  }

  /** Of the authorities under their present keys, of those who act under them, and of the responders of every key that signs. */
  async certificates(): Promise<ServiceCertificate[]> {
    const { database, store, clock } = this.#options;
    const names = await this.#actingKeys();
    const now = clock.now();
    return (await store.boundToAll(database, names)).map(({ certificate, keyName = '', profile }) => {
      const lifeMs = certificate.notAfter.getTime() - certificate.notBefore.getTime();
      const lateMs = profile === 'ocsp-responder' ? lifeMs / 6 : lifeMs / 3; // renewed at a third, so at a sixth it was not
      return { keyName, certificate, nearsEnd: certificate.notAfter.getTime() - now.getTime() < lateMs };
    });
  }

  async #actingKeys(): Promise<string[]> {
    const { database, generations, keys } = this.#options;
    const members = this.#members().filter(({ profile }) => profile !== 'ocsp-responder');
    const own = await Promise.all(
      members.map(({ keyName }) =>
        isCaName(keyName) ? generations.current(database, keyName) : this.#active(keyName),
      ),
    );
    // Only now: questions that nobody awaits when another fails would end the process with a database that is away for a moment.
    const issuers = await generations.all(database);
    const responders = await Promise.all(
      issuers.map(async (issuer) =>
        (await keys.find(issuer))?.state === 'active' ? [await this.#active(ocspKeyName(issuer))] : [],
      ),
    );
    return [...own, ...responders.flat()];
  }

  /**
   * The key of an authority issues, or tells the status of what it issued, until the last of it has expired. Other keys may go at any
   * time. Throws `key-state-wrong`.
   */
  async requireRetirable(keyName: string): Promise<void> {
    const { database, store, generations, clock } = this.#options;
    if (!isIssuerName(keyName)) return;
    const present = await generations.current(database, caOf(keyName));
    const isNeeded = present === keyName || (await store.hasLiving(database, keyName, clock.now()));
    if (!isNeeded) return;
    const why = present === keyName ? 'it is the one that issues' : 'certificates under it have not expired';
    throw new TrustError('key-state-wrong', `key ${keyName} cannot be retired: ${why}`, {
      details: { state: 'active' },
    });
  }

  async #warn(): Promise<void> {
    for (const { keyName, certificate, nearsEnd } of await this.certificates())
      if (nearsEnd)
        this.#options.log.warn(
          { keyName, notAfter: certificate.notAfter, remedy: remedyOf(keyName) },
          'a certificate nears its end',
        );
  }

  /** A crash at any point leaves a key without a certificate, or an intent without an outcome; the next start goes on from there. */
  async #ensure(member: HierarchyMember): Promise<void> {
    const { store, database, issuance, log } = this.#options;
    const { profile, subject, issuer } = member;
    await this.#ensureKey(member);
    const keyName = await this.#active(member.keyName);
    const bound = await store.boundTo(database, keyName);
    const validDays = await this.#daysFor(member);
    if (bound !== undefined && !(await this.#isDue(member, bound, validDays))) return;
    const renews = bound === undefined ? {} : { renews: bound.certificateId };
    // A responder, and the key of a root itself, belong to one key of the authority.
    const isOfKey = member.keyName === issuer || profile === 'ocsp-responder';
    const above = isOfKey ? { under: issuer } : { issuer: caOf(issuer) };
    const order = { key: { keyName }, profile, subject, validDays, ...above, ...renews };
    await issuance.issue(order, { principal: house, onlyFirst: true });
    log.info({ keyName, issuer }, 'certificate issued');
  }

  /** The OCSP responder of an authority's later key, made like that of its first. */
  async #ensureResponder(issuer: IssuerName): Promise<void> {
    const first = this.#members().find(({ keyName }) => keyName === ocspKeyName(caOf(issuer)));
    const key = await this.#options.keys.find(issuer);
    if (first === undefined || key?.state !== 'active') return;
    await this.#ensure({ ...first, keyName: ocspKeyName(issuer), issuer, algorithm: key.algorithm });
  }

  async #ensureKey({ keyName, profile, algorithm }: HierarchyMember): Promise<void> {
    const { database, store, audit, keys } = this.#options;
    const bound = await store.boundTo(database, keyName); // first, because whoever binds a certificate has made the key before
    if ((await keys.find(keyName)) !== undefined) return;
    // A new key under the old certificate would sign what nobody can verify.
    if (bound !== undefined)
      throw new TrustError('key-not-found', `KEYS_DIR lacks the key ${keyName} of this database`);
    await makeKey({ audit, keys }, house, {
      name: keyName,
      purpose: certificateProfiles[profile].keyPurpose,
      algorithm,
    });
  }

  /** A responder does not outlive the authority it speaks for. */
  async #daysFor({ profile, issuer, validDays }: HierarchyMember): Promise<number> {
    const { database, store, clock } = this.#options;
    const above = profile === 'ocsp-responder' ? await store.boundTo(database, issuer) : undefined;
    if (above === undefined) return validDays;
    const leftSeconds = (above.certificate.notAfter.getTime() - clock.now().getTime()) / 1000;
    return Math.min(validDays, Math.floor(leftSeconds / secondsPerDay));
  }

  /** Not when it would bring less than a day, nor when the key above signs no more. */
  async #isDue(member: HierarchyMember, { certificate }: StoredCertificate, validDays: number): Promise<boolean> {
    const { clock, keys } = this.#options;
    const now = clock.now();
    const isLate = addSeconds(now, (member.validDays * secondsPerDay) / 3) >= certificate.notAfter;
    const brings = addSeconds(now, (validDays - 1) * secondsPerDay) > certificate.notAfter;
    return member.renewed && isLate && brings && (await keys.find(member.issuer))?.state === 'active';
  }

  async #active(keyName: string): Promise<string> {
    const family = await this.#options.keys.family(keyName);
    return family.find(({ state }) => state === 'active')?.name ?? keyName;
  }

  #members(): readonly HierarchyMember[] {
    return hierarchyMembers(this.#options.order);
  }
}

/** What an operator says then. */
function remedyOf(keyName: string): string {
  const ca = isIssuerName(keyName) ? caOf(keyName) : undefined;
  return ca === undefined ? `yinxin keys rotate ${keyName.replace(/\.v\d+$/, '')}` : `yinxin ca rekey ${ca}`;
}

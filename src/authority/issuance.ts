// Issuing a certificate in three steps: intent committed, key acts, outcome committed. A crash between them leaves an intent and no certificate.

import { sha256 } from '../crypto/digest.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import { askedTogether } from '../db/asked-together.ts';
import type { Database, Transaction } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds, epochSeconds, moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Uuid } from '../kernel/ids.ts';
import { newUuid } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Principal } from '../kernel/principal.ts';
import type { RequestKey } from '../kernel/request-key.ts';
import { equalBytes } from '../kernel/bytes.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { IssuerUrls } from '../pki/extension-frame.ts';
import { issueCertificate } from '../pki/issue.ts';
import type { DistinguishedName } from '../pki/name.ts';
import type { CertificateProfile } from '../pki/profiles.ts';
import { certificateProfiles } from '../pki/profiles.ts';
import { algorithmsFor, publicKeyFacts } from '../pki/public-key.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { CertificateStore, StoredCertificate } from './certificate-store.ts';
import type { DeedTie } from './deed-tie.ts';
import type { GenerationStore } from './generation-store.ts';
import type { CaName, IssuerName, Suite } from './hierarchy.ts';
import { caPurpose, issuerOf, suiteOf, suiteOfCa } from './hierarchy.ts';
import type { IntendedCertificate, IntentStore } from './intent-store.ts';
import type { IssuanceEnding, IssuanceOutcome } from './issuance-register.ts';
import { IssuanceRegister } from './issuance-register.ts';
import { newSerial } from './serial.ts';

export interface CertificateRequest {
  readonly keyName: string;
  readonly profile: CertificateProfile;
  readonly subject: DistinguishedName;
  readonly validDays: number;
}

export interface CertificateRecord extends StoredCertificate {
  readonly serialHex: string;
}

export interface IssuanceOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly publicUrl: string;
  readonly store: CertificateStore;
  readonly intents: IntentStore;
  readonly generations: GenerationStore;
}

export interface IssueOrder {
  /** A key of our key store by name, or the public key of somebody else's, whose possession was proven. */
  readonly key: { readonly keyName: string } | { readonly spki: Uint8Array };
  readonly profile: CertificateProfile;
  readonly subject: DistinguishedName;
  readonly validDays: number;
  /** Absent: the authority of the profile in the suite of the key. It issues under its present key. */
  readonly issuer?: CaName;
  /** Exactly this key of an authority: for what belongs to the key and not to the authority. */
  readonly under?: IssuerName;
  /** The certificate that this one follows. */
  readonly renews?: Uuid;
}

export interface IssueControl {
  readonly principal: Principal;
  /** The caller's transaction for the outcome; the intent is always committed before the key acts. */
  readonly tx?: Transaction | undefined;
  /**
   * Only when the key has no certificate yet, or still the one that is renewed: of two processes at once one is bound, the other's
   * certificate is voided.
   */
  readonly onlyFirst?: boolean;
  /** Asked again under the same key, the same certificate is given again. */
  readonly requestKey?: RequestKey | undefined;
  /** Of a deed that two people have approved. */
  readonly tie?: DeedTie | undefined;
}

interface Plan {
  readonly row: IntendedCertificate;
  readonly issuer: IssuerName;
  /** Absent for a self-signed root. */
  readonly above: Certificate | undefined;
  readonly serial: Uint8Array;
  readonly spki: Uint8Array;
}

const secondsPerDay = 86_400;
/** Nobody is still at it, and who is finds it given up. */
const abandonedSeconds = 60;

export class Issuance {
  readonly #options: IssuanceOptions;
  readonly #register: IssuanceRegister;
  readonly #issuerCertificate: (issuer: IssuerName) => Promise<StoredCertificate | undefined>;
  readonly #presentIssuer: (ca: CaName) => Promise<IssuerName | undefined>;

  constructor(options: IssuanceOptions) {
    this.#options = options;
    this.#register = new IssuanceRegister(options);
    const { database, generations } = options;
    this.#presentIssuer = askedTogether(async (authorities: readonly CaName[]) => {
      const present = authorities.map(async (ca) => [ca, await generations.current(database, ca)] as const);
      return new Map(await Promise.all(present));
    });
    this.#issuerCertificate = askedTogether((issuers) => options.store.certificatesOf(options.database, issuers));
  }

  /** `undefined` only with `onlyFirst`, when the key was bound meanwhile. */
  async issue(order: IssueOrder, control: IssueControl): Promise<CertificateRecord | undefined> {
    const { requestKey } = control;
    const earlier = requestKey === undefined ? undefined : await this.#earlier(requestKey);
    if (earlier !== undefined) return earlier;
    const plan = await this.#plan(order, requestKey);
    const { row, issuer } = plan;
    const { principal, tie } = control;
    const { crl: crlAddress } = urlsOf(this.#options.publicUrl, issuer, row);
    if (!(await this.#register.intend({ row, principal, crlAddress, tie }))) throw beingIssued();
    let certificate: Certificate;
    try {
      certificate = await this.#sign(order, plan);
    } catch (error) {
      await this.#register.fail(row, principal, error);
      throw error;
    }
    const ending = await this.#conclude({ row, principal, certificate }, control);
    if (ending === 'given-up') throw beingIssued();
    return ending === 'bound-meanwhile' ? undefined : recordOf(row, certificate, ending.issuedAt);
  }

  /** Ends what ended processes have left behind; for the start and from time to time. Answers how many intents it ended. */
  async voidAbandoned(): Promise<number> {
    const { clock, log } = this.#options;
    const count = await this.#register.voidAbandoned(addSeconds(clock.now(), -abandonedSeconds));
    if (count > 0) log.warn({ count }, 'abandoned intents of certificates were voided');
    return count;
  }

  /**
   * The certificate of an earlier request under the same key. An intent without outcome belongs to a process that is at it, or was
   * ended: after a minute it is given up. Throws `idempotency-key-reused`, `certificate-transition-forbidden` (being issued).
   */
  async #earlier(requestKey: RequestKey): Promise<CertificateRecord | undefined> {
    const { database, store, intents, clock } = this.#options;
    const found = await intents.byRequest(database, requestKey);
    if (found === undefined) return undefined;
    if (!equalBytes(found.sha256, requestKey.bodySha256)) {
      throw new TrustError('idempotency-key-reused', 'the same key stood before another request');
    }
    const stored = found.state === 'issued' ? await store.bySerial(database, found.serialHex) : undefined;
    if (stored !== undefined) return { ...stored, serialHex: found.serialHex };
    const isAbandoned = clock.now() > addSeconds(found.intendedAt, abandonedSeconds);
    if (!isAbandoned || (await this.voidAbandoned()) === 0) throw beingIssued();
    return this.#earlier(requestKey);
  }

  async #plan(order: IssueOrder, requestKey: RequestKey | undefined): Promise<Plan> {
    const { clock } = this.#options;
    const { profile, validDays, renews } = order;
    const { spki, keyName, suite } = await this.#subjectKey(order);
    const ca = order.issuer ?? issuerOf(profile, suite);
    const issuer = order.under ?? (await this.#presentIssuer(ca)) ?? ca;
    if (suiteOfCa(issuer) !== suite) {
      throw new TrustError('key-purpose-wrong', `${issuer} certifies no keys of the other suite`);
    }
    const above = issuer === keyName ? undefined : await this.#goodIssuer(issuer, profile);
    const serial = newSerial();
    const now = clock.now();
    const notBefore = moment(epochSeconds(now) * 1000); // certificates know whole seconds
    const row = {
      certificateId: newUuid(clock),
      serialHex: serial.hex,
      issuerName: issuer,
      profile,
      keyName,
      spkiSha256: sha256(spki),
      renews,
      notBefore,
      notAfter: addSeconds(notBefore, validDays * secondsPerDay),
      intendedAt: now,
      requestKey,
    };
    return { row, issuer, above, serial: serial.octets, spki };
  }

  async #subjectKey({
    key,
    profile,
  }: IssueOrder): Promise<{ spki: Uint8Array; keyName: string | undefined; suite: Suite }> {
    if ('spki' in key) {
      const sm2 = algorithmsFor(publicKeyFacts(key.spki)).includes('SM2');
      return { spki: key.spki, keyName: undefined, suite: sm2 ? 'gm' : 'intl' };
    }
    const { keyName } = key;
    const found = await this.#options.keys.find(keyName);
    if (found === undefined) throw new TrustError('key-not-found', `no key ${keyName}`);
    if (found.purpose !== certificateProfiles[profile].keyPurpose) {
      throw new TrustError('key-purpose-wrong', `a ${found.purpose} key gets no ${profile} certificate`);
    }
    return { spki: found.spki, keyName, suite: suiteOf(found.algorithm) };
  }

  /**
   * An authority that is revoked or suspended issues nothing; only its responders go on, which tell of what it has issued.
   * Throws `certificate-not-found`, `certificate-transition-forbidden`.
   */
  async #goodIssuer(issuer: IssuerName, profile: CertificateProfile): Promise<Certificate> {
    const found = await this.#issuerCertificate(issuer);
    if (found === undefined) throw new TrustError('certificate-not-found', `${issuer} has no certificate`);
    if (found.revocation !== undefined && profile !== 'ocsp-responder') {
      throw new TrustError('certificate-transition-forbidden', `${issuer} is revoked or suspended and issues nothing`);
    }
    return found.certificate;
  }

  /** What has nothing to be bound and no transaction of the caller's is concluded with others of the same moment. */
  async #conclude(outcome: IssuanceOutcome, { tx, onlyFirst = false, tie }: IssueControl): Promise<IssuanceEnding> {
    const alone = tx !== undefined || tie !== undefined || outcome.row.keyName !== undefined;
    if (!alone) return this.#register.conclude(outcome);
    const conclude = (within: Transaction) => this.#register.concludeWithin(within, outcome, { onlyFirst, tie });
    return tx === undefined ? this.#options.database.transaction(conclude) : conclude(tx);
  }

  async #sign({ profile, subject }: IssueOrder, { row, issuer, above, serial, spki }: Plan): Promise<Certificate> {
    const { keys, publicUrl } = this.#options;
    const signer = await keys.signer(issuer, caPurpose(issuer));
    return issueCertificate({
      profile,
      subject,
      spki,
      issuer: above === undefined ? { signer } : { certificate: above, signer },
      serial,
      notBefore: row.notBefore,
      notAfter: row.notAfter,
      urls: urlsOf(publicUrl, issuer, row),
    });
  }
}

/** What a certificate says of its issuer's addresses; a root points to nobody, the root of mobile documents to its CRL (ISO/IEC 18013-5, B.1.2). */
function urlsOf(
  publicUrl: string,
  issuer: IssuerName,
  { profile, keyName }: Pick<IntendedCertificate, 'profile' | 'keyName'>,
): IssuerUrls {
  if (profile === 'root-ca' && keyName === issuer) return {};
  const crl = `${publicUrl}/crl/${issuer}.crl`;
  if (profile === 'mdoc-root') return { crl, contact: publicUrl };
  return {
    crl,
    caIssuers: `${publicUrl}/ca/${issuer}.cer`,
    ocsp: `${publicUrl}/ocsp/${issuer}`,
    contact: publicUrl,
  };
}

function beingIssued(): TrustError {
  return new TrustError('certificate-transition-forbidden', 'this request is being served; ask again in a moment');
}

function recordOf(row: IntendedCertificate, certificate: Certificate, issuedAt: Date): CertificateRecord {
  const { certificateId, serialHex, keyName, profile, issuerName, renews } = row;
  const revocation = undefined;
  return { certificateId, serialHex, keyName, profile, issuerName, certificate, issuedAt, revocation, renews };
}

// Our own time-stamp authority (时间戳) in both suites: one-time serials, an honest clock, tokens and HTTP answers; RFC 3161, 2.1 and 2.4.

import type { Deed } from '../audit/audit-log.ts';
import { timeStampPolicyOids } from '../codec/oids.ts';
import { digestAlgorithms } from '../crypto/algorithms.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import { GroupCommit } from '../db/group-commit.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { house } from '../kernel/principal.ts';
import { writeDigestAlgorithm } from '../pki/algorithm-identifier.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { MessageImprint, TimestampAuthority, TimestampFailure } from '../pki/timestamp.ts';
import type { TimestampRequest } from '../pki/timestamp-request.ts';
import { parseTimestampRequest } from '../pki/timestamp-request.ts';
import { buildTimestampResponse } from '../pki/timestamp-response.ts';
import { buildTimestampToken } from '../pki/timestamp-token.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { Authority, BoundCertificate } from './authority.ts';
import type { Suite } from './hierarchy.ts';
import { timeStampKeyNames } from './hierarchy.ts';
import type { Serial } from './serial.ts';
import { newSerial } from './serial.ts';

export interface OwnTimestampAuthorityOptions {
  readonly authority: Pick<Authority, 'certificateOf' | 'statusAt'>;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log?: Log;
}

/** What we claim of our clock. It also bounds how far the clock may go back between two tokens. */
const accuracySeconds = 1;
/** After this we look again which certificate the key acts under; whether it is still good is asked at every token. */
const certificateSeconds = 60;

interface Demand {
  readonly digestIdentifier: Uint8Array;
  readonly digestAlgorithm: MessageImprint['digestAlgorithm'];
  readonly digest: Uint8Array;
  readonly nonce?: Uint8Array;
  /** Whether the certificates go into the token. */
  readonly certReq: boolean;
}

interface Numbered {
  readonly demand: Demand;
  readonly serial: Serial;
}

export class OwnTimestampAuthority implements TimestampAuthority {
  readonly #options: OwnTimestampAuthorityOptions;
  readonly #queues: Readonly<Record<Suite, GroupCommit<Demand, Uint8Array>>>;
  readonly #certificates = new Map<string, { readonly bound: BoundCertificate; readonly until: Date }>();

  constructor(options: OwnTimestampAuthorityOptions) {
    this.#options = options;
    const queue = (suite: Suite) =>
      new GroupCommit<Demand, Uint8Array>({
        work: (demands) => this.#tokens(suite, demands),
        // Demands were judged before they came here: what is refused now is the clock, the key, the certificate or the database.
        concernsAll: isTrustError,
      });
    this.#queues = { intl: queue('intl'), gm: queue('gm') };
  }

  /** A token of the international suite unless the other one is named. Throws `timestamp-refused`, `clock-unreliable`, `key-…`. */
  async stamp({ digestAlgorithm, digest }: MessageImprint, suite: Suite = 'intl'): Promise<Uint8Array> {
    if (digest.length !== digestAlgorithms[digestAlgorithm].sizeBytes) {
      throw new TrustError('timestamp-refused', `imprint is no ${digestAlgorithm} digest`);
    }
    const digestIdentifier = writeDigestAlgorithm(digestAlgorithm);
    return this.#queues[suite].add({ digestIdentifier, digestAlgorithm, digest, certReq: true });
  }

  /**
   * DER of the TimeStampResp to a TimeStampReq, for `POST /tsa` and `POST /tsa/sm2`. A policy in the request chooses the suite where
   * none is given. Refusals are answers with a failInfo; it never throws.
   */
  async respond(requestDer: Uint8Array, suite?: Suite): Promise<Uint8Array> {
    try {
      const demand = acceptable(parseTimestampRequest(requestDer), suite);
      if ('refused' in demand) return buildTimestampResponse(demand);
      return buildTimestampResponse({ granted: await this.#queues[demand.suite].add(demand) });
    } catch (error) {
      const refused = failureOf(error);
      if (refused === 'systemFailure' && !isTrustError(error, 'too-many-requests'))
        this.#options.log?.error({ err: error }, 'time stamp failed');
      return buildTimestampResponse({ refused, reason: reasons[refused] });
    }
  }

  /** All of them at one moment: serials and intents are committed, the key acts, outcomes are committed, tokens are given out. */
  async #tokens(suite: Suite, demands: readonly Demand[]): Promise<Uint8Array[]> {
    const { audit, keys, clock } = this.#options;
    const signer = await keys.signer(timeStampKeyNames[suite], 'time-stamp');
    const facts = { keyName: signer.keyName };
    const numbered = demands.map((demand) => ({ demand, serial: newSerial() }));
    let { certificate, chain } = await this.#certificateOf(signer.keyName);
    let genTime = clock.now();
    if (!(await this.#commitIntents(numbered, { certificate, genTime, facts }))) {
      // The clock, or the certificate: one that was replaced is no reason to refuse.
      this.#certificates.delete(signer.keyName);
      ({ certificate, chain } = await this.#certificateOf(signer.keyName));
      genTime = clock.now();
      await this.#requireGood(certificate, genTime);
      if (!(await this.#commitIntents(numbered, { certificate, genTime, facts }))) {
        throw new TrustError('clock-unreliable', 'the clock went back by more than the accuracy');
      }
    }
    const embedded = [certificate, ...chain];
    const tokens: Uint8Array[] = [];
    for (const { demand, serial } of numbered) {
      const { nonce, certReq } = demand;
      const token = await buildTimestampToken({
        imprint: demand,
        policyOid: timeStampPolicyOids[suite],
        serial: serial.octets,
        genTime,
        accuracy: { seconds: accuracySeconds },
        ...(nonce === undefined ? {} : { nonce }),
        signer,
        certificate,
        embedded: certReq ? embedded : [],
      });
      tokens.push(token);
    }
    await audit.appendMany(numbered.map((one) => deedOf(one, 'done', facts)));
    return tokens;
  }

  async #certificateOf(keyName: string): Promise<BoundCertificate> {
    const { authority, clock } = this.#options;
    const now = clock.now();
    const known = this.#certificates.get(keyName);
    if (known !== undefined && now < known.until) return known.bound;
    const bound = await authority.certificateOf(keyName);
    this.#certificates.set(keyName, { bound, until: addSeconds(now, certificateSeconds) });
    return bound;
  }

  async #requireGood({ serialHex, notBefore, notAfter }: Certificate, at: Date): Promise<void> {
    const { status } = await this.#options.authority.statusAt(serialHex, at);
    if (status === 'good' && at >= notBefore && at <= notAfter) return;
    throw new TrustError('timestamp-refused', 'the certificate of the time-stamp authority is not good now');
  }

  /**
   * One statement takes the serials and writes the intents, if the certificate is good and no token from later than the accuracy allows
   * exists (else the clock went back). False when nothing was taken.
   */
  async #commitIntents(
    numbered: readonly Numbered[],
    { certificate, genTime, facts }: { certificate: Certificate; genTime: Date; facts: { keyName: string } },
  ): Promise<boolean> {
    if (genTime < certificate.notBefore || genTime > certificate.notAfter) return false;
    const serials = {
      name: 'pki-time-stamps',
      text: `INSERT INTO pki.time_stamp (serial_hex, gen_time, digest_algorithm, imprint)
        SELECT t.serial_hex, $2::timestamptz, t.digest_algorithm, t.imprint
        FROM unnest($1::text[], $3::text[], $4::bytea[]) AS t (serial_hex, digest_algorithm, imprint)
        WHERE NOT EXISTS (SELECT 1 FROM pki.time_stamp WHERE gen_time > $5::timestamptz)
          AND EXISTS (SELECT 1 FROM pki.certificate
            WHERE serial_hex = $6 AND state = 'issued' AND (revoked_at IS NULL OR revoked_at > $2::timestamptz))
        RETURNING 1`,
      values: [
        numbered.map(({ serial }) => serial.hex),
        genTime,
        numbered.map(({ demand }) => demand.digestAlgorithm),
        numbered.map(({ demand }) => Buffer.from(demand.digest)),
        addSeconds(genTime, accuracySeconds),
        certificate.serialHex,
      ],
    };
    const intents = numbered.map((one) => deedOf(one, 'intended', facts));
    return this.#options.audit.appendManyWith(serials, intents);
  }
}

function deedOf({ serial, demand }: Numbered, outcome: 'intended' | 'done', facts: { keyName: string }): Deed {
  const event = {
    action: 'time-stamp.issued',
    outcome,
    objectId: serial.hex,
    objectSha256: demand.digest,
    facts,
  } as const;
  return { principal: house, event };
}

const reasons: Readonly<Record<TimestampFailure, string>> = {
  badAlg: 'digest algorithm not accepted',
  badRequest: 'request not accepted',
  badDataFormat: 'request malformed',
  timeNotAvailable: 'no reliable time now',
  unacceptedPolicy: 'policy not offered',
  unacceptedExtension: 'extensions not accepted',
  addInfoNotAvailable: 'information not available',
  systemFailure: 'system failure',
};

type Refusal = { readonly refused: TimestampFailure; readonly reason: string };

/** RFC 3161, 2.4.2: which request is refused with which PKIFailureInfo. */
function acceptable(request: TimestampRequest, wanted: Suite | undefined): (Demand & { suite: Suite }) | Refusal {
  const { digestAlgorithm, digest, digestIdentifier, policyOid, nonce, certReq, hasExtensions } = request;
  const refuse = (refused: TimestampFailure) => ({ refused, reason: reasons[refused] });
  if (digestAlgorithm === undefined) return refuse('badAlg');
  if (digest.length !== digestAlgorithms[digestAlgorithm].sizeBytes) return refuse('badDataFormat');
  const suite = suiteFor(policyOid, wanted);
  if (suite === undefined) return refuse('unacceptedPolicy');
  if (hasExtensions) return refuse('unacceptedExtension');
  return { suite, digestIdentifier, digestAlgorithm, digest, certReq, ...(nonce === undefined ? {} : { nonce }) };
}

function suiteFor(policyOid: string | undefined, wanted: Suite | undefined): Suite | undefined {
  if (policyOid === undefined) return wanted ?? 'intl';
  const offered = wanted === undefined ? (['intl', 'gm'] as const) : [wanted];
  return offered.find((suite) => timeStampPolicyOids[suite] === policyOid);
}

function failureOf(error: unknown): TimestampFailure {
  if (isTrustError(error, 'malformed-timestamp')) return 'badDataFormat';
  if (isTrustError(error, 'clock-unreliable') || isTrustError(error, 'timestamp-refused')) return 'timeNotAvailable';
  return 'systemFailure';
}

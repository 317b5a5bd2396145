// Our own time-stamp authority (时间戳): one-time serials, an honest clock, tokens and HTTP answers; RFC 3161, 2.1 and 2.4.

import type { DigestName } from '../crypto/algorithms.ts';
import { digestAlgorithms } from '../crypto/algorithms.ts';
import { sandboxTimeStampPolicyOid } from '../codec/oids.ts';
import type { KeyStore } from '../crypto/key-store.ts';
import type { Database } from '../db/database.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { house } from '../kernel/principal.ts';
import { writeDigestAlgorithm } from '../pki/algorithm-identifier.ts';
import type { MessageImprint, TimestampAuthority, TimestampFailure } from '../pki/timestamp.ts';
import type { TimestampRequest } from '../pki/timestamp-request.ts';
import { parseTimestampRequest } from '../pki/timestamp-request.ts';
import { buildTimestampResponse } from '../pki/timestamp-response.ts';
import { buildTimestampToken } from '../pki/timestamp-token.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import type { Authority } from './authority.ts';
import { timeStampKeyName } from './hierarchy.ts';
import type { Serial } from './serial.ts';
import { newSerial } from './serial.ts';

export interface OwnTimestampAuthorityOptions {
  readonly authority: Pick<Authority, 'certificateOf' | 'statusAt'>;
  readonly audit: AuditRecorder;
  readonly database: Database;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log?: Log;
}

/** What we claim of our clock. It also bounds how far the clock may go back between two tokens. */
const accuracySeconds = 1;

interface Demand {
  readonly digestIdentifier: Uint8Array;
  readonly digestAlgorithm: DigestName;
  readonly digest: Uint8Array;
  readonly nonce?: Uint8Array;
  /** Whether the certificates go into the token. */
  readonly certReq: boolean;
}

export class OwnTimestampAuthority implements TimestampAuthority {
  readonly #options: OwnTimestampAuthorityOptions;

  constructor(options: OwnTimestampAuthorityOptions) {
    this.#options = options;
  }

  async stamp({ digestAlgorithm, digest }: MessageImprint): Promise<Uint8Array> {
    if (digest.length !== digestAlgorithms[digestAlgorithm].sizeBytes) {
      throw new TrustError('timestamp-refused', `imprint is no ${digestAlgorithm} digest`);
    }
    return this.#token({
      digestIdentifier: writeDigestAlgorithm(digestAlgorithm),
      digestAlgorithm,
      digest,
      certReq: true,
    });
  }

  /** DER of the TimeStampResp to a TimeStampReq, for `POST /tsa`. Refusals are answers with a failInfo; it never throws. */
  async respond(requestDer: Uint8Array): Promise<Uint8Array> {
    try {
      const demand = acceptable(parseTimestampRequest(requestDer));
      if ('refused' in demand) return buildTimestampResponse(demand);
      return buildTimestampResponse({ granted: await this.#token(demand) });
    } catch (error) {
      const refused = failureOf(error);
      if (refused === 'systemFailure') this.#options.log?.error({ error }, 'time stamp failed');
      return buildTimestampResponse({ refused, reason: reasons[refused] });
    }
  }

  async #token(demand: Demand): Promise<Uint8Array> {
    const { authority, audit, keys, clock } = this.#options;
    const signer = await keys.signer(timeStampKeyName, 'time-stamp');
    const { certificate, chain } = await authority.certificateOf(signer.keyName);
    const serial = newSerial();
    const genTime = clock.now();
    const status = await authority.statusAt(certificate.serialHex, genTime);
    if (status.status !== 'good' || genTime < certificate.notBefore || genTime > certificate.notAfter) {
      throw new TrustError('timestamp-refused', 'the certificate of the time-stamp authority is not good now');
    }
    const facts = { keyName: signer.keyName };
    const event = { action: 'time-stamp.issued', objectId: serial.hex, objectSha256: demand.digest, facts } as const;
    await this.#commitIntent(demand, { serial, genTime, event });
    const token = await buildTimestampToken({
      imprint: demand,
      policyOid: sandboxTimeStampPolicyOid,
      serial: serial.octets,
      genTime,
      accuracy: { seconds: accuracySeconds },
      ...(demand.nonce === undefined ? {} : { nonce: demand.nonce }),
      signer,
      certificate,
      embedded: demand.certReq ? [certificate, ...chain] : [],
    });
    await audit.append(house, { ...event, outcome: 'done' });
    return token;
  }

  /** One statement takes the serial and refuses when a token from later than the accuracy allows exists: the clock went back. */
  async #commitIntent(
    { digestAlgorithm, digest }: Demand,
    { serial, genTime, event }: { serial: Serial; genTime: Date; event: TimestampEvent },
  ): Promise<void> {
    const { database, audit } = this.#options;
    await database.transaction(async (tx) => {
      const { rowCount } = await tx.query({
        name: 'pki-time-stamp',
        text: `INSERT INTO pki.time_stamp (serial_hex, gen_time, digest_algorithm, imprint)
          SELECT $1, $2::timestamptz, $3, $4
          WHERE NOT EXISTS (SELECT 1 FROM pki.time_stamp WHERE gen_time > $5::timestamptz)`,
        values: [serial.hex, genTime, digestAlgorithm, digest, addSeconds(genTime, accuracySeconds)],
      });
      if (rowCount !== 1) throw new TrustError('clock-unreliable', 'the clock went back by more than the accuracy');
      await audit.record(tx, house, { ...event, outcome: 'intended' });
    });
  }
}

interface TimestampEvent {
  readonly action: 'time-stamp.issued';
  readonly objectId: string;
  readonly objectSha256: Uint8Array;
  readonly facts: { readonly keyName: string };
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

/** RFC 3161, 2.4.2: which request is refused with which PKIFailureInfo. */
function acceptable(request: TimestampRequest): Demand | { refused: TimestampFailure; reason: string } {
  const { digestAlgorithm, digest, digestIdentifier, policyOid, nonce, certReq, hasExtensions } = request;
  const refuse = (refused: TimestampFailure) => ({ refused, reason: reasons[refused] });
  if (digestAlgorithm === undefined) return refuse('badAlg');
  if (digest.length !== digestAlgorithms[digestAlgorithm].sizeBytes) return refuse('badDataFormat');
  if (policyOid !== undefined && policyOid !== sandboxTimeStampPolicyOid) return refuse('unacceptedPolicy');
  if (hasExtensions) return refuse('unacceptedExtension');
  return { digestIdentifier, digestAlgorithm, digest, certReq, ...(nonce === undefined ? {} : { nonce }) };
}

function failureOf(error: unknown): TimestampFailure {
  if (isTrustError(error, 'malformed-timestamp')) return 'badDataFormat';
  if (isTrustError(error, 'clock-unreliable') || isTrustError(error, 'timestamp-refused')) return 'timeNotAvailable';
  return 'systemFailure';
}

// The OCSP responder of our authorities: true to the register at every answer, signed once where no nonce asks for more; RFC 6960, RFC 5019.

import type { KeyStore } from '../crypto/key-store.ts';
import type { Signer } from '../crypto/signer.ts';
import type { Database } from '../db/database.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { addSeconds, epochSeconds, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { CertId, CertIdDigest, CertStatus, OcspFailure } from '../pki/ocsp.ts';
import { certIdDigestNames, issuerHashes, writeCertId } from '../pki/ocsp.ts';
import type { OcspRequest } from '../pki/ocsp-request.ts';
import { parseOcspRequest } from '../pki/ocsp-request.ts';
import { buildOcspFailure, buildOcspResponse } from '../pki/ocsp-response.ts';
import type { AuditRecorder } from './audit-recorder.ts';
import { CertificateStore } from './certificate-store.ts';
import type { IssuerName } from './hierarchy.ts';
import { generationOf, isIssuerName, ocspKeyName } from './hierarchy.ts';
import { OcspSession } from './ocsp-session.ts';
import { answerOf, StatusStore } from './status-store.ts';
import { RevisionReader } from './revision-reader.ts';

export interface OcspResponderOptions {
  readonly database: Database;
  readonly audit: AuditRecorder;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OcspAnswer {
  /** DER of the OCSPResponse. */
  readonly der: Uint8Array;
  /** Present when the answer may be kept and given to others (RFC 5019, 6). */
  readonly cacheable?: { readonly thisUpdate: Date; readonly nextUpdate: Date };
}

/** What is known of an authority as long as its revision stays the same. */
interface Bench {
  readonly revision: number;
  readonly until: Date;
  readonly signer: Signer;
  readonly responder: Certificate;
  readonly hashes: ReadonlyMap<CertIdDigest, { readonly name: Uint8Array; readonly key: Uint8Array }>;
  /** By serial. */
  readonly statuses: Map<string, CertStatus>;
  /** Signed answers without a nonce, by the CertID asked about. */
  readonly answers: Map<string, { readonly der: Uint8Array; readonly thisUpdate: Date; readonly nextUpdate: Date }>;
}

const validSeconds = 3600;
/** A signed answer is given out for half of its life. */
const reusedSeconds = validSeconds / 2;
/** After this a responder looks again which certificate and key are its own. */
const benchSeconds = 60;
const maxKept = 20_000;

export class OcspResponder {
  readonly #options: OcspResponderOptions;
  readonly #store = new CertificateStore();
  readonly #statusStore = new StatusStore();
  readonly #revisions: RevisionReader;
  readonly #session: OcspSession;
  readonly #benches = new Map<IssuerName, Bench>();

  constructor(options: OcspResponderOptions) {
    this.#options = options;
    this.#revisions = new RevisionReader(options.database);
    this.#session = new OcspSession(options);
  }

  /** The answer to an OCSPRequest at `/ocsp/{ca}`. Failures are answers too; it never throws. */
  async respond(caName: string, requestDer: Uint8Array): Promise<OcspAnswer> {
    if (!isIssuerName(caName)) return failed('unauthorized');
    try {
      const request = parseOcspRequest(requestDer);
      const bench = await this.#bench(caName);
      if (!request.certIds.every((certId) => isOf(bench, certId))) return failed('unauthorized');
      return await this.#answer(caName, bench, request);
    } catch (error) {
      if (isTrustError(error, 'malformed-ocsp')) return failed('malformedRequest');
      // A key that an authority does not have (yet): strangers may name any.
      if (isTrustError(error, 'key-not-found') && generationOf(caName) > 1) return failed('unauthorized');
      const later = isTrustError(error, 'database-unavailable') || isTrustError(error, 'key-unavailable');
      this.#options.log.error({ err: error, ca: caName }, 'no certificate status could be given');
      return failed(later ? 'tryLater' : 'internalError');
    }
  }

  /**
   * An answer about one certificate, made after the question and never kept: for the document that the certificate signed. Of a
   * certificate that is not of this authority it says `unknown`. Throws certificate-not-found, key-….
   */
  async answerNow(
    caName: string,
    { serial, serialHex }: Pick<Certificate, 'serial' | 'serialHex'>,
  ): Promise<Uint8Array> {
    if (!isIssuerName(caName)) throw new TrustError('certificate-not-found', 'no such authority');
    const bench = await this.#bench(caName);
    // RFC 5019, 2.1.1: SHA-1 is what every reader finds an answer by.
    const issuer = bench.hashes.get('SHA-1');
    if (issuer === undefined) throw new TrustError('internal', 'an authority has no hashes');
    const raw = writeCertId('SHA-1', issuer, serial);
    const asked = { raw, digest: 'SHA-1', issuerNameHash: issuer.name, issuerKeyHash: issuer.key, serialHex } as const;
    const now = this.#options.clock.now();
    return (await this.#sign(caName, bench, { certIds: [asked], thisUpdate: moment(epochSeconds(now) * 1000) })).der;
  }

  /** Writes down what was answered since the last entry; for the end of the process. */
  close(): Promise<void> {
    return this.#session.close();
  }

  async #answer(ca: IssuerName, bench: Bench, { certIds, nonce }: OcspRequest): Promise<OcspAnswer> {
    const now = this.#options.clock.now();
    const [only] = certIds;
    const shared = nonce === undefined && certIds.length === 1 && only !== undefined ? toKey(only) : undefined;
    const kept = shared === undefined ? undefined : bench.answers.get(shared);
    if (kept !== undefined && now < addSeconds(kept.thisUpdate, reusedSeconds) && now >= kept.thisUpdate) {
      return { der: kept.der, cacheable: kept };
    }
    const thisUpdate = moment(epochSeconds(now) * 1000);
    const { der, statuses, nextUpdate } = await this.#sign(ca, bench, {
      certIds,
      thisUpdate,
      ...(nonce === undefined ? {} : { nonce }),
    });
    // What we do not know of is not kept: strangers could fill the memory with made-up serials, and push out what is asked for.
    if (shared === undefined || !statuses.has(only?.serialHex ?? '')) return { der };
    if (bench.answers.size >= maxKept) bench.answers.clear();
    bench.answers.set(shared, { der, thisUpdate, nextUpdate });
    return { der, cacheable: { thisUpdate, nextUpdate } };
  }

  async #sign(
    ca: IssuerName,
    bench: Bench,
    { certIds, thisUpdate, nonce }: OcspRequest & { readonly thisUpdate: Date },
  ): Promise<{ der: Uint8Array; statuses: ReadonlyMap<string, CertStatus>; nextUpdate: Date }> {
    const statuses = await this.#statuses(ca, bench, certIds);
    await this.#session.opened(ca, bench.signer.keyName);
    const nextUpdate = addSeconds(thisUpdate, validSeconds);
    const der = await buildOcspResponse({
      signer: bench.signer,
      responder: bench.responder,
      answers: certIds.map(({ raw: certId, serialHex }) => ({
        certId,
        status: statuses.get(serialHex) ?? { status: 'unknown' },
      })),
      producedAt: thisUpdate,
      nextUpdate,
      ...(nonce === undefined ? {} : { nonce }),
    });
    this.#session.answered(ca);
    return { der, statuses, nextUpdate };
  }

  /**
   * Every answer begins by asking the database for the revision. As long as that has not moved, no status of this authority has
   * changed anywhere; when it has, all that was known of the authority is forgotten.
   */
  async #bench(ca: IssuerName): Promise<Bench> {
    const revision = (await this.#revisions.read()).get(ca) ?? 0;
    const known = this.#benches.get(ca);
    const now = this.#options.clock.now();
    if (known !== undefined && known.revision === revision && now < known.until) return known;
    const made = await this.#makeBench(ca, revision, addSeconds(now, benchSeconds));
    const same = known?.revision === revision && equalBytes(known.responder.der, made.responder.der);
    const bench = same ? { ...made, statuses: known.statuses, answers: known.answers } : made;
    this.#benches.set(ca, bench);
    return bench;
  }

  async #makeBench(ca: IssuerName, revision: number, until: Date): Promise<Bench> {
    const { database, keys } = this.#options;
    const store = this.#store;
    const signer = await keys.signer(ocspKeyName(ca), 'ocsp');
    const [issuer, responder] = await Promise.all([
      store.boundTo(database, ca),
      store.boundTo(database, signer.keyName),
    ]);
    if (issuer === undefined || responder === undefined) throw new Error(`${ca} has no OCSP responder`);
    const hashes = new Map(certIdDigestNames.map((name) => [name, issuerHashes(issuer.certificate, name)]));
    return {
      revision,
      until,
      signer,
      responder: responder.certificate,
      hashes,
      statuses: new Map(),
      answers: new Map(),
    };
  }

  /** Read after the revision: a status can be newer than the revision it is kept under, never older. */
  async #statuses(
    ca: IssuerName,
    { statuses }: Bench,
    certIds: readonly CertId[],
  ): Promise<ReadonlyMap<string, CertStatus>> {
    const { database, clock } = this.#options;
    const serials = [...new Set(certIds.map(({ serialHex }) => serialHex))];
    const missing = serials.filter((serial) => !statuses.has(serial));
    if (missing.length > 0) {
      const rows = await this.#statusStore.statuses(database, ca, missing);
      const now = clock.now();
      if (statuses.size + rows.length > maxKept) statuses.clear();
      // A serial we did not issue is not kept: it would be unknown for ever, and strangers could fill the memory with such.
      // A revocation counts once it is committed, also one that is dated by a clock ahead of ours: what is kept now is kept for long.
      for (const row of rows) statuses.set(row.serial_hex, statusOf(answerOf(row, row.revoked_at ?? now)));
    }
    return new Map(serials.flatMap((serial) => pairOf(serial, statuses.get(serial))));
  }
}

function isOf({ hashes }: Bench, { digest, issuerNameHash, issuerKeyHash }: CertId): boolean {
  const own = digest === undefined ? undefined : hashes.get(digest);
  return own !== undefined && equalBytes(own.name, issuerNameHash) && equalBytes(own.key, issuerKeyHash);
}

function statusOf(answer: ReturnType<typeof answerOf>): CertStatus {
  return answer.status === 'unknown' ? { status: 'unknown' } : answer;
}

function pairOf(serial: string, status: CertStatus | undefined): [string, CertStatus][] {
  return status === undefined ? [] : [[serial, status]];
}

/** The whole CertID, because the answer repeats it. */
function toKey({ raw }: CertId): string {
  return toHex(raw);
}

function failed(failure: OcspFailure): OcspAnswer {
  return { der: buildOcspFailure(failure) };
}

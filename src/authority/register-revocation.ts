// The register of our own certificates as a source of their status: true to the last committed deed, whatever CRLs are about; RFC 5280, 6.3.

import type { Queryable } from '../db/database.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { RevocationAnswer, RevocationPath, RevocationSource } from '../pki/revocation.ts';
import type { StoredCertificate } from './certificate-store.ts';
import type { RegisteredStatus, StatusStore } from './status-store.ts';

export interface RegisterRevocationOptions {
  /** By serial number. */
  readonly registered: ReadonlyMap<string, RegisteredStatus>;
  /** The keys that our authorities sign with, or have signed with; SubjectPublicKeyInfo in hex. */
  readonly ownKeys: ReadonlySet<string>;
  /** For certificates of other authorities. */
  readonly elsewhere: RevocationSource;
}

/** Serial numbers as we give them; others are not asked for. */
const ownSerial = /^[0-9a-f]{2,40}$/;
/** More than the certificates of any message that is judged at all. */
const maxSerials = 400;
/** With their DER some megabytes. */
const maxKnown = 5000;

/**
 * One statement for all certificates that a path may be made of. `own`: of each key of our authorities; `known`: what was asked in the
 * same state of the register, to which the answers are added.
 */
export async function registerRevocation(
  {
    statuses,
    db,
    elsewhere,
    own,
    known = new Map(),
  }: {
    statuses: StatusStore;
    db: Queryable;
    elsewhere: RevocationSource;
    own: readonly StoredCertificate[];
    known?: Map<string, RegisteredStatus>;
  },
  certificates: readonly Certificate[],
): Promise<RegisterRevocation> {
  const serials = new Set(certificates.map(({ serialHex }) => serialHex).filter((serial) => ownSerial.test(serial)));
  const asked = [...serials].slice(0, maxSerials);
  const told = new Map(asked.flatMap((serial) => known.get(serial) ?? []).map((row) => [row.serialHex, row]));
  const missing = asked.filter((serial) => !told.has(serial));
  // One that the register does not know may be issued at any moment: only what it knows is kept.
  const rows = await statuses.registered(db, missing);
  for (const row of rows) told.set(row.serialHex, row);
  if (known.size + rows.length > maxKnown) known.clear();
  for (const row of rows) known.set(row.serialHex, row);
  return new RegisterRevocation({
    registered: told,
    ownKeys: new Set(own.map(({ certificate }) => toHex(certificate.spki))),
    elsewhere,
  });
}

export class RegisterRevocation implements RevocationSource {
  readonly #options: RegisterRevocationOptions;

  constructor(options: RegisterRevocationOptions) {
    this.#options = options;
  }

  /**
   * A certificate of ours is what the register says, whatever else is shown for it. One that a key of ours has signed and the
   * register does not know, octet for octet, is never good: a CRL could not tell it from an issued one. It is the key that tells
   * whose it is: somebody else may have certified it too.
   */
  check(certificate: Certificate, issuer: Certificate, path?: RevocationPath): RevocationAnswer {
    return this.ownAnswer(certificate, issuer) ?? this.#options.elsewhere.check(certificate, issuer, path);
  }

  /** Of the register alone; absent for certificates that are not of our keys. */
  ownAnswer(certificate: Certificate, issuer: Certificate): RevocationAnswer | undefined {
    const row = this.#rowOf(certificate);
    if (row !== undefined) return answerOf(row);
    if (this.#options.ownKeys.has(toHex(issuer.spki))) {
      return { status: 'unknown', detail: 'the register of its authority does not know it' };
    }
    return undefined;
  }

  #rowOf({ serialHex, der }: Certificate): RegisteredStatus | undefined {
    const row = this.#options.registered.get(serialHex);
    return row !== undefined && equalBytes(row.der, der) ? row : undefined;
  }
}

/** In whole seconds, as CRLs and OCSP responses tell it: nobody must get another answer here than there. */
function answerOf({ revocation }: RegisteredStatus): RevocationAnswer {
  if (revocation === undefined) return { status: 'good' };
  const { revokedAt, reason } = revocation;
  return { status: 'revoked', revokedAt: moment(Math.floor(revokedAt.getTime() / 1000) * 1000), reason };
}

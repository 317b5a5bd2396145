// A revocation source over a set of CRLs, each judged once per issuer; RFC 5280, 6.3.3.

import { toHex } from '../kernel/bytes.ts';
import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import { crlProblem } from './crl.ts';
import { sameName } from './name.ts';
import type { RevocationAnswer, RevocationSource } from './revocation.ts';
import { sha256 } from '../crypto/digest.ts';

export class CrlRevocationSource implements RevocationSource {
  readonly #crls: readonly Crl[];
  readonly #now: Date;
  /** The CRL to rely on, or why there is none, by the digest of the issuer's certificate. */
  readonly #judged = new Map<string, Crl | string>();

  /** `now`: the moment at which the CRLs must be current. */
  constructor({ crls, now }: { crls: readonly Crl[]; now: Date }) {
    this.#crls = crls;
    this.#now = now;
  }

  check(certificate: Certificate, issuer: Certificate): RevocationAnswer {
    const crl = this.#crlOf(issuer);
    if (typeof crl === 'string') return { status: 'unknown', detail: crl };
    const entry = crl.entries.get(certificate.serialHex);
    return entry === undefined ? { status: 'good' } : { status: 'revoked', ...entry };
  }

  #crlOf(issuer: Certificate): Crl | string {
    const id = toHex(sha256(issuer.der));
    const known = this.#judged.get(id);
    if (known !== undefined) return known;
    const judged = this.#judge(issuer);
    this.#judged.set(id, judged);
    return judged;
  }

  #judge(issuer: Certificate): Crl | string {
    const candidates = this.#crls.filter(({ issuerDer }) => sameName(issuerDer, issuer.subjectDer));
    const newestFirst = [...candidates].sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
    const problems: string[] = [];
    for (const crl of newestFirst) {
      const problem = crlProblem(crl, issuer, this.#now);
      if (problem === undefined) return crl;
      problems.push(problem);
    }
    return problems[0] ?? 'no CRL of the issuer';
  }
}

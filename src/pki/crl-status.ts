// What a set of CRLs says of one certificate; RFC 5280, 6.3.3, with the deltas of 5.2.4.

import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import type { CrlEntry } from './crl-entries.ts';
import { continues, pointsOf, reasonsCovered } from './crl-scope.ts';
import { allReasons } from './distribution-point.ts';
import { nameKey, sameName } from './name-match.ts';
import type { RevocationAnswer, RevocationDoubt } from './revocation.ts';

export interface CrlDoubt {
  readonly code: RevocationDoubt;
  readonly detail: string;
}

export interface CrlQuestion {
  readonly certificate: Certificate;
  readonly crls: readonly Crl[];
  /** The moment at which a list must be in force. */
  readonly now: Date;
  /** What forbids relying on the signature of a list; asked only of lists that would count. */
  readonly judgeSigner: (crl: Crl) => CrlDoubt | undefined;
}

/** Good only when lists in force cover every reason; revoked as soon as one of them says so. */
export function statusByCrls(question: CrlQuestion): RevocationAnswer {
  const { certificate, crls } = question;
  const newestFirst = [...crls].sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
  const complete = newestFirst.filter(({ deltaBase }) => deltaBase === undefined);
  const deltas = newestFirst.filter(({ deltaBase }) => deltaBase !== undefined);
  const doubts: CrlDoubt[] = [];
  let covered = 0;
  for (const point of pointsOf(certificate)) {
    for (const crl of complete) {
      const reasons = reasonsCovered(crl, certificate, point);
      if ((reasons & ~covered) === 0) continue; // (e)
      const delta = deltas.find((list) => continues(list, crl) && usable(list, question) === undefined);
      const doubt = usable(crl, question, delta !== undefined);
      if (doubt !== undefined) {
        doubts.push(doubt);
        continue;
      }
      const changed = entryIn(delta, certificate); // (i)
      const entry = changed ?? entryIn(crl, certificate); // (j)
      const lifted = changed?.removed === true; // (k); in a complete list removeFromCRL has no meaning
      if (entry !== undefined && !lifted) {
        return { status: 'revoked', revokedAt: entry.revokedAt, reason: entry.reason };
      }
      covered |= reasons;
      if (covered === allReasons) return { status: 'good' };
    }
  }
  return { status: 'unknown', ...(doubts[0] ?? whyNone(question, covered)) };
}

/** 5.2, 5.3, 6.3.3 (a), (f) and (g). A list whose time is over still counts when a delta in force goes on from it (5.2.4). */
function usable(crl: Crl, { now, judgeSigner }: CrlQuestion, continued = false): CrlDoubt | undefined {
  if (crl.criticalUnknown.length > 0) {
    const extensions = crl.criticalUnknown.join(', ');
    return { code: 'crl-extension-unknown', detail: `critical extension ${extensions} of the CRL is not understood` };
  }
  if (crl.thisUpdate > now) return { code: 'crl-from-future', detail: 'the CRL is from the future' };
  const inForce = crl.nextUpdate !== undefined && crl.nextUpdate >= now;
  if (!inForce && !continued) return { code: 'crl-out-of-date', detail: 'the CRL is out of date' };
  return judgeSigner(crl);
}

function entryIn(crl: Crl | undefined, { issuerDer, serialHex }: Certificate): CrlEntry | undefined {
  if (crl === undefined) return undefined;
  const entries = sameName(crl.issuerDer, issuerDer) ? crl.entries : crl.otherEntries.get(nameKey(issuerDer));
  return entries?.get(serialHex);
}

function whyNone({ certificate, crls }: CrlQuestion, covered: number): CrlDoubt {
  if (covered !== 0) return { code: 'crl-reasons-incomplete', detail: 'the CRLs do not cover every reason' };
  const own = crls.filter(({ issuerDer }) => sameName(issuerDer, certificate.issuerDer));
  if (own.length === 0) return { code: 'crl-missing', detail: 'no CRL of the issuer' };
  return own.every(({ deltaBase }) => deltaBase !== undefined)
    ? { code: 'crl-delta-alone', detail: 'there are only delta CRLs, without the list they go on from' }
    : { code: 'crl-scope-other', detail: 'no CRL of the issuer is for this certificate' };
}

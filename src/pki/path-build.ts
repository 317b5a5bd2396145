// Candidate certification paths from a leaf up to a trust anchor; RFC 4158, 2 and 3, with bounds against certificate graphs made to exhaust us.

import { sha256 } from '../crypto/digest.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import type { Certificate } from './certificate.ts';
import { isSameCertificate, isSignedBy } from './certificate.ts';
import { holdsUnder } from './certificate-signature.ts';
import { sameName } from './name-match.ts';
import { isAuthority } from './trust-anchor.ts';
import { lacksParameters, workingKeys } from './working-key.ts';

/** Leaf first; `anchor` is not part of `chain`. */
export interface CandidatePath {
  readonly chain: readonly Certificate[];
  readonly anchor: Certificate;
}

export interface PathSearch {
  readonly leaf: Certificate;
  readonly intermediates: readonly Certificate[];
  readonly anchors: readonly Certificate[];
  readonly at: Date;
}

/** Longer paths do not exist outside of test suites. */
const maxChainLength = 10;
/** Each step verifies a signature; a hostile bag of cross-certificates has exponentially many paths. */
const maxSteps = 200;

/** Finds paths in which every signature holds, best guess first, one at a time: whoever has a good one need not pay for the rest. */
export class PathBuilder {
  readonly #search: PathSearch;
  readonly #intermediates: readonly Certificate[];
  readonly #anchors: readonly Certificate[];
  #steps = maxSteps;
  /** A certificate whose issuer is at hand, by name and key identifier, and did not sign it. */
  wronglySigned: Certificate | undefined;

  constructor(search: PathSearch) {
    this.#search = search;
    this.#intermediates = withoutRepeats(search.intermediates);
    // A seal maker among the anchors issues nothing (trust-anchor.ts).
    this.#anchors = search.anchors.filter(isAuthority);
  }

  /** Whether the search was given up before everything was tried. */
  get exhausted(): boolean {
    return this.#steps < 0;
  }

  *candidates(): Generator<CandidatePath> {
    const { leaf, anchors } = this.#search;
    // A trust anchor is trusted to issue, not to act: it is no end of a path of length zero.
    if (!anchors.some((anchor) => isSameCertificate(anchor, leaf))) yield* this.#extend([leaf]);
  }

  *#extend(chain: readonly Certificate[]): Generator<CandidatePath> {
    const last = chain[chain.length - 1];
    if (last === undefined || chain.length > maxChainLength) return;
    for (const anchor of this.#issuersOf(last, this.#anchors)) {
      if (this.#inheritedKeysHold(chain, anchor)) yield { chain, anchor };
    }
    for (const issuer of this.#issuersOf(last, this.#intermediates)) {
      // RFC 4158, 2.4.2: the same name with the same key again is a loop, whatever else differs.
      const isLoop = chain.some(
        (member) => equalBytes(member.spki, issuer.spki) && sameName(member.subjectDer, issuer.subjectDer),
      );
      if (!isLoop) yield* this.#extend([...chain, issuer]);
    }
  }

  /** Certificates whose name and key made this one, the likeliest first (RFC 4158, 3.5.12 and 3.5.7). */
  *#issuersOf(certificate: Certificate, pool: readonly Certificate[]): Generator<Certificate> {
    const { at } = this.#search;
    const doubt = (candidate: Certificate): number => {
      const isInForce = candidate.notBefore <= at && at <= candidate.notAfter;
      return (keyIdFits(certificate, candidate) === true ? 0 : 2) + (isInForce ? 0 : 1);
    };
    const named = pool.filter((candidate) => sameName(candidate.subjectDer, certificate.issuerDer));
    for (const candidate of named.sort((a, b) => doubt(a) - doubt(b))) {
      if (--this.#steps < 0) return;
      if (lacksParameters(candidate) || isSignedBy(certificate, candidate)) yield candidate;
      else if (keyIdFits(certificate, candidate) !== false) this.wronglySigned ??= certificate;
    }
  }

  /** Signatures by keys that could not be used before the keys above them were known (RFC 5280, 6.1.4 (f)). */
  #inheritedKeysHold(chain: readonly Certificate[], anchor: Certificate): boolean {
    const upwards = [...chain, anchor];
    if (!upwards.some(lacksParameters)) return true;
    const keys = workingKeys(upwards);
    return chain.every((certificate, index) => {
      const issuer = upwards[index + 1];
      const key = keys[index + 1];
      if (issuer === undefined || key === undefined) return false;
      if (!lacksParameters(issuer)) return true;
      const holds = --this.#steps >= 0 && holdsUnder(certificate, key);
      if (!holds) this.wronglySigned ??= certificate;
      return holds;
    });
  }
}

/** `undefined` when one of the two has no key identifier. */
function keyIdFits({ authorityKeyId }: Certificate, { subjectKeyId }: Certificate): boolean | undefined {
  if (authorityKeyId === undefined || subjectKeyId === undefined) return undefined;
  return equalBytes(authorityKeyId, subjectKeyId);
}

function withoutRepeats(certificates: readonly Certificate[]): Certificate[] {
  return [...new Map(certificates.map((certificate) => [toHex(sha256(certificate.der)), certificate])).values()];
}

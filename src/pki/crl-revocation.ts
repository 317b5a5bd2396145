// A revocation source over a set of CRLs, the issuer of each list proved by a path of its own; RFC 5280, 6.3.3 (f) to (h).

import { sha256 } from '../crypto/digest.ts';
import { equalBytes, toHex } from '../kernel/bytes.ts';
import { signatureCounts } from './algorithm-policy.ts';
import type { Certificate } from './certificate.ts';
import { isSameCertificate } from './certificate.ts';
import { holdsUnder } from './certificate-signature.ts';
import type { Crl } from './crl.ts';
import type { CrlDoubt } from './crl-status.ts';
import { statusByCrls } from './crl-status.ts';
import { sameName } from './name-match.ts';
import { validatePath } from './path.ts';
import type { RevocationAnswer, RevocationPath, RevocationSource } from './revocation.ts';
import { workingKeys } from './working-key.ts';

export interface CrlRevocationOptions {
  readonly crls: readonly Crl[];
  /** The moment at which the CRLs must be in force. */
  readonly now: Date;
  /** Where certificates of CRL issuers may be found beside the message; trusted for nothing. */
  readonly certificates?: readonly Certificate[];
}

/** A CRL issuer's own path may need a CRL of another issuer, and so on: not further than this. */
const maxDepth = 3;
/** Certificates of one name that are tried as signer of one list. */
const maxSigners = 8;
/** What one source may cost: lists and certificates may come from whoever sent the document. Kept lists are checked once for all. */
const maxSignerPaths = 24;
const maxSignatures = 64;

/** A signature stays what it is: known lists are asked about again at every verification. */
const knownSignatures = new WeakMap<Crl, Map<string, boolean>>();

export class CrlRevocationSource implements RevocationSource {
  readonly #crls: readonly Crl[];
  readonly #now: Date;
  readonly #certificates: readonly Certificate[];
  /** Digests of the CRL issuers whose paths are being validated: their own lists cannot vouch for them. */
  readonly #pending: ReadonlySet<string>;

  /** Shared with the sources that judge the paths of CRL issuers. */
  readonly #budget: { paths: number; signatures: number };

  constructor(
    { crls, now, certificates = [] }: CrlRevocationOptions,
    pending: ReadonlySet<string> = new Set(),
    budget = { paths: maxSignerPaths, signatures: maxSignatures },
  ) {
    this.#budget = budget;
    this.#crls = crls;
    this.#now = now;
    this.#certificates = certificates;
    this.#pending = pending;
  }

  check(certificate: Certificate, issuer: Certificate, path?: RevocationPath): RevocationAnswer {
    const context = path ?? { above: [issuer], others: [], algorithms: 'current' };
    const judged = new Map<Crl, CrlDoubt | undefined>();
    const judgeSigner = (crl: Crl): CrlDoubt | undefined => {
      if (!judged.has(crl)) judged.set(crl, this.#judgeSigner(crl, certificate, context));
      return judged.get(crl);
    };
    return statusByCrls({ certificate, crls: this.#crls, now: this.#now, judgeSigner });
  }

  /** A key of the path itself is as good as the path; any other needs a path of its own to the same anchor. */
  #judgeSigner(crl: Crl, certificate: Certificate, path: RevocationPath): CrlDoubt | undefined {
    const { above, others, algorithms } = path;
    if (!signatureCounts(crl, algorithms)) {
      return { code: 'crl-issuer-not-trusted', detail: 'the CRL is signed with an algorithm that does not count' };
    }
    const keys = workingKeys(above);
    const doubts: CrlDoubt[] = [];
    for (const [index, signer] of above.entries()) {
      if (!isNamed(signer, crl)) continue;
      const doubt = this.#signerDoubt(crl, signer, keys[index] ?? signer.spki);
      if (doubt === undefined) return undefined;
      doubts.push(doubt);
    }
    const elsewhere = [...others, ...this.#certificates].filter(
      (signer) => isNamed(signer, crl) && !above.some((known) => isSameCertificate(known, signer)),
    );
    for (const signer of elsewhere.slice(0, maxSigners)) {
      const doubt =
        this.#signerDoubt(crl, signer, signer.spki) ??
        (isOwnList(crl, signer, certificate) ? undefined : this.#pathDoubt(signer, path));
      if (doubt === undefined) return undefined;
      doubts.push(doubt);
    }
    const mostTelling = doubts.find(({ code }) => code !== 'crl-signature-wrong') ?? doubts[0];
    return (
      mostTelling ?? { code: 'crl-issuer-not-trusted', detail: 'the certificate of the CRL issuer is not at hand' }
    );
  }

  /** (f): the path must be good now, and lead to the anchor of the certificate that is asked about. */
  #pathDoubt(signer: Certificate, { above, others, algorithms }: RevocationPath): CrlDoubt | undefined {
    const id = toHex(sha256(signer.der));
    const anchor = above[above.length - 1];
    if (anchor === undefined || this.#pending.has(id) || this.#pending.size >= maxDepth) {
      return { code: 'crl-issuer-not-trusted', detail: 'the CRL issuer depends on its own CRL' };
    }
    if (--this.#budget.paths < 0) {
      return { code: 'crl-issuer-not-trusted', detail: 'too many CRL issuers are not those of the path' };
    }
    const options = { crls: this.#crls, now: this.#now, certificates: this.#certificates };
    const { trusted, findings } = validatePath({
      leaf: signer,
      intermediates: [...above.slice(0, -1), ...others, ...this.#certificates],
      anchors: [anchor],
      at: this.#now,
      purpose: 'crl-issuer',
      revocation: new CrlRevocationSource(options, new Set([...this.#pending, id]), this.#budget),
      algorithms,
    });
    if (trusted) return undefined;
    const detail = `the CRL issuer is not trusted: ${findings[0]?.detail ?? 'no path'}`;
    return { code: 'crl-issuer-not-trusted', detail };
  }

  /** (f), key usage, and (g); the key identifier spares verifications. */
  #signerDoubt(crl: Crl, signer: Certificate, spki: Uint8Array): CrlDoubt | undefined {
    const keyIdDiffers =
      crl.authorityKeyId !== undefined &&
      signer.subjectKeyId !== undefined &&
      !equalBytes(crl.authorityKeyId, signer.subjectKeyId);
    if (keyIdDiffers) return { code: 'crl-signature-wrong', detail: 'the CRL is of another key of the issuer' };
    if (signer.keyUsage !== undefined && !signer.keyUsage.has('cRLSign')) {
      return { code: 'crl-issuer-key-usage', detail: 'the issuer may not sign CRLs' };
    }
    return this.#signatureHolds(crl, spki)
      ? undefined
      : { code: 'crl-signature-wrong', detail: 'the signature of the CRL is bad' };
  }

  #signatureHolds(crl: Crl, spki: Uint8Array): boolean {
    const known = knownSignatures.get(crl) ?? new Map<string, boolean>();
    knownSignatures.set(crl, known);
    const key = toHex(spki);
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    if (--this.#budget.signatures < 0) return false;
    const holds = holdsUnder(crl, spki);
    known.set(key, holds);
    return holds;
  }
}

function isNamed(signer: Certificate, crl: Crl): boolean {
  return sameName(signer.subjectDer, crl.issuerDer);
}

/**
 * Whether the authority has said, in the certificate of the CRL issuer, that this issuer tells the status of this very certificate.
 * It cannot then vouch for itself by a path that asks for that status again.
 */
function isOwnList(crl: Crl, signer: Certificate, certificate: Certificate): boolean {
  if (!isSameCertificate(signer, certificate)) return false;
  const issuers = (certificate.crlDistributionPoints ?? []).flatMap(({ crlIssuer = [] }) => crlIssuer);
  return issuers.some((name) => name.kind === 'directoryName' && sameName(name.name, crl.issuerDer));
}

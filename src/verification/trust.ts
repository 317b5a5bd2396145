// What a verification trusts at one moment: anchors of each purpose, and who tells the status of certificates, gathered once a file.

import type { Authority } from '../authority/authority.ts';
import type { StoredCertificate } from '../authority/certificate-store.ts';
import { anchorsAmong } from '../authority/own-anchors.ts';
import { type Finding, finding, type Severity } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { PdfSignature } from '../pdf/signatures.ts';
import type { FilePlace } from '../pdf/validation-data.ts';
import type { Crl } from '../pki/crl.ts';
import { embeddedRevocation, type EmbeddedRevocation, readEmbeddedRevocation } from '../pki/embedded-revocation.ts';
import type { RevocationSource } from '../pki/revocation.ts';
import { noRevocationData, type RevocationData } from '../pki/revocation-data.ts';
import { type AnchorPurpose, anchorPurposes, type TrustAnchors } from '../pki/trust-anchor.ts';
import { PastRevocation } from './past/past-certificate.ts';
import { contentsOf, ProofsOfExistence } from './past/proof-of-existence.ts';

/** For one signature. */
export interface Trust {
  readonly anchors: TrustAnchors;
  readonly revocation: RevocationSource;
  /** The same for a signature proven to have existed `at` that moment; `signer`: whose certificate what was signed names. */
  readonly past: (at: Date, signer: Certificate) => RevocationSource;
  /** When a document time stamp over the signature proves that it existed, with all that is in it; the earliest. */
  readonly provenAt: Date | undefined;
  /** What the file itself brings for the validation of this signature, whoever else knows more. */
  readonly material: SignatureMaterial;
  /** From elsewhere in the file: material for paths, trusted for nothing. */
  readonly certificates: readonly Certificate[];
  /** What of the signature's revocation data was not used. */
  readonly findings: readonly Finding[];
  readonly now: Date;
}

/** What came with a file beside its signatures. */
export interface FileMaterial {
  readonly certificates: readonly Certificate[];
  readonly revocationData: RevocationData;
  /** Where in the file they stand; absent where that proves nothing. */
  readonly places?: ReadonlyMap<Uint8Array, FilePlace>;
}

export interface SignatureMaterial {
  readonly certificates: readonly Certificate[];
  /** Of the file, for all its signatures. */
  readonly store: EmbeddedRevocation;
  /** In the signature itself. */
  readonly own: EmbeddedRevocation;
}

const noMaterial: FileMaterial = { certificates: [], revocationData: noRevocationData };

export class TrustGround {
  readonly #authority: Authority;
  /** Our own authorities. */
  readonly #own: readonly StoredCertificate[];
  readonly #material: FileMaterial;
  readonly #embedded: EmbeddedRevocation;
  /** From the operator of this node. */
  readonly #kept: EmbeddedRevocation;
  readonly anchors: TrustAnchors;
  readonly now: Date;
  /** Grows while the document time stamps of the file are judged. */
  readonly proofs = new ProofsOfExistence();

  private constructor(gathered: {
    authority: Authority;
    own: readonly StoredCertificate[];
    foreign: TrustAnchors;
    lists: readonly Crl[];
    material: FileMaterial;
    now: Date;
  }) {
    const { authority, own, foreign, lists, material, now } = gathered;
    this.#authority = authority;
    this.#own = own;
    this.#material = material;
    this.#embedded = readEmbeddedRevocation(material.revocationData);
    this.#kept = { crls: lists, responses: [], leftOut: 0 };
    const roots = anchorsAmong(own);
    const of = (purpose: AnchorPurpose) => [...roots, ...foreign[purpose]];
    this.anchors = {
      seal: of('seal'),
      'time-stamp': of('time-stamp'),
      licence: of('licence'),
      'seal-maker': of('seal-maker'),
    };
    this.now = now;
    for (const [value, place] of material.places ?? []) this.proofs.note(value, place);
  }

  static async of(authority: Authority, now: Date, material: FileMaterial = noMaterial): Promise<TrustGround> {
    const [own, foreign, lists] = await Promise.all([
      authority.authorities(),
      authority.foreignAnchors.byPurpose(),
      authority.foreignAnchors.lists(),
    ]);
    return new TrustGround({ authority, own, foreign, lists, material, now });
  }

  /**
   * `certificates`: those of the signature, of which its paths may be made; `signature`: where they stand in the file, if that can be
   * stamped. One statement.
   */
  async forSignature(
    certificates: readonly Certificate[],
    revocationData: RevocationData = noRevocationData,
    signature?: PdfSignature,
  ): Promise<Trust> {
    const { anchors, now, proofs } = this;
    const { certificates: further } = this.#material;
    const own = readEmbeddedRevocation(revocationData);
    if (signature !== undefined) this.#note(signature, certificates, own);
    const inFile = [this.#embedded, own];
    const elsewhere = embeddedRevocation([this.#kept, ...inFile], { now, certificates: further });
    const register = await this.#authority.revocation([...certificates, ...further], elsewhere, this.#own);
    return {
      anchors,
      revocation: register,
      past: (at, signer) =>
        new PastRevocation({
          at,
          now,
          signer,
          data: inFile,
          kept: this.#kept,
          certificates: further,
          existedAt: (material) => proofs.ofMaterial(material),
          ownAnswer: (certificate, issuer) => register.ownAnswer(certificate, issuer),
        }),
      provenAt: signature === undefined ? undefined : proofs.ofSignature(signature),
      material: { certificates: [...certificates, ...further], store: this.#embedded, own },
      certificates: further,
      findings: findingsOf(own, 'info'),
      now,
    };
  }

  #note(signature: PdfSignature, certificates: readonly Certificate[], { crls, responses }: EmbeddedRevocation): void {
    const place = contentsOf(signature);
    for (const { der } of [...certificates, ...crls, ...responses]) this.proofs.note(der, place);
  }

  /** What of the material was not used. */
  findings(): Finding[] {
    return findingsOf(this.#embedded, 'warning');
  }
}

function findingsOf({ leftOut }: EmbeddedRevocation, severity: Severity): Finding[] {
  if (leftOut === 0) return [];
  return [
    finding('revocation-data-ignored', severity, `${leftOut} CRLs or OCSP responses cannot be read, or are too much`),
  ];
}

/** Every anchor once, whatever it is for. */
export function allAnchors(anchors: TrustAnchors): Certificate[] {
  return [...new Set(anchorPurposes.flatMap((purpose) => anchors[purpose]))];
}

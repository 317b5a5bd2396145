// What a verification trusts at one moment: anchors of each purpose, and who tells the status of certificates, gathered once a file.

import type { Authority } from '../authority/authority.ts';
import type { StoredCertificate } from '../authority/certificate-store.ts';
import { anchorsAmong } from '../authority/own-anchors.ts';
import { type Finding, finding, type Severity } from '../kernel/report.ts';
import type { Certificate } from '../pki/certificate.ts';
import type { Crl } from '../pki/crl.ts';
import { embeddedRevocation, type EmbeddedRevocation, readEmbeddedRevocation } from '../pki/embedded-revocation.ts';
import type { RevocationSource } from '../pki/revocation.ts';
import { noRevocationData, type RevocationData } from '../pki/revocation-data.ts';
import { type AnchorPurpose, anchorPurposes, type TrustAnchors } from '../pki/trust-anchor.ts';

/** For one signature. */
export interface Trust {
  readonly anchors: TrustAnchors;
  readonly revocation: RevocationSource;
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
  }

  static async of(authority: Authority, now: Date, material: FileMaterial = noMaterial): Promise<TrustGround> {
    const [own, foreign, lists] = await Promise.all([
      authority.authorities(),
      authority.foreignAnchors.byPurpose(),
      authority.foreignAnchors.lists(),
    ]);
    return new TrustGround({ authority, own, foreign, lists, material, now });
  }

  /** `certificates`: those of the signature, of which its paths may be made. One statement. */
  async forSignature(
    certificates: readonly Certificate[],
    revocationData: RevocationData = noRevocationData,
  ): Promise<Trust> {
    const { anchors, now } = this;
    const { certificates: further } = this.#material;
    const material = [...certificates, ...further];
    const own = readEmbeddedRevocation(revocationData);
    const elsewhere = embeddedRevocation([this.#kept, this.#embedded, own], { now, certificates: further });
    const revocation = await this.#authority.revocation(material, elsewhere, this.#own);
    return { anchors, revocation, certificates: further, findings: findingsOf(own, 'info'), now };
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

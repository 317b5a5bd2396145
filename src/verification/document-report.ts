// The report on a document, in the shape of the contract; words of ETSI EN 319 102-1, clause 5.

import type { Finding, Indication, SubIndication } from '../kernel/report.ts';

export interface DocumentReport {
  readonly verificationId: string;
  /** RFC 3339; the moment at which all was judged. */
  readonly verifiedAt: string;
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly mediaType: string;
  /** Of the file, lower-case hex. */
  readonly sha256: string;
  readonly pageCount: number;
  readonly signatures: readonly SignatureReport[];
  readonly findings: readonly Finding[];
  readonly receipt: { readonly entryId: string; readonly auditIndex: number | null };
  /** Compact JWS; null when its key cannot be used now. */
  readonly signedReceipt: string | null;
}

/** `partial`: the signed range is not a revision of the file, so it vouches for nothing a reader shows. */
export type Coverage = 'whole-file' | 'revision' | 'partial';

/** Three things apart: are the bytes those that were signed, is the signature right, and who says so. */
export interface SignatureReport {
  readonly indication: Indication;
  readonly subIndication: SubIndication | null;
  readonly intact: boolean;
  readonly valid: boolean;
  readonly trusted: boolean;
  readonly coverage: Coverage;
  /** What came into the file after this signature. */
  readonly changes: readonly {
    readonly kind: string;
    readonly object?: string;
    readonly page?: number;
    readonly detail: string;
  }[];
  /** RFC 3339; of the time stamp, else as claimed by the signer. */
  readonly signingTime: string | null;
  readonly timeSource: 'time-stamp' | 'claimed' | 'none';
  /** RFC 3339; the earliest moment at which a trusted time stamp, of the signature or over the document, proves that it existed. */
  readonly provenTime: string | null;
  readonly format: string;
  readonly level: string | null;
  readonly seal: {
    readonly sealId: string;
    readonly sealCode: string;
    readonly name: string;
    readonly organisation: { readonly name: string; readonly uscc: string };
    readonly status: string;
  } | null;
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    readonly serial: string;
    readonly notBefore: string;
    readonly notAfter: string;
  } | null;
  readonly findings: readonly Finding[];
}

// Whether a seal may act: the checks of GM/T 0031-2025, 6.1.2, in its order, and those that bind it to our register.

import { equalBytes } from '../../kernel/bytes.ts';
import { isTrustError } from '../../kernel/errors.ts';
import { type Finding, finding } from '../../kernel/report.ts';
import { digest } from '../../crypto/digest.ts';
import { type Certificate, parseCertificate } from '../../pki/certificate.ts';
import { validatePath } from '../../pki/path.ts';
import type { RevocationSource } from '../../pki/revocation.ts';
import { faceDigest } from '../picture/face.ts';
import { digestNamed } from './digest-name.ts';
import { faceExtensionOid } from './face-extension.ts';
import { parseSeal, type SesSeal, type SesSealInfo } from './ses-seal.ts';
import { formOfSignedValue } from './signed-value.ts';

export interface SealCheck {
  readonly sesSeal: Uint8Array;
  readonly face: Uint8Array;
  readonly sealCode: string;
  /** Certificate of the key that is to sign with the seal, DER. */
  readonly signerCertificate: Uint8Array;
  readonly at: Date;
  readonly anchors: readonly Certificate[];
  readonly intermediates: readonly Certificate[];
  readonly revocation: RevocationSource;
}

/** Empty when the seal may act at `at`; else the first failure, as the standard stops there. Never throws for a bad seal. */
export function checkSeal(check: SealCheck): Finding[] {
  let seal: SesSeal;
  let maker: Certificate;
  try {
    seal = parseSeal(check.sesSeal);
    maker = parseCertificate(seal.makerCertificate);
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return [bad('seal-malformed', error.message)];
  }
  return [
    ...makerSignature(seal, maker),
    ...makerTrusted(seal, maker, check),
    ...extensions(seal, check),
    ...binding(seal, check),
    ...validity(seal, check.at),
  ].slice(0, 1);
}

/** Of whoever made the seal; empty when it cannot be read, which `checkSeal` tells. */
export function makerCertificateOf(sesSeal: Uint8Array): Certificate[] {
  try {
    return [parseCertificate(parseSeal(sesSeal).makerCertificate)];
  } catch (error) {
    if (!isTrustError(error)) throw error;
    return [];
  }
}

/** Empty when the maker signed the seal as it came. */
export function makerSignature(seal: SesSeal, maker: Certificate): Finding[] {
  const { signatureAlgorithmOid: algorithmOid, signedBytes: data, signature } = seal;
  const good = formOfSignedValue({ algorithmOid, certificate: maker, data, signature }) !== undefined;
  return good ? [] : [bad('seal-maker-signature-wrong', 'the seal maker did not sign this seal')];
}

/** Version 5 judges the maker at createDate: a maker's certificate that ended later does not end the seals it made, as it did before. */
function makerTrusted(seal: SesSeal, maker: Certificate, check: SealCheck): Finding[] {
  const { anchors, intermediates, revocation } = check;
  const at = seal.info.version === 5 ? seal.info.createdAt : check.at;
  const path = validatePath({ leaf: maker, intermediates, anchors, at, purpose: 'seal-maker', revocation });
  return path.trusted ? [] : [bad('seal-maker-not-trusted', path.findings[0]?.detail ?? 'no path to an anchor')];
}

function extensions(seal: SesSeal, { face }: SealCheck): Finding[] {
  const [unknown] = unknownExtensions(seal);
  if (unknown !== undefined) return [unknown];
  const signed = seal.info.extensions.find((extension) => extension.oid === faceExtensionOid);
  if (signed !== undefined && equalBytes(signed.value, faceDigest(face))) return [];
  return [bad('seal-face-altered', 'the outlines are not those the seal maker signed')];
}

/** Those that must be understood and are not. */
export function unknownExtensions({ info }: SesSeal): Finding[] {
  return info.extensions
    .filter(({ critical, oid }) => critical && oid !== faceExtensionOid)
    .map(({ oid }) => bad('seal-extension-unknown', `critical extension ${oid}`));
}

function binding(seal: SesSeal, check: SealCheck): Finding[] {
  if (seal.info.esId !== check.sealCode) return [bad('seal-code-wrong', 'the seal carries another seal code')];
  // A renewed certificate means that the seal must be made anew.
  if (listsCertificate(seal.info, check.signerCertificate)) return [];
  return [bad('seal-certificate-not-listed', 'the signing certificate is not in the seal')];
}

/** Compared octet by octet, or by digest where the seal lists digests. */
export function listsCertificate(info: SesSealInfo, der: Uint8Array): boolean {
  return (
    info.certificates.some((listed) => equalBytes(listed, der)) ||
    info.certificateDigests.some(({ algorithm, value }) => {
      const name = digestNamed(algorithm);
      return name !== undefined && equalBytes(value, digest(name, der));
    })
  );
}

function validity({ info }: SesSeal, at: Date): Finding[] {
  if (at < info.validFrom) return [bad('seal-not-yet-valid', 'the validity of the seal has not begun')];
  if (at >= info.validUntil) return [bad('seal-expired', 'the validity of the seal is over')];
  return [];
}

function bad(code: string, detail: string): Finding {
  return finding(code, 'error', detail);
}

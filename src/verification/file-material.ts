// Certificates, CRLs and OCSP responses that a PDF brings along in its document security store; ETSI EN 319 142-1, 5.4.2.2.

import { isTrustError } from '../kernel/errors.ts';
import { type Finding, finding } from '../kernel/report.ts';
import type { PdfDocument } from '../pdf/reader.ts';
import { readValidationData } from '../pdf/validation-data.ts';
import { type Certificate, parseCertificate } from '../pki/certificate.ts';
import type { FileMaterial } from './trust.ts';

/** Nobody signs the store, and nothing in it is believed for standing there: what cannot be read is told and passed over. */
export function fileMaterial({ file }: PdfDocument): FileMaterial & { readonly findings: readonly Finding[] } {
  const { certificates: stored, crls, ocspResponses, places, leftOut } = readValidationData(file);
  const certificates = stored.flatMap(readable);
  const unread = leftOut + stored.length - certificates.length;
  const told = `${unread} parts of the document security store were not read`;
  const findings = unread === 0 ? [] : [finding('revocation-data-ignored', 'warning', told)];
  return { certificates, revocationData: { crls, ocspResponses }, places, findings };
}

function readable(der: Uint8Array): Certificate[] {
  try {
    return [parseCertificate(der)];
  } catch (error) {
    if (isTrustError(error, 'malformed-certificate')) return [];
    throw error;
  }
}

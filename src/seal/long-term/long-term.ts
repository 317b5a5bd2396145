// What makes a signed PDF good for later than its certificates: validation data in the file, and a time stamp over it; ETSI EN 319 142-1, 5.4 and 6 (B-LT, B-LTA).

import { digestOf } from '../../crypto/digest.ts';
import type { Suite } from '../../authority/hierarchy.ts';
import { concatBytes } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import { prepareDocumentTimestamp } from '../../pdf/document-timestamp.ts';
import { openPdf, type PdfDocument } from '../../pdf/reader.ts';
import type { PdfSignature } from '../../pdf/signatures.ts';
import { addValidationData, type SignatureMaterial } from '../../pdf/validation-store.ts';
import type { TimestampAuthority } from '../../pki/timestamp.ts';
import { verifySignedData } from '../../pki/verify-cms.ts';
import { type TimestampVerification, verifyTimestampToken } from '../../pki/verify-timestamp.ts';
import { pdfDigestAlgorithms, timeStampBytes } from '../pdf-signature-value.ts';
import type { StampOrder } from '../stamp-request.ts';
import type { SignerToProve, ValidationSources } from './validation-sources.ts';

export interface LongTermOptions {
  readonly sources: ValidationSources;
  readonly timestamps: TimestampAuthority;
}

export class LongTerm {
  readonly #options: LongTermOptions;

  constructor(options: LongTermOptions) {
    this.#options = options;
  }

  /** What a level adds behind these signatures. Throws revocation-data-missing, timestamp-refused, key-…. */
  async raised(
    signed: Uint8Array,
    { level, fieldNames, suite }: { level: StampOrder['level']; fieldNames: readonly string[]; suite: Suite },
  ): Promise<Uint8Array> {
    if (level === 'B-B' || level === 'B-T') return signed;
    const lasting = await this.withValidationData(signed, ({ fieldName }) => fieldNames.includes(fieldName));
    return level === 'B-LT' ? lasting : this.withArchiveTimestamp(lasting, suite);
  }

  /**
   * The file with everything that these of its signatures and time stamps need; the file itself when it holds that already. Throws
   * revocation-data-missing, key-….
   */
  async withValidationData(bytes: Uint8Array, concerns: (signature: PdfSignature) => boolean): Promise<Uint8Array> {
    const document = openPdf(bytes);
    const materials: SignatureMaterial[] = [];
    for (const signature of document.signatures.filter(concerns)) materials.push(await this.#materialOf(signature));
    return withMaterial(document, bytes, materials);
  }

  /** The file with a time stamp over all of it. Throws timestamp-refused, key-…. */
  async withArchiveTimestamp(bytes: Uint8Array, suite: Suite): Promise<Uint8Array> {
    const slot = prepareDocumentTimestamp(openPdf(bytes), timeStampBytes);
    const digestAlgorithm = pdfDigestAlgorithms[suite];
    const imprint = { digestAlgorithm, digest: digestOf(digestAlgorithm, slot.signedParts) };
    return slot.embed(await this.#options.timestamps.stamp(imprint, suite));
  }

  async #materialOf(signature: PdfSignature): Promise<SignatureMaterial> {
    const parts = [];
    for (const signer of signersOf(signature)) parts.push(await this.#options.sources.materialFor(signer));
    const { paddedContents } = signature;
    return {
      paddedContents,
      certificates: parts.flatMap(({ certificates }) => certificates.map(({ der }) => der)),
      ocspResponses: parts.flatMap(({ revocationData }) => revocationData.ocspResponses),
      crls: parts.flatMap(({ revocationData }) => revocationData.crls),
    };
  }
}

function withMaterial(document: PdfDocument, bytes: Uint8Array, materials: readonly SignatureMaterial[]): Uint8Array {
  const update = addValidationData(document, materials);
  return update === undefined ? bytes : concatBytes(bytes, update.tail);
}

/** Whose certificates a signature or document time stamp rests on. What it is over was judged, or will be, by others. */
function signersOf(signature: PdfSignature): SignerToProve[] {
  const notHashed = () => new Uint8Array();
  if (signature.type === 'DocTimeStamp') {
    return [authorityOf(verifyTimestampToken({ token: signature.contents, imprint: notHashed }))];
  }
  const cms = verifySignedData({ cms: signature.contents, content: notHashed });
  const { signerCertificate: leaf, certificates, revocationData, timestamps } = cms;
  if (leaf === undefined) throw namesNobody();
  return [{ leaf, certificates, revocationData, purpose: 'seal' }, ...timestamps.map(authorityOf)];
}

function authorityOf({ signerCertificate: leaf, certificates, revocationData }: TimestampVerification): SignerToProve {
  if (leaf === undefined) throw namesNobody();
  return { leaf, certificates, revocationData, purpose: 'time-stamp' };
}

function namesNobody(): TrustError {
  return new TrustError('revocation-data-missing', 'a signature or time stamp names no certificate');
}

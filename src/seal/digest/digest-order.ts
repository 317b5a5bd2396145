// What a caller asks for who stamps a document without showing it (摘要用印), and what is signed in the end.

import { TrustError } from '../../kernel/errors.ts';
import { isPlainText } from '../../kernel/plain-text.ts';
import type { DocumentClass } from '../use/document-class.ts';

export type StampedMediaType = 'application/pdf' | 'application/ofd';

/** What the caller says of the document and of the stamps in it is a claim, and nobody here can check it. */
export interface DigestOrder {
  readonly sealId: string;
  readonly mediaType: StampedMediaType;
  /** Lower-case hex. */
  readonly documentSha256: string;
  readonly documentSizeBytes: number;
  /** Why (用印事由): stands in the audit log, and in a PDF in the signature's Reason. */
  readonly purpose: string;
  readonly policy: 'intl' | 'gm';
  readonly level: 'B-B' | 'B-T';
  readonly documentClass?: DocumentClass | undefined;
  /** Where the seal is shown, in words; kept with the stamping, and no fact of the log, since people write names. */
  readonly placements: readonly string[];
}

export interface DigestRequest extends Omit<DigestOrder, 'policy' | 'level'> {
  readonly policy: 'intl' | 'gm' | 'dual';
  readonly level: 'B-B' | 'B-T' | 'B-LT' | 'B-LTA';
}

const maxPlacements = 50;
const maxPurposeLength = 200;
const maxPlacementLength = 60;

/**
 * Throws malformed-request; policy-not-supported for `dual`, which is two signatures, and for an OFD under `intl`;
 * level-not-supported for those that put validation data into the document.
 */
export function digestOrder(request: DigestRequest): DigestOrder {
  const { mediaType, policy, level, purpose, placements } = request;
  if (policy === 'dual' || (policy === 'intl' && mediaType === 'application/ofd'))
    throw new TrustError('policy-not-supported', `${mediaType} is not stamped by its digest under ${policy}`);
  if (level !== 'B-B' && level !== 'B-T')
    throw new TrustError('level-not-supported', `${level} changes the document after it is signed: upload it`);
  if (!isPlainText(purpose, maxPurposeLength))
    throw new TrustError('malformed-request', `a purpose has 1 to ${maxPurposeLength} visible characters`);
  if (placements.length > maxPlacements || !placements.every((words) => isPlainText(words, maxPlacementLength)))
    throw new TrustError('malformed-request', `at most ${maxPlacements} placements, in a few words each`);
  const { sealId, documentSha256, documentSizeBytes, documentClass } = request;
  return { sealId, mediaType, documentSha256, documentSizeBytes, purpose, policy, level, documentClass, placements };
}

/** What the key is to act over: of a PDF the SHA-256 (under `gm` the SM3) of its byte range, of an OFD the SM3 of Signature.xml and where that stands. */
export interface ToSign {
  readonly digest: Uint8Array;
  readonly path: string | undefined;
}

const digestBytes = 32;
const maxPathLength = 200;

/** Throws malformed-request. */
export function requireToSign({ mediaType }: DigestOrder, { digest, path }: ToSign): void {
  if (digest.length !== digestBytes) throw new TrustError('malformed-request', 'a digest has 32 bytes');
  if ((mediaType === 'application/ofd') !== (path !== undefined))
    throw new TrustError('malformed-request', 'an OFD has a path of its Signature.xml, a PDF has none');
  // SES writes it as IA5String, and a verifier compares it with where the file stands.
  if (path !== undefined && (path.length > maxPathLength || !/^(?:\/[!-.0-~]+)+\/Signature\.xml$/.test(path)))
    throw new TrustError('malformed-request', 'the path of Signature.xml is absolute and in visible ASCII');
}

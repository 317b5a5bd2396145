// What the archive time stamp of a PDF rests on, until when, and what the next one must bring along; ETSI EN 319 142-1, 5.4.3.

import type { Suite } from '../../authority/hierarchy.ts';
import { moment } from '../../kernel/clock.ts';
import type { PdfDocument } from '../../pdf/reader.ts';
import type { PdfSignature } from '../../pdf/signatures.ts';
import { verifySignedData } from '../../pki/verify-cms.ts';
import { verifyTimestampToken } from '../../pki/verify-timestamp.ts';

export interface Archive {
  /** The last signature or document time stamp; `undefined` when there is none. */
  readonly last: PdfSignature | undefined;
  /** What is not yet under a document time stamp, and the last of these: its own material is in the file by the next one. */
  readonly concerns: (signature: PdfSignature) => boolean;
  readonly suite: Suite;
  readonly holdsUntil: Date;
}

export function archiveOf({ signatures }: PdfDocument): Archive {
  const last = signatures.at(-1);
  const stamp = signatures.filter(({ type }) => type === 'DocTimeStamp').at(-1);
  const from = stamp?.revisionEnd ?? 0;
  const certificates = last === undefined ? [] : certificatesOf(last);
  return {
    last,
    concerns: ({ revisionEnd }) => revisionEnd >= from,
    suite: certificates[0]?.signatureAlgorithm === 'SM2' ? 'gm' : 'intl',
    holdsUntil: moment(Math.min(...certificates.map(({ notAfter }) => notAfter.getTime()), farthest)),
  };
}

/** RFC 5280, 4.1.2.5: a certificate without an end. */
const farthest = Date.UTC(9999, 11, 31);

/** The signer's first. */
function certificatesOf({ type, contents }: PdfSignature) {
  const notHashed = () => new Uint8Array();
  const message =
    type === 'DocTimeStamp'
      ? verifyTimestampToken({ token: contents, imprint: notHashed })
      : verifySignedData({ cms: contents, content: notHashed });
  const { signerCertificate, certificates } = message;
  return signerCertificate === undefined ? certificates : [signerCertificate, ...certificates];
}

// Revocation data that came with a document, as a source for path validation: read within limits, and believed only when signed by whom it takes.

import { isTrustError } from '../kernel/errors.ts';
import type { BasicOcspResponse } from './basic-ocsp-response.ts';
import { parseOcspResponse } from './basic-ocsp-response.ts';
import type { Certificate } from './certificate.ts';
import type { Crl } from './crl.ts';
import { parseCrl } from './crl.ts';
import { CrlRevocationSource } from './crl-revocation.ts';
import { OcspRevocationSource } from './ocsp-revocation.ts';
import type { RevocationSource } from './revocation.ts';
import type { RevocationData } from './revocation-data.ts';

export interface EmbeddedRevocation {
  readonly crls: readonly Crl[];
  readonly responses: readonly BasicOcspResponse[];
  /** Those that cannot be read, and those beyond the limits. */
  readonly leftOut: number;
}

/** Lists and responses; each list that fits a certificate costs signature checks. */
const maxEach = 40;
/** Of all lists together: reading them takes under a second of one core. Files of operators may be longer (`parseCrl`). */
const maxCrlBytes = 16 * 1024 * 1024;

/** Never throws for bad input. */
export function readEmbeddedRevocation({ crls, ocspResponses }: RevocationData): EmbeddedRevocation {
  let room = maxCrlBytes;
  const lists = crls.slice(0, maxEach).flatMap((der) => {
    if (der.length > room) return [];
    room -= der.length;
    return readable(() => parseCrl(der));
  });
  const responses = ocspResponses.slice(0, maxEach).flatMap((der) => readable(() => parseOcspResponse(der)));
  const leftOut = crls.length + ocspResponses.length - lists.length - responses.length;
  return { crls: lists, responses, leftOut };
}

/**
 * Nothing is fetched. A response or list must be in force at `now`: what it said when the document was signed is no proof that it is
 * still so, as long as nothing proves that it was there then.
 */
export function embeddedRevocation(
  parts: readonly EmbeddedRevocation[],
  { now, certificates }: { now: Date; certificates: readonly Certificate[] },
): RevocationSource {
  const otherwise = new CrlRevocationSource({ crls: parts.flatMap(({ crls }) => crls), now, certificates });
  return new OcspRevocationSource({ responses: parts.flatMap(({ responses }) => responses), now, otherwise });
}

function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (isTrustError(error, 'malformed-certificate') || isTrustError(error, 'malformed-ocsp')) return [];
    throw error;
  }
}

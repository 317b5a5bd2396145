// Certificates and CRLs as files: DER as it is, or PEM with any text around the blocks; RFC 7468, 2, 5 and 6.

import { fromBase64, fromUtf8, toBase64 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';

export type PemLabel = 'CERTIFICATE' | 'X509 CRL' | 'PUBLIC KEY';

/** Bundles of all authorities of the world have some 150. */
const maxBlocks = 1000;

/** The DER of each block with this label, or the file itself when it is no text. Throws `malformed-certificate` when there is none. */
export function derBlocks(file: Uint8Array, label: PemLabel): Uint8Array[] {
  if (isDer(file)) return [file];
  const text = fromUtf8(file);
  if (text === undefined) throw malformedFile('neither DER nor text');
  const [, ...parts] = text.split(`-----BEGIN ${label}-----`);
  if (parts.length === 0 || parts.length > maxBlocks) throw malformedFile(`${parts.length} blocks of ${label}`);
  return parts.map((part) => {
    const end = part.indexOf(`-----END ${label}-----`);
    const der = end < 0 ? undefined : fromBase64(part.slice(0, end).replace(/[\r\n\t ]+/g, ''));
    if (der === undefined) throw malformedFile(`a block of ${label} is broken`);
    return der;
  });
}

/** A SEQUENCE of 128 octets and more, as all of these are: text may begin with the digit 0 too, but not go on with such an octet. */
function isDer([tag, length = 0]: Uint8Array): boolean {
  return tag === 0x30 && length > 0x80 && length <= 0x84;
}

/** One block, lines of 64 characters (RFC 7468, 2). */
export function pemOf(label: PemLabel, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function malformedFile(detail: string): TrustError {
  return new TrustError('malformed-certificate', detail);
}

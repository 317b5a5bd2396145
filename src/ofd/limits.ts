// What an OFD may cost to read: fixed limits, and the refusals of this room.

import { TrustError } from '../kernel/errors.ts';

export const maxFileBytes = 256 * 1024 * 1024;
export const maxEntries = 20_000;
export const maxNameLength = 512;
/** One entry, and all together, inflated: reading and digesting must not hold up everybody else for longer than some seconds. */
export const maxEntryBytes = 64 * 1024 * 1024;
export const maxContentBytes = 160 * 1024 * 1024;
/** Only small entries may be packed tighter: text of one repeated word reaches 1 : 200, a bomb 1 : 1000. */
export const maxRatio = 300;
export const ratioMattersFromBytes = 1024 * 1024;
/** One XML file; real pages have at most a few hundred kilobytes. */
export const maxXmlBytes = 8 * 1024 * 1024;
export const maxXmlElements = 100_000;
export const maxXmlDepth = 64;
export const maxXmlAttributes = 64;
/** Of namespaces, that are known at one place. */
export const maxXmlPrefixes = 32;
/** All XML that is read of one package, each file as often as it is read, an element as so many bytes: of the cost of reading it. */
export const maxXmlWork = 64 * 1024 * 1024;
export const xmlWorkOfElement = 64;
/** A signature value or a seal. */
export const maxValueBytes = 8 * 1024 * 1024;
export const maxPages = 10_000;
export const maxSignatures = 100;
export const maxStamps = 20_000;

export function malformed(reason: string, cause?: unknown): TrustError {
  return new TrustError('malformed-ofd', `OFD: ${reason}`, { details: { reason }, cause });
}

/** The file may be well formed, but is beyond what is read here. */
export function unsupported(reason: string): TrustError {
  return new TrustError('unsupported-ofd', `OFD: ${reason}`, { details: { reason } });
}

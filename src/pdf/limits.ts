// What a PDF may cost to read: fixed limits, and one budget of work that all views of a document share.

import { TrustError } from '../kernel/errors.ts';

/**
 * With its update. ByteRange and tables have ten digits for an offset, the rows of cross-reference streams that are written here four
 * bytes. How much is taken in memory is for those to say who hold it (maxDocumentBytes).
 */
export const maxFileBytes = 0xffff_ffff;
/** ISO 32000-1 annex C.2: the largest object number of the usual readers. */
export const maxObjectNumber = 8_388_607;
/** Updates of one file; a document stamped a thousand times is an attack. */
export const maxSections = 1_000;
export const maxDepth = 64;
export const maxPages = 10_000;
export const maxFields = 20_000;
export const maxSignatures = 100;
/** One decoded cross-reference or object stream; page content is never decoded. */
export const maxDecodedBytes = 32 * 1024 * 1024;

/**
 * One unit for a value, two more for a container, a string or a key, one for 16 bytes of other text. A unit is half a microsecond and some
 * 150 bytes of memory at worst, and reading is done in one go: a view must not hold up everybody else for longer than a second.
 */
const maxViewWork = 1_500_000;
/** All views together: each signature that is followed by another revision needs one of its own. */
const maxWork = 6_000_000;
/** What two revisions may cost to compare beyond reading them: a picture with a seal, a field with a lock. */
export const maxComparisons = 5_000_000;
/** What the signatures of one file cover, all together: each is digested for itself, at some 500 MB a second. */
const maxSignedBytes = 4 * 1024 * 1024 * 1024;
const maxTotalDecodedBytes = 64 * 1024 * 1024;

/** Hostile files make the same bytes be read again and again (objects inside strings of objects): the sum is bounded here. */
export class ReadBudget {
  private readonly whole: ReadBudget | undefined;
  private work = 0;
  private decodedBytes = 0;

  constructor(whole?: ReadBudget) {
    this.whole = whole;
  }

  /** The budget of one more view; what it spends counts for all of them. */
  view(): ReadBudget {
    return new ReadBudget(this.whole ?? this);
  }

  get spent(): number {
    return this.work;
  }

  spend(units: number): void {
    this.work += units;
    if (this.work > (this.whole === undefined ? maxWork : maxViewWork))
      throw tooLarge('reading it takes too much work');
    this.whole?.spend(units);
  }

  decoded(bytes: number): void {
    this.decodedBytes += bytes;
    if (this.decodedBytes > maxTotalDecodedBytes) throw tooLarge('its compressed streams are too large');
    this.whole?.decoded(bytes);
  }
}

export function malformed(reason: string, cause?: unknown): TrustError {
  return new TrustError('malformed-pdf', `PDF: ${reason}`, { details: { reason }, cause });
}

/** The file may be well formed, but is beyond what is read here. */
export function tooLarge(reason: string): TrustError {
  return new TrustError('unsupported-pdf', `PDF: ${reason}`, { details: { reason } });
}

/** Throws unsupported-pdf. One signature may cover any file that is read at all. */
export function boundSignedBytes(revisionEnds: readonly number[]): void {
  const total = revisionEnds.reduce((sum, end) => sum + end, 0);
  if (revisionEnds.length > 1 && total > maxSignedBytes) throw tooLarge('its signatures cover too much');
}

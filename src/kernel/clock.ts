// Time and randomness, read in this room only, so that tests can freeze the one and nothing else hides the other.

export interface Clock {
  /** The present moment, millisecond resolution. */
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock for tests: it stands still until it is moved. */
export function frozenClock(start: string | Date): Clock & { advance(milliseconds: number): void } {
  let now = new Date(start).getTime();
  return {
    now: () => new Date(now),
    advance: (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** A moment given as ISO 8601 text or epoch milliseconds; throws RangeError when it is none. */
export function moment(value: string | number): Date {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw new RangeError(`not a moment: ${value}`);
  return date;
}

export function addSeconds(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}

/** Whole seconds since 1970. */
export function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** Monotonic milliseconds, for measuring durations only. */
export function monotonicMs(): number {
  return performance.now();
}

/** Cryptographically strong random bytes. Throws RangeError for a length that is none. */
export function randomBytes(length: number): Uint8Array {
  // A length that is none would move the mark to where bytes were taken already, for all who come after.
  if (!Number.isInteger(length) || length < 0) throw new RangeError(`${length} is no length`);
  if (length > maxPooledBytes) return globalThis.crypto.getRandomValues(new Uint8Array(length));
  if (length > pool.length - poolUsed) {
    globalThis.crypto.getRandomValues(pool);
    poolUsed = 0;
  }
  const taken = pool.slice(poolUsed, poolUsed + length);
  pool.fill(0, poolUsed, poolUsed + length); // they may become a secret, of which no copy stays here
  poolUsed += length;
  return taken;
}

/** Identifiers, serials and nonces are taken by the thousand, and asking for a few bytes costs as much as for a thousand. */
const maxPooledBytes = 64;
const pool = new Uint8Array(4096);
let poolUsed = pool.length;

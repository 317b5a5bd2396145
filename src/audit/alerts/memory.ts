// What a rule remembers of one subject between two entries, and what it answers to the next entry.

export interface Memory {
  /** Milliseconds since 1970, or day numbers, ascending. */
  readonly moments: readonly number[];
  /** Beside `moments`, where a rule counts. */
  readonly counts: readonly number[];
  /** Leaf indexes that would belong to the alert. */
  readonly indexes: readonly number[];
  readonly note: string;
}

export interface Answer {
  /** What to remember from now on; absent: what was remembered stays. */
  readonly memory?: Memory;
  /** After this moment the memory may be forgotten. */
  readonly keepUntilMs?: number;
  /** Present when this entry raises an alert, or belongs to one that goes on. */
  readonly alarm?: {
    /** How many entries raised it, when it is a new alert. */
    readonly count: number;
    readonly indexes: readonly number[];
  };
}

/** So many leaves are named in an alert; its count goes on. */
export const maxIndexes = 50;

export const dayMs = 86_400_000;

// What the offline checker of the audit log answers.

import { type Finding, finding } from '../kernel/report.ts';

/** 0: good. 1: bad. 2: it could not be judged (unreachable, unreadable, no key). */
export type ExitStatus = 0 | 1 | 2;

export interface AuditReport {
  readonly exitStatus: ExitStatus;
  readonly findings: readonly Finding[];
  readonly origin?: string;
  /** Number of entries that the checkpoint covers. */
  readonly size?: number;
  /** Of a proof: the entry that was proved. */
  readonly index?: number;
  /** Of a whole log: the first entry that is not what the checkpoint covers, when it can be named. */
  readonly firstBadEntry?: number;
  /** Its identifier (`ent_…`), when what the source offers in its place still has one. */
  readonly firstBadEntryId?: string;
  /** Of a receipt: what it proves. */
  readonly deed?: ProvenDeed;
}

/** Read from the bytes of the entry, so it is what the log signed for. */
export interface ProvenDeed {
  readonly entryId: string;
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  /** What it was done to; absent when the entry does not say it and the receipt does not open it. */
  readonly object: string | undefined;
  /** Of the object, hex. */
  readonly sha256: string | undefined;
  /** The whole entry as it stands in the log. */
  readonly entry: unknown;
  /** Sealed parts that the receipt opens, by name. */
  readonly opened: Readonly<Record<string, unknown>>;
  readonly cosignedBy: readonly { readonly witness: string; readonly at: string }[];
}

export type About = Omit<Partial<AuditReport>, 'exitStatus' | 'findings'>;

export function bad(code: string, detail: string, about: About = {}): AuditReport {
  return { ...about, exitStatus: 1, findings: [finding(code, 'error', detail)] };
}

export function undecided(code: string, detail: string, about: About = {}): AuditReport {
  return { ...about, exitStatus: 2, findings: [finding(code, 'error', detail)] };
}

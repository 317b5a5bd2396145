// The offline checker of a whole audit log: judges by its own hashing, never by what a server says of itself; RFC 9162, C2SP tlog-tiles.

import { equalBytes, fromUtf8 } from '../kernel/bytes.ts';
import { finding } from '../kernel/report.ts';
import { type AuditReport, bad, undecided } from './audit-report.ts';
import { type LogSource, SourceUnreadable } from './audit-log-source.ts';
import { maxNoteSizeBytes } from './audit-resources.ts';
import { AuthenticTiles, TileAltered } from './audit-tiles.ts';
import { type OpenedCheckpoint, openCheckpoint, type Trust, trustOf } from './audit-trust.ts';
import {
  type Fault,
  findFirstBadEntry,
  findFirstBadEntrySince,
  type Progress,
  tileFault,
} from './audit-verify-tree.ts';

export interface VerifyLogInput {
  readonly source: LogSource;
  /**
   * `name+hash+base64`, one or several (of a log that changed its key). Without any, the key that the source offers is used, which
   * is a warning: it proves that the log agrees with itself, not whose log it is.
   */
  readonly verifierKey?: string | readonly string[];
  readonly witnesses?: readonly string[];
  readonly need?: number;
  /** The signed note that was verified before: the log must continue it, and only what is new is hashed. */
  readonly since?: string;
  readonly progress?: Progress;
}

/** `note`: the checkpoint, when it is good. */
export type LogReport = AuditReport & { readonly note?: string };

/** Every entry is hashed, the root is computed from all of them and compared with the signed one. */
export async function verifyLog(input: VerifyLogInput): Promise<LogReport> {
  try {
    return await judged(input);
  } catch (error) {
    if (error instanceof SourceUnreadable) return undecided('source-unreadable', error.message);
    throw error;
  }
}

async function judged({ source, verifierKey, witnesses, need, since, progress }: VerifyLogInput): Promise<LogReport> {
  const offered = verifierKey === undefined ? await offeredKey(source) : undefined;
  const keys = verifierKey === undefined ? offered : typeof verifierKey === 'string' ? [verifierKey] : verifierKey;
  if (keys === undefined) return undecided('key-missing', 'no verifier key was given, and the source offers none');
  const trust = trustOf({ keys, ...(witnesses && { witnesses }), ...(need === undefined ? {} : { need }) });
  if ('exitStatus' in trust) return trust;
  const opened = await newestCheckpoint(source, trust);
  if ('exitStatus' in opened) return opened;
  const { origin, size } = opened;
  const about = { origin, size };
  const earlier = since === undefined ? undefined : openRemembered(since, trust);
  if (earlier !== undefined && 'exitStatus' in earlier) return earlier;
  const fault =
    earlier === undefined
      ? await findFirstBadEntry(source, opened, progress)
      : await faultSince(source, opened, earlier, progress);
  if (fault !== undefined) return badEntry(fault, about);
  const findings = [
    earlier === undefined
      ? finding('log-verified', 'info', `${size} entries hash to the signed root`)
      : finding(
          'log-continued',
          'info',
          `${size - earlier.size} new entries continue the ${earlier.size} verified before`,
        ),
    ...opened.cosignedBy.map(({ witness, at }) => finding('cosigned', 'info', `${witness} cosigned at ${at}`)),
  ];
  if (offered !== undefined)
    findings.push(finding('key-not-pinned', 'warning', `the key came from the source itself: ${offered.join(', ')}`));
  return { exitStatus: 0, findings, ...about, note: opened.note };
}

export function badEntry(
  { code, detail, index, entryId }: Fault,
  about: Pick<AuditReport, 'origin' | 'size'>,
): AuditReport {
  return {
    ...bad(code, detail, about),
    ...(index === undefined ? {} : { firstBadEntry: index }),
    ...(entryId === undefined ? {} : { firstBadEntryId: entryId }),
  };
}

export async function newestCheckpoint(source: LogSource, trust: Trust): Promise<OpenedCheckpoint | AuditReport> {
  const note = fromUtf8((await source.read('checkpoint', maxNoteSizeBytes)) ?? new Uint8Array());
  if (note === '') return undecided('checkpoint-missing', 'the source has no checkpoint');
  return note === undefined ? bad('checkpoint-malformed', 'not a signed checkpoint') : openCheckpoint(note, trust);
}

/** It was good once, so only the signature of the log is asked for: the witnesses may be others today. */
export function openRemembered(note: string, trust: Trust): OpenedCheckpoint | AuditReport {
  const opened = openCheckpoint(note, { ...trust, witnesses: [], need: 0 });
  if (!('exitStatus' in opened)) return opened;
  return undecided('memory-unreadable', 'what was remembered is no checkpoint that this key signed');
}

/** Shrinking and forking come before any entry: they say that the log is not the one that was seen before. */
export async function forkSince(
  tiles: AuthenticTiles,
  now: OpenedCheckpoint,
  before: OpenedCheckpoint,
): Promise<Fault | undefined> {
  if (now.origin !== before.origin)
    return { code: 'log-renamed', detail: `it was ${before.origin} before: what was remembered is of another log` };
  if (equalBytes(await tiles.rootAt(before.size), before.root)) return undefined;
  return { code: 'log-forked', detail: `the first ${before.size} entries are not those that were verified before` };
}

async function faultSince(
  source: LogSource,
  now: OpenedCheckpoint,
  before: OpenedCheckpoint,
  progress: Progress | undefined,
): Promise<Fault | undefined> {
  if (now.size < before.size)
    return { code: 'log-shrank', detail: `it had ${before.size} entries when it was verified before`, index: now.size };
  try {
    const tiles = await AuthenticTiles.open(source, now);
    const fork = await forkSince(tiles, now, before);
    return fork ?? (await findFirstBadEntrySince(source, tiles, { verified: before.size, size: now.size }, progress));
  } catch (error) {
    if (error instanceof TileAltered) return tileFault(error.address);
    throw error;
  }
}

async function offeredKey(source: LogSource): Promise<readonly string[] | undefined> {
  const bytes = await source.read('key', maxNoteSizeBytes);
  const text = bytes === undefined ? undefined : fromUtf8(bytes)?.trim();
  return text === undefined || text === '' ? undefined : text.split('\n');
}

// `yinxin audit verify` and `yinxin audit mirror`: judge a log, a mirror or one receipt offline, from public data and public keys.

import { existsSync, readFileSync } from 'node:fs';
import { TrustError } from '../kernel/errors.ts';
import { directorySource, urlSource } from './audit-log-source.ts';
import { rememberedNote, rememberNote } from './audit-memory.ts';
import { mirrorLog } from './audit-mirror.ts';
import { printAuditReport } from './audit-print.ts';
import { progressOn } from './audit-progress.ts';
import type { AuditReport, ExitStatus } from './audit-report.ts';
import { verifyLog } from './audit-verify.ts';
import { verifyExport } from './audit-verify-export.ts';
import { verifyProof } from './audit-verify-proof.ts';
import { printJson, type Words } from './command.ts';

export async function auditCommand(words: Words): Promise<ExitStatus> {
  const { positionals, options } = words;
  const [verb] = positionals;
  if (verb === 'erase') return (await import('./audit-erase.ts')).auditEraseCommand(words);
  if (verb === 'archive') return (await import('./audit-archive.ts')).auditArchiveCommand(words);
  const work = verb === 'verify' ? verify : verb === 'mirror' ? mirror : undefined;
  if (work === undefined) throw misused('say: audit verify, audit mirror, audit archive or audit erase');
  const report = await work(options);
  if (options.json) printJson(report);
  else printAuditReport(report);
  return report.exitStatus;
}

type Options = Words['options'];

async function verify(options: Options): Promise<AuditReport> {
  const { url, dir, since } = options;
  const proof = options.receipt ?? options.proof;
  const policy = policyOf(options);
  if (proof !== undefined) {
    if (policy.keys.length === 0) throw misused('a receipt is checked against a key you trust: give --key');
    const object = options.file === undefined ? {} : { object: readFileSync(options.file) };
    return verifyProof({ file: readFileSync(proof), verifierKey: policy.keys, ...policy, ...object });
  }
  if (options.export !== undefined) {
    if (policy.keys.length === 0) throw misused('an export is checked against a key you trust: give --key');
    return verifyExport({ path: options.export, ...policy });
  }
  if ((url === undefined) === (dir === undefined)) throw misused('give one of --url, --dir, --receipt and --export');
  const before = since === undefined ? undefined : rememberedNote(since);
  const report = await verifyLog({
    source: url === undefined ? directorySource(dir ?? '') : urlSource(url, limits(options)),
    ...(policy.keys.length === 0 ? {} : { verifierKey: policy.keys }),
    ...policy,
    ...(before === undefined ? {} : { since: before }),
    progress: progressOn(process.stderr),
  });
  if (since !== undefined && report.exitStatus === 0 && report.note !== undefined) rememberNote(since, report.note);
  return report;
}

async function mirror(options: Options): Promise<AuditReport> {
  const { url, dir } = options;
  const policy = policyOf(options);
  if (url === undefined || dir === undefined || policy.keys.length === 0)
    throw misused('a mirror needs --url, --dir and --key');
  const source = urlSource(url, limits(options));
  return mirrorLog({ source, directory: dir, ...policy, progress: progressOn(process.stderr) });
}

function policyOf({ key = [], witness = [], need }: Options) {
  return {
    keys: key.flatMap(keysIn),
    witnesses: witness.flatMap(keysIn),
    ...(need === undefined ? {} : { need: wholeNumber('need', need) }),
  };
}

/** The key itself, or a file that holds one a line (as served at /log/key). */
function keysIn(given: string): string[] {
  const text = existsSync(given) ? readFileSync(given, 'utf8') : given;
  return text.split('\n').filter((line) => line.trim() !== '');
}

function limits({ 'limit-minutes': minutes }: Options): { limitMinutes?: number } {
  return minutes === undefined ? {} : { limitMinutes: wholeNumber('limit-minutes', minutes) };
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw misused(`--${name} takes a whole number`);
  return Number(text);
}

function misused(what: string): TrustError {
  return new TrustError('malformed-request', what);
}

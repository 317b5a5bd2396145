// `yinxin ca check`: judges a chain of certificates from files alone, with the path validation that judges seals; RFC 5280, 6.

import { filesOf } from '../certificate-files.ts';
import { systemClock, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import type { Crl } from '../pki/crl.ts';
import { parseCrl } from '../pki/crl.ts';
import { CrlRevocationSource } from '../pki/crl-revocation.ts';
import type { PathResult } from '../pki/path.ts';
import { validatePath } from '../pki/path.ts';
import type { PathPurpose } from '../pki/path-rules.ts';
import { derBlocks } from '../pki/pem.ts';
import { anchorsFromFile } from '../pki/trust-anchor.ts';
import { caAdminCommand } from './ca-admin.ts';
import { type ExitStatus, printFindings, printJson, type Words } from './command.ts';

const purposes: readonly PathPurpose[] = [
  'any',
  'seal',
  'time-stamp',
  'licence',
  'seal-maker',
  'ocsp-responder',
  'crl-issuer',
];

/** Missing or stale knowledge leaves the question open; everything else that is wrong answers it. */
const openQuestions: ReadonlySet<string> = new Set([
  'revocation-unknown',
  'crl-missing',
  'crl-out-of-date',
  'crl-from-future',
  'crl-scope-other',
  'crl-delta-alone',
  'crl-reasons-incomplete',
]);

export async function caCommand(words: Words): Promise<ExitStatus> {
  const { positionals, options } = words;
  if (positionals[0] !== undefined && positionals[0] !== 'check') return caAdminCommand(words);
  const [verb, leafFile, ...intermediateFiles] = positionals;
  if (verb !== 'check' || leafFile === undefined || options.anchors === undefined) {
    throw new TrustError(
      'malformed-request',
      'say: ca check --anchors DIR [--crls DIR] [--at TIME] LEAF [INTERMEDIATE…]',
    );
  }
  const [leaf, ...bundled] = certificatesOf(leafFile);
  if (leaf === undefined) throw new TrustError('malformed-request', `${leafFile} has no certificate`);
  const at = options.at === undefined ? systemClock.now() : timeOf(options.at);
  const result = validatePath({
    leaf,
    intermediates: [...bundled, ...intermediateFiles.flatMap(certificatesOf)],
    anchors: filesOf(options.anchors, 'certificates').flatMap(({ path, bytes }) =>
      naming(path, () => anchorsFromFile(bytes)),
    ),
    at,
    purpose: purposeOf(options.purpose ?? 'any'),
    revocation: new CrlRevocationSource({ crls: options.crls === undefined ? [] : crlsOf(options.crls), now: at }),
    algorithms: options.withdrawn === true ? 'withdrawn-too' : 'current',
    ...(options.policy === undefined ? {} : { policies: { initial: options.policy, explicit: true } }),
  });
  const exitStatus = exitStatusOf(result);
  if (options.json === true) printJson(reportOf(result, at, exitStatus));
  else print(result, at, exitStatus);
  return exitStatus;
}

function exitStatusOf({ trusted, findings }: PathResult): ExitStatus {
  if (trusted) return 0;
  return findings.every(({ code }) => openQuestions.has(code)) ? 2 : 1;
}

function certificatesOf(path: string): Certificate[] {
  return filesOf(path, 'certificates').flatMap(({ path: file, bytes }) =>
    naming(file, () => derBlocks(bytes, 'CERTIFICATE').map(parseCertificate)),
  );
}

function crlsOf(path: string): Crl[] {
  return filesOf(path, 'crls').flatMap(({ path: file, bytes }) =>
    naming(file, () => derBlocks(bytes, 'X509 CRL').map(parseCrl)),
  );
}

/** A file that cannot be read leaves the matter unjudged; the message says which one it is. */
function naming<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isTrustError(error)) throw error;
    throw new TrustError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

function timeOf(text: string): Date {
  const shape = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
  if (!shape.test(text) || Number.isNaN(Date.parse(text))) {
    throw new TrustError('malformed-request', '--at is a moment such as 2026-06-01T00:00:00Z');
  }
  return moment(text);
}

function purposeOf(text: string): PathPurpose {
  const purpose = purposes.find((known) => known === text);
  if (purpose === undefined) throw new TrustError('malformed-request', `--purpose is one of ${purposes.join(', ')}`);
  return purpose;
}

function reportOf(
  { trusted, verdict, chain, findings, policies }: PathResult,
  at: Date,
  exitStatus: ExitStatus,
): object {
  const shown = chain.map(({ subject, issuer, serialHex, notBefore, notAfter }) => {
    return { subject, issuer, serial: serialHex, notBefore, notAfter };
  });
  return { exitStatus, trusted, ...verdict, at, chain: shown, policies, findings };
}

const words: Record<ExitStatus, string> = { 0: 'good', 1: 'BAD', 2: 'could not judge' };

function print({ chain, findings, policies }: PathResult, at: Date, exitStatus: ExitStatus): void {
  console.log(`${words[exitStatus]} at ${at.toISOString()}`);
  for (const [place, { subject, serialHex, notAfter }] of chain.entries()) {
    const name = subject.commonName ?? subject.organisationalUnit ?? subject.organisation ?? '(no name)';
    console.log(`  ${place}  ${name}, serial ${serialHex}, until ${notAfter.toISOString()}`);
  }
  if (policies.length > 0) console.log(`  policies ${policies.join(', ')}`);
  printFindings(findings, '  ');
}

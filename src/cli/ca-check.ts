// `yinxin ca check`: judges a chain of certificates from files alone, with the path validation that judges seals; RFC 5280, 6.

import { filesOf } from '../certificate-files.ts';
import { systemClock, moment } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { parseOcspResponse } from '../pki/basic-ocsp-response.ts';
import type { Certificate } from '../pki/certificate.ts';
import { parseCertificate } from '../pki/certificate.ts';
import { parseCrl } from '../pki/crl.ts';
import { CrlRevocationSource } from '../pki/crl-revocation.ts';
import { OcspRevocationSource } from '../pki/ocsp-revocation.ts';
import type { PathResult } from '../pki/path.ts';
import { validatePath } from '../pki/path.ts';
import type { PathPurpose } from '../pki/path-rules.ts';
import { derBlocks } from '../pki/pem.ts';
import type { PolicyInput } from '../pki/policy-graph.ts';
import type { RevocationSource } from '../pki/revocation.ts';
import { anchorsFromFile } from '../pki/trust-anchor.ts';
import { type ExitStatus, onTerminal, printFindings, printJson, type Words } from './command.ts';

type Options = Words['options'];

const purposes: readonly PathPurpose[] = [
  'any',
  'seal',
  'time-stamp',
  'licence',
  'seal-maker',
  'ocsp-responder',
  'crl-issuer',
];

export const checkUsage = `Usage: yinxin ca check --anchors PATH [options] LEAF [INTERMEDIATE…]

Checks the path from the certificate in LEAF to a trust anchor (RFC 5280, 6), from files alone: nothing is fetched.
LEAF may be a bundle, the certificate first. A PATH is a file or a folder. Certificates and CRLs are PEM or DER, OCSP
responses DER; in a folder they are known by .pem .crt .cer .der, by .crl .pem .der, and by .ors .der.

  --anchors PATH              what is trusted: authorities, for anything that --purpose asks
  --crls PATH                 revocation lists, full, delta and indirect, also of other issuers; again for more
  --ocsp PATH                 OCSP responses, each by the issuer or a responder of the issuer; again for more
  --at TIME                   the moment at which all must be good, such as 2026-06-01T00:00:00Z; default: now
  --purpose PURPOSE           what the leaf is relied on for, default any (nothing is asked of it beyond RFC 5280):
                              ${purposes.join(', ')}
  --policy OID                an acceptable policy (user-initial-policy-set); again for more; default: any
  --require-explicit-policy   the path must be good under an acceptable policy (initial-explicit-policy)
  --inhibit-policy-mapping    policies of one domain stand for none of another (initial-policy-mapping-inhibit)
  --inhibit-any-policy        anyPolicy in a certificate stands for none (initial-any-policy-inhibit)
  --withdrawn                 signatures with DSA and SHA-1 that verify also count, and RSA keys under 2048 bits
  --json                      the report as JSON

A certificate whose status nothing tells is not good: give CRLs or OCSP responses for each but the anchor.
Exit status: 0 good; 1 bad; 2 could not judge: only the status is missing or out of date, or a file or a word is wrong.`;

/** Missing or stale knowledge leaves the question open; everything else that is wrong answers it. */
const openQuestions: ReadonlySet<string> = new Set([
  'revocation-unknown',
  'crl-missing',
  'crl-out-of-date',
  'crl-from-future',
  'crl-scope-other',
  'crl-delta-alone',
  'crl-reasons-incomplete',
  'ocsp-out-of-date',
  'ocsp-from-future',
  'ocsp-status-unknown',
]);

export function caCheckCommand({ positionals, options }: Words): ExitStatus {
  const [, leafFile, ...intermediateFiles] = positionals;
  if (options.help === true) {
    console.log(checkUsage);
    return 0;
  }
  if (leafFile === undefined || options.anchors === undefined) {
    throw new TrustError('malformed-request', 'a leaf or --anchors is missing; ca check --help says how it is used');
  }
  const [leaf, ...bundled] = certificatesOf(leafFile);
  if (leaf === undefined) throw new TrustError('malformed-request', `${leafFile} has no certificate`);
  const at = options.at === undefined ? systemClock.now() : timeOf(options.at);
  const result = validatePath({
    leaf,
    intermediates: [...bundled, ...intermediateFiles.flatMap(certificatesOf)],
    anchors: each(options.anchors, 'certificates', (file) => anchorsFromFile(file, [])),
    at,
    purpose: purposeOf(options.purpose ?? 'any'),
    revocation: revocationOf(options, at),
    algorithms: options.withdrawn === true ? 'withdrawn-too' : 'current',
    policies: policiesOf(options),
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
  return each(path, 'certificates', (bytes) => derBlocks(bytes, 'CERTIFICATE').map(parseCertificate));
}

function revocationOf({ crls = [], ocsp }: Options, now: Date): RevocationSource {
  const lists = crls.flatMap((path) => each(path, 'crls', (bytes) => derBlocks(bytes, 'X509 CRL').map(parseCrl)));
  const otherwise = new CrlRevocationSource({ crls: lists, now });
  if (ocsp === undefined) return otherwise;
  const responses = ocsp.flatMap((path) => each(path, 'responses', (bytes) => [parseOcspResponse(bytes)]));
  return new OcspRevocationSource({ responses, now, otherwise });
}

function policiesOf(options: Options): PolicyInput {
  const { policy: initial } = options;
  for (const oid of initial ?? []) {
    if (!/^[0-2](\.(0|[1-9]\d*))+$/.test(oid)) throw new TrustError('malformed-request', `--policy ${oid} is no OID`);
  }
  return {
    ...(initial === undefined ? {} : { initial }),
    explicit: options['require-explicit-policy'] === true,
    inhibitMapping: options['inhibit-policy-mapping'] === true,
    inhibitAny: options['inhibit-any-policy'] === true,
  };
}

/** A file that cannot be read leaves the matter unjudged; the message says which one it is. */
function each<T>(path: string, kind: Parameters<typeof filesOf>[1], read: (bytes: Uint8Array) => T[]): T[] {
  return filesOf(path, kind).flatMap(({ path: file, bytes }) => {
    try {
      return read(bytes);
    } catch (error) {
      if (!isTrustError(error)) throw error;
      throw new TrustError(error.code, `${file}: ${error.message}`, { cause: error });
    }
  });
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
    console.log(`  ${place}  ${onTerminal(name)}, serial ${serialHex}, until ${notAfter.toISOString()}`);
  }
  if (policies.length > 0) console.log(`  policies ${policies.join(', ')}`);
  printFindings(findings, '  ');
}

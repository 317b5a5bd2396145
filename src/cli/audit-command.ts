// `yinxin audit verify`: judges a log, a mirror or one proof offline, from public data and a public key.

import { existsSync, readFileSync } from 'node:fs';
import { TrustError } from '../kernel/errors.ts';
import { directorySource, urlSource } from './audit-log-source.ts';
import { type AuditReport, verifyLog, verifyProof } from './audit-verify.ts';
import { type ExitStatus, printFindings, printJson, type Words } from './command.ts';

export async function auditCommand({ positionals, options }: Words): Promise<ExitStatus> {
  if (positionals[0] !== 'verify') throw new TrustError('malformed-request', 'say: audit verify');
  const report = await judge(options);
  if (options.json) printJson(report);
  else print(report);
  return report.exitStatus;
}

async function judge({ url, dir, proof, key }: Words['options']): Promise<AuditReport> {
  const verifierKey = key === undefined ? undefined : keyText(key);
  if (proof !== undefined) {
    if (verifierKey === undefined) {
      throw new TrustError('malformed-request', 'a proof is checked against a key you trust: give --key');
    }
    return verifyProof({ file: readFileSync(proof), verifierKey });
  }
  const source = url !== undefined ? urlSource(url) : dir !== undefined ? directorySource(dir) : undefined;
  if (source === undefined) throw new TrustError('malformed-request', 'give --url, --dir or --proof');
  return verifyLog({ source, ...(verifierKey === undefined ? {} : { verifierKey }) });
}

/** The key itself, or a file that holds it (as served at /log/key). */
function keyText(given: string): string {
  return (existsSync(given) ? readFileSync(given, 'utf8') : given).trim();
}

const words: Record<ExitStatus, string> = { 0: 'good', 1: 'BAD', 2: 'could not judge' };

function print({ exitStatus, findings, origin, size, index, firstBadEntry }: AuditReport): void {
  const about = [
    origin,
    size === undefined ? undefined : `${size} entries`,
    index === undefined ? undefined : `entry ${index}`,
    firstBadEntry === undefined ? undefined : `first bad entry ${firstBadEntry}`,
  ].filter((part) => part !== undefined);
  console.log(`${words[exitStatus]}${about.length > 0 ? `: ${about.join(', ')}` : ''}`);
  printFindings(findings, '  ');
}

// `yinxin verify` and `yinxin verify-qr`: check a stamped document or the text of a licence QR with this deployment's trust.

import { readFileSync } from 'node:fs';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { house } from '../kernel/principal.ts';
import { type ExitStatus, exitStatusOf, printFindings, printJson, type Words, withServices } from './command.ts';

export async function verifyCommand({ positionals, options }: Words): Promise<ExitStatus> {
  const [file] = positionals;
  if (file === undefined) throw new TrustError('malformed-request', 'say which file: verify FILE');
  const report = await withServices((services) => services.documentVerifier.verify(house, readFileSync(file)));
  if (options.json) {
    printJson(report);
    return exitStatusOf[report.indication];
  }
  console.log(`${report.indication}${report.subIndication === null ? '' : ` (${report.subIndication})`}`);
  printFindings(report.findings, '  ');
  for (const [number, signature] of report.signatures.entries()) {
    const by = signature.seal === null ? (signature.certificate?.subject ?? 'unknown') : signature.seal.name;
    console.log(`signature ${number + 1}: ${signature.indication}, ${by}`);
    console.log(
      `  intact ${signature.intact}, valid ${signature.valid}, trusted ${signature.trusted}, covers ${signature.coverage}`,
    );
    console.log(
      `  time ${signature.signingTime ?? 'unknown'} (${signature.timeSource}), level ${signature.level ?? '-'}`,
    );
    printFindings(signature.findings, '  ');
  }
  return exitStatusOf[report.indication];
}

export async function verifyQrCommand({ positionals, options }: Words): Promise<ExitStatus> {
  const [text] = positionals;
  if (text === undefined) throw new TrustError('malformed-request', 'say which text: verify-qr TEXT');
  const report = await withServices((services) => services.licenceVerifier.verify(house, text)).catch(
    (error: unknown) => {
      if (isTrustError(error, 'malformed-qr')) return undefined;
      throw error;
    },
  );
  if (report === undefined) {
    console.error('not a licence code');
    return 2;
  }
  if (options.json) {
    printJson(report);
    return exitStatusOf[report.indication];
  }
  console.log(`${report.indication}${report.subIndication === null ? '' : ` (${report.subIndication})`}`);
  if (report.licence !== null) {
    const { typeName, issuerName, identifier, validFrom, validUntil } = report.licence;
    console.log(
      `  ${typeName.zh} ${typeName.en}, ${issuerName}\n  ${identifier}\n  ${validFrom} to ${validUntil ?? '-'}`,
    );
  }
  console.log(`  status ${report.status.value}`);
  printFindings(report.findings, '  ');
  return exitStatusOf[report.indication];
}

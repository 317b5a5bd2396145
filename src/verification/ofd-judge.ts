// Judges every signature of an OFD and the package as a whole; ETSI EN 319 102-1, clause 5.1, over GB/T 33190-2016, clause 18.

import { setImmediate as othersFirst } from 'node:timers/promises';
import { isTrustError } from '../kernel/errors.ts';
import { type Finding, finding, worstVerdict } from '../kernel/report.ts';
import { type OfdFile, readOfd } from '../ofd/document.ts';
import { OfdPackage } from '../ofd/package.ts';
import { filesOfSignature, isPartOfSignature, type ListedSignature, listSignatures } from '../ofd/signatures.ts';
import { noRevocationData } from '../pki/revocation-data.ts';
import type { JudgedDocument, DocumentJudgeOptions } from './pdf-judge.ts';
import { formatFailure } from './pdf-judge.ts';
import { PackageDigests } from './ofd-references.ts';
import { judgeOfdSignature } from './ofd-signature-judge.ts';
import type { JudgedSignature } from './signature-judge.ts';
import { TrustGround } from './trust.ts';

export class OfdJudge {
  readonly #options: DocumentJudgeOptions;

  constructor(options: DocumentJudgeOptions) {
    this.#options = options;
  }

  /** Throws malformed-ofd, unsupported-ofd for files that cannot be read and claim no signature. */
  async judge(bytes: Uint8Array): Promise<JudgedDocument> {
    await othersFirst();
    const opened = opening(bytes);
    if (!('listed' in opened)) return opened;
    const { file, listed } = opened;
    const { authority, seals, clock } = this.#options;
    const intermediates = await authority.intermediates();
    const material = { certificates: intermediates, revocationData: noRevocationData };
    const ground = await TrustGround.of(authority, clock.now(), material);
    const digests = new PackageDigests(file.package);
    const files: string[][] = [];
    for (const signature of listed) {
      await othersFirst();
      files.push(filesOfSignature(file.package, signature));
    }
    const parts = new Set<string>();
    for (const name of new Set(files.flat())) {
      await othersFirst();
      if (isPartOfSignature(file.package, name)) parts.add(name);
    }
    const own = files.map((names) => names.filter((name) => parts.has(name)));
    const signatures: JudgedSignature[] = [];
    for (const [place, signature] of listed.entries()) {
      await othersFirst();
      const ofOthers = new Set(own.filter((_, other) => other !== place).flat());
      const input = { package: file.package, listed: signature, digests, ofOthers, ground, seals };
      signatures.push(await judgeOfdSignature(input));
    }
    const findings = fileFindings(file.package, listed, new Set(files.flat()));
    const damage = findings.some(({ severity }) => severity === 'error') ? [formatFailure] : [];
    const { indication, subIndication } = worstVerdict([...damage, ...signatures.map(({ report }) => report)]);
    const pageCount = file.documents.reduce((count, { pages }) => count + pages.length, 0);
    return { verdict: { indication, subIndication }, pageCount, signatures, findings };
  }
}

/** A file that cannot be read and carries the names of a signature's files was damaged after signing: a verdict, not a refusal. */
function opening(bytes: Uint8Array): { file: OfdFile; listed: readonly ListedSignature[] } | JudgedDocument {
  try {
    const file = readOfd(OfdPackage.open(bytes));
    return { file, listed: listSignatures(file) };
  } catch (error) {
    if (!isTrustError(error, 'malformed-ofd') && !isTrustError(error, 'unsupported-ofd')) throw error;
    if (!claimsSignature(bytes)) throw error;
    const findings = [finding(error.code, 'error', error.message)];
    return { verdict: formatFailure, pageCount: 0, signatures: [], findings };
  }
}

/** Names stand uncompressed in a ZIP, each twice. */
function claimsSignature(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ['Signature.xml', 'Signatures.xml', 'SignedValue.dat', 'Seal.esl'].some((name) =>
    text.includes(name, 0, 'latin1'),
  );
}

const namesOfSignatureFiles = /(?:^|\/)(?:signature\.xml|signe?d?value\.dat)$/i;

function fileFindings(from: OfdPackage, listed: readonly ListedSignature[], known: ReadonlySet<string>): Finding[] {
  const findings: Finding[] = [];
  const hidden = from.names.filter((name) => namesOfSignatureFiles.test(name) && !known.has(name));
  if (hidden.length > 0) {
    const detail = `${hidden.length} files of signatures belong to none that is listed`;
    findings.push(finding('signature-hidden', 'error', detail));
  }
  if (from.directory.prefixBytes > 0) {
    const detail = `${from.directory.prefixBytes} bytes stand before the package, which no signature covers`;
    findings.push(finding('package-prefix', 'warning', detail));
  }
  if (listed.length === 0 && hidden.length === 0) {
    findings.push(finding('no-signature', 'warning', 'the document carries no signature'));
  }
  return findings;
}

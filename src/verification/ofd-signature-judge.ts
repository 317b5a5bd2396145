// Judges one signature of an OFD: what it protects, its value and its seal, what it leaves out; GB/T 33190-2016, clause 18, in the words of ETSI EN 319 102-1.

import { sha256 } from '../crypto/digest.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { isTrustError } from '../kernel/errors.ts';
import { finding } from '../kernel/report.ts';
import type { OfdPackage } from '../ofd/package.ts';
import { type ListedSignature, type OfdSignature, readSignature } from '../ofd/signatures.ts';
import type { SealRegister } from '../seal/seals.ts';
import type { SignatureReport } from './document-report.ts';
import { judgeCoverage, judgeReferences, type PackageDigests } from './ofd-references.ts';
import { failed, type Point, undoubted, verdictOf } from './points.ts';
import { registerSeal } from './register-seal.ts';
import { judgeSes, type JudgedValue, type ValueToJudge } from './ses-judge.ts';
import { certificateShown, sealShown } from './shown.ts';
import type { JudgedSignature } from './signature-judge.ts';
import { judgeBareValue, judgeSignedData, kindOfValue } from './signed-data-judge.ts';
import type { TrustGround } from './trust.ts';

export interface OfdSignatureInput {
  readonly package: OfdPackage;
  readonly listed: ListedSignature;
  readonly digests: PackageDigests;
  /** Files of the other signatures of the package. */
  readonly ofOthers: ReadonlySet<string>;
  readonly ground: TrustGround;
  readonly seals: SealRegister;
}

/** Never throws for a bad signature. */
export async function judgeOfdSignature(input: OfdSignatureInput): Promise<JudgedSignature> {
  try {
    return await judgeRead(input, readSignature(input.package, input.listed));
  } catch (error) {
    if (!isTrustError(error, 'malformed-ofd') && !isTrustError(error, 'unsupported-ofd')) throw error;
    return unreadable(error.code, error.message);
  }
}

async function judgeRead(input: OfdSignatureInput, signature: OfdSignature): Promise<JudgedSignature> {
  const { package: from, digests, ofOthers, ground, seals } = input;
  const { file: path, bytes: signed, valueFile, sealFile } = signature;
  if (valueFile === undefined) return unreadable('signature-value-missing', 'the signature value is missing');
  const references = await judgeReferences(signature, digests);
  const value = await judgeValue({ value: from.value(valueFile), signed, path, ground });
  const sealIsSigned =
    sealFile !== undefined && value.sealDer !== undefined && equalBytes(from.value(sealFile), value.sealDer);
  const { covered } = references;
  const coverage = judgeCoverage({ names: from.names, signature, covered, ofOthers, sealIsSigned });
  const seal = await registerSeal(value.certificate, seals, value);
  const intact = references.intact && value.intact;
  const points = [
    ...references.points,
    ...value.points,
    ...sealFilePoints(sealFile, value, sealIsSigned),
    ...stampPoints(signature),
    ...coverage.points,
    ...seal.points,
    ...undoubted(intact && value.valid && value.trusted),
  ];
  const { certificate, claimedTime = signature.claimedTime, time } = value;
  const report: SignatureReport = {
    ...verdictOf(points),
    intact,
    valid: value.valid,
    trusted: value.trusted,
    coverage: coverage.coverage,
    changes: coverage.changes,
    signingTime: (time.genTime ?? claimedTime)?.toISOString() ?? null,
    timeSource: time.genTime !== undefined ? 'time-stamp' : claimedTime === undefined ? 'none' : 'claimed',
    provenTime: time.genTime?.toISOString() ?? null,
    format: value.format,
    level: !value.valid ? null : time.genTime === undefined ? 'B-B' : 'B-T',
    seal: seal.record === undefined ? null : sealShown(seal.record),
    certificate: certificate === undefined ? null : certificateShown(certificate),
    findings: points.map((point) => point.finding),
  };
  return { report, certificateSha256: certificate === undefined ? null : sha256(certificate.der) };
}

function judgeValue(input: ValueToJudge): Promise<JudgedValue> {
  switch (kindOfValue(input.value)) {
    case 'ses':
      return judgeSes(input);
    case 'signed-data':
      return judgeSignedData(input);
    case 'bare':
      return judgeBareValue(input);
  }
}

/** A reader shows Seal.esl; what was signed is the seal inside the value. */
function sealFilePoints(sealFile: string | undefined, { sealDer }: JudgedValue, sealIsSigned: boolean): Point[] {
  if (sealFile === undefined || sealDer === undefined || sealIsSigned) return [];
  return [
    failed('FORMAT_FAILURE', finding('seal-file-differs', 'error', `${sealFile} is not the seal that was signed`)),
  ];
}

function stampPoints({ stamps, document }: OfdSignature): Point[] {
  const pages = new Set(document.pages.map(({ id }) => id));
  const lost = stamps.find(({ pageId }) => !pages.has(pageId));
  if (lost === undefined) return [];
  return [{ finding: finding('stamp-page-unknown', 'warning', `there is no page ${lost.pageId.slice(0, 40)}`) }];
}

/** The description or the value cannot be read: nothing can be said of it, and it was no signature when it was made. */
function unreadable(code: string, detail: string): JudgedSignature {
  const report: SignatureReport = {
    ...verdictOf([failed('FORMAT_FAILURE', finding(code, 'error', detail))]),
    intact: false,
    valid: false,
    trusted: false,
    coverage: 'partial',
    changes: [],
    signingTime: null,
    timeSource: 'none',
    provenTime: null,
    format: 'unknown',
    level: null,
    seal: null,
    certificate: null,
    findings: [finding(code, 'error', detail)],
  };
  return { report, certificateSha256: null };
}

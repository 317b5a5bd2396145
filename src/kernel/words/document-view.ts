// The view of a document report (POST /api/v1/verifications): verdict first, then each signature with what it proves and what not.

import type { Words } from './language.ts';
import { words } from './language.ts';
import type { JsonObject } from './members.ts';
import { asObject, booleanAt, objectAt, objectsAt, textAt } from './members.ts';
import type { Check, CheckOutcome, Fact, FindingLine, ReportPart, ReportView } from './report-view.ts';
import { distinctFindings, findingsOf, indicationOf, present, subIndicationOf } from './report-view.ts';
import { textFact, timeFact, wordsFact } from './report-view.ts';
import { subIndicationWords } from './findings.ts';
import { changesByPage } from './change-words.ts';
import { coverageWords, levelWords, timeSourceWords, unknownWords } from './signature-words.ts';
import type { PublicVerdict } from './verdicts.ts';
import { adviceWords, documentVerdictWords } from './verdicts.ts';

/** Never throws; whatever cannot be read is 无法判断. */
export function documentView(json: unknown): ReportView {
  const report = asObject(json);
  const signatures = objectsAt(report, 'signatures');
  const findings = report === undefined ? undefined : findingsOf(report);
  if (report === undefined || signatures === undefined || findings === undefined) return undecidedDocument();
  const verdict = documentVerdict(report, signatures, findings);
  const number = textAt(report, 'verificationId');
  return {
    verdict,
    words: documentVerdictWords[verdict],
    facts: present([
      wordsFact(labels.reason, verdict === 'good' || findings.length > 0 ? undefined : reasonOf(report)),
      wordsFact(labels.advice, adviceWords[verdict]),
      textFact(labels.signatures, signatures.length < 2 ? undefined : String(signatures.length)),
    ]),
    findings: distinctFindings(findings),
    parts: signatures.map((signature, index) => signaturePart(signature, index + 1)),
    ...(number !== undefined && { verificationId: number }),
  };
}

export function undecidedDocument(): ReportView {
  return { verdict: 'undecided', words: documentVerdictWords.undecided, facts: [], findings: [], parts: [] };
}

/** Green needs the report to agree with itself: passed, every signature passed with all three answers yes, and no error found. */
function documentVerdict(
  report: JsonObject,
  signatures: readonly JsonObject[],
  findings: readonly FindingLine[],
): PublicVerdict {
  const indication = indicationOf(report);
  if (indication === 'TOTAL-FAILED') return 'bad';
  if (indication === undefined) return 'undecided';
  const parts = signatures.map(signatureVerdict);
  if (parts.includes('bad')) return 'bad';
  if (signatures.length === 0) return indication === 'INDETERMINATE' && noSignature(report) ? 'nothing' : 'undecided';
  if (findings.some((line) => line.severity === 'error')) return 'undecided';
  if (indication === 'TOTAL-PASSED') return parts.every((verdict) => verdict === 'good') ? 'good' : 'undecided';
  return parts.every((verdict) => verdict === 'good' || verdict === 'recheck') ? 'recheck' : 'undecided';
}

function noSignature(report: JsonObject): boolean {
  return ['SIGNED_DATA_NOT_FOUND', 'NO_SIGNING_CERTIFICATE_FOUND', undefined].includes(subIndicationOf(report));
}

/** Reasons for which a genuine signature is only not confirmed for now; any other reason leaves it undecided. */
const genuineButStale = [
  'TRY_LATER',
  'NO_POE',
  'OUT_OF_BOUNDS_NOT_REVOKED',
  'OUT_OF_BOUNDS_NO_POE',
  'REVOCATION_OUT_OF_BOUNDS_NO_POE',
];
const notToBeRelied = ['REVOKED_NO_POE', 'REVOKED_CA_NO_POE'];

function signatureVerdict(signature: JsonObject): PublicVerdict {
  const indication = indicationOf(signature);
  const sub = subIndicationOf(signature) ?? '';
  const intact = booleanAt(signature, 'intact');
  const valid = booleanAt(signature, 'valid');
  if (indication === 'TOTAL-FAILED' || intact === false || valid === false || notToBeRelied.includes(sub)) return 'bad';
  const findings = findingsOf(signature);
  if (findings === undefined || findings.some((line) => line.severity === 'error')) return 'undecided';
  if (intact !== true || valid !== true) return 'undecided';
  if (indication === 'TOTAL-PASSED') return booleanAt(signature, 'trusted') === true ? 'good' : 'undecided';
  return indication === 'INDETERMINATE' && genuineButStale.includes(sub) ? 'recheck' : 'undecided';
}

function signaturePart(signature: JsonObject, number: number): ReportPart {
  const verdict = signatureVerdict(signature);
  // Names come out of the file: until the signature itself holds, they are a claim and may be anybody's; on red and grey nothing
  // personal is shown at all.
  const named = verdict === 'good' || verdict === 'recheck';
  const findings = findingsOf(signature) ?? [];
  return {
    title: titleOf(signature, number),
    verdict,
    facts: present([
      ...(named ? sealFacts(signature) : []),
      timeFact(labels.signingTime, textAt(signature, 'signingTime'), timeSource(signature)),
      timeFact(labels.provenTime, provenLater(signature)),
      wordsFact(labels.changes, changesByPage(objectsAt(signature, 'changes') ?? [])),
      wordsFact(labels.reason, verdict === 'good' || findings.length > 0 ? undefined : reasonOf(signature)),
    ]),
    checks: signatureChecks(signature),
    findings: distinctFindings(findings),
    details: present([
      ...(named ? certificateFacts(signature) : []),
      textFact(labels.format, textAt(signature, 'format'), 'code'),
      levelFact(textAt(signature, 'level')),
      textFact(
        labels.indication,
        present([textAt(signature, 'indication'), textAt(signature, 'subIndication')]).join(' / '),
        'code',
      ),
    ]),
  };
}

function titleOf(signature: JsonObject, number: number): Words {
  return textAt(signature, 'format') === 'DocTimeStamp'
    ? words(`第 ${number} 项，文档时间戳`, `Number ${number}, a document time stamp`)
    : words(`第 ${number} 个签章`, `Seal ${number}`);
}

function signatureChecks(signature: JsonObject): readonly Check[] {
  return [
    {
      question: words('内容完整', 'Intact'),
      ...answer(
        booleanAt(signature, 'intact'),
        words('签署的内容没有被改动', 'The signed content is unchanged'),
        words('签署的内容被改动过', 'The signed content was changed'),
      ),
    },
    {
      question: words('签名成立', 'Valid'),
      ...answer(
        booleanAt(signature, 'valid'),
        words('签名由所附证书的密钥作出', 'The signature was made with the key of its certificate'),
        words('签名验证不通过', 'The signature does not verify'),
      ),
    },
    {
      question: words('签署人可信', 'Trusted'),
      ...answer(
        booleanAt(signature, 'trusted'),
        words('证书由可信机构颁发，签署时有效', 'The certificate comes from a trusted authority and was good then'),
        words('证书不可信或当时无效', 'The certificate is not trusted, or was not good then'),
      ),
    },
    coverageCheck(signature),
    changesCheck(signature),
  ];
}

function answer(value: boolean | undefined, yes: Words, no: Words): { outcome: CheckOutcome; answer: Words } {
  if (value === undefined) return { outcome: 'unknown', answer: unknownWords };
  return value ? { outcome: 'yes', answer: yes } : { outcome: 'no', answer: no };
}

function coverageCheck(signature: JsonObject): Check {
  const coverage = textAt(signature, 'coverage') ?? '';
  const known = Object.hasOwn(coverageWords, coverage) ? coverageWords[coverage] : undefined;
  const outcome = coverage === 'partial' ? 'no' : known === undefined ? 'unknown' : 'yes';
  return { question: words('覆盖范围', 'Coverage'), outcome, answer: known ?? unknownWords };
}

function changesCheck(signature: JsonObject): Check {
  const question = words('后来追加的内容', 'Added later');
  const changes = objectsAt(signature, 'changes');
  if (changes === undefined) return { question, outcome: 'unknown', answer: unknownWords };
  if (changes.length === 0) return { question, outcome: 'yes', answer: words('没有', 'None') };
  const permitted = signatureVerdict(signature) === 'good';
  const count = changes.length;
  return permitted
    ? {
        question,
        outcome: 'yes',
        answer: words(`有 ${count} 处，均在允许范围内（如后续签章）`, `${count}, all permitted (such as later seals)`),
      }
    : {
        question,
        outcome: 'no',
        answer: words(`有 ${count} 处，不能确认是否允许`, `${count}, not known to be permitted`),
      };
}

function timeSource(signature: JsonObject): Words {
  const source = textAt(signature, 'timeSource') ?? 'none';
  return Object.hasOwn(timeSourceWords, source) ? (timeSourceWords[source] ?? unknownWords) : unknownWords;
}

/** Where it says more than the signing time. */
function provenLater(signature: JsonObject): string | undefined {
  const proven = textAt(signature, 'provenTime');
  return proven === textAt(signature, 'signingTime') ? undefined : proven;
}

function levelFact(level: string | undefined): Fact | undefined {
  const meaning = level !== undefined && Object.hasOwn(levelWords, level) ? levelWords[level] : undefined;
  const fact = textFact(labels.level, level, 'code');
  return fact === undefined || meaning === undefined ? fact : { ...fact, note: meaning };
}

function sealFacts(signature: JsonObject): (Fact | undefined)[] {
  const seal = objectAt(signature, 'seal');
  return [
    textFact(labels.seal, textAt(seal, 'name')),
    textFact(labels.organisation, textAt(objectAt(seal, 'organisation'), 'name')),
  ];
}

function certificateFacts(signature: JsonObject): (Fact | undefined)[] {
  const certificate = objectAt(signature, 'certificate');
  return [
    textFact(labels.subject, textAt(certificate, 'subject')),
    textFact(labels.issuer, textAt(certificate, 'issuer')),
    textFact(labels.serial, textAt(certificate, 'serial'), 'code'),
    timeFact(labels.notBefore, textAt(certificate, 'notBefore')),
    timeFact(labels.notAfter, textAt(certificate, 'notAfter')),
    textFact(labels.sealCode, textAt(objectAt(signature, 'seal'), 'sealCode'), 'code'),
  ];
}

function reasonOf(report: JsonObject): Words | undefined {
  const sub = subIndicationOf(report);
  return sub === undefined ? undefined : subIndicationWords[sub];
}

const labels = {
  reason: words('原因', 'Reason'),
  advice: words('建议', 'Advice'),
  provenTime: words('时间戳证明不晚于', 'Proven to exist since'),
  changes: words('签署之后', 'Since then'),
  signatures: words('签章数量', 'Seals'),
  seal: words('印章', 'Seal'),
  organisation: words('单位', 'Organisation'),
  signingTime: words('签署时间', 'Signed at'),
  subject: words('证书持有者', 'Certificate subject'),
  issuer: words('证书颁发者', 'Certificate issuer'),
  serial: words('证书序列号', 'Serial number'),
  notBefore: words('证书生效', 'Certificate from'),
  notAfter: words('证书到期', 'Certificate until'),
  sealCode: words('印章编码', 'Seal code'),
  format: words('签名格式', 'Format'),
  level: words('签名等级', 'Level'),
  indication: words('标准结论', 'Indication'),
} as const;

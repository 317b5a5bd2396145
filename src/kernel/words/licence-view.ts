// The view of a licence report (POST /api/v1/licence-verifications): on anything but green and amber nothing of the holder is shown.

import { words } from './language.ts';
import type { Words } from './language.ts';
import type { JsonObject } from './members.ts';
import { asObject, numberAt, objectAt, textAt } from './members.ts';
import { subIndicationWords } from './findings.ts';
import type { Fact, FindingLine, ReportView } from './report-view.ts';
import {
  distinctFindings,
  findingsOf,
  indicationOf,
  present,
  subIndicationOf,
  textFact,
  timeFact,
  wordsFact,
} from './report-view.ts';
import type { PublicVerdict } from './verdicts.ts';
import { licenceVerdictWords } from './verdicts.ts';

/** Never throws; whatever cannot be read is 无法判断. */
export function licenceView(json: unknown): ReportView {
  const report = asObject(json);
  const findings = report === undefined ? undefined : findingsOf(report);
  if (report === undefined || findings === undefined) return undecidedLicence();
  const verdict = licenceVerdict(report, findings);
  const genuine = verdict === 'good' || verdict === 'recheck';
  const number = textAt(report, 'verificationId');
  return {
    verdict,
    words: licenceVerdictWords[verdict],
    facts: present([
      ...(genuine ? licenceFacts(objectAt(report, 'licence')) : []),
      ...statusFacts(report),
      wordsFact(labels.reason, genuine || findings.length > 0 ? undefined : reasonOf(report)),
    ]),
    findings: distinctFindings(findings),
    parts: [],
    ...(number !== undefined && { verificationId: number }),
  };
}

export function undecidedLicence(): ReportView {
  return { verdict: 'undecided', words: licenceVerdictWords.undecided, facts: [], findings: [], parts: [] };
}

/** Green needs the report to agree with itself: passed, a licence that is there, a status that is good, no error found. */
function licenceVerdict(report: JsonObject, findings: readonly FindingLine[]): PublicVerdict {
  const indication = indicationOf(report);
  const form = textAt(report, 'form');
  if (indication === undefined) return 'undecided';
  if (form === undefined) return indication === 'TOTAL-PASSED' ? 'undecided' : 'nothing';
  if (indication === 'TOTAL-FAILED') return 'bad';
  const status = textAt(objectAt(report, 'status'), 'value');
  if (status !== undefined && status !== 'active' && status !== 'unknown') return 'bad';
  if (findings.some((line) => line.severity === 'error')) return indication === 'TOTAL-PASSED' ? 'undecided' : 'bad';
  const licence = typeName(objectAt(report, 'licence')) !== undefined;
  if (indication === 'TOTAL-PASSED') return licence && status === 'active' ? 'good' : 'undecided';
  const sub = subIndicationOf(report) ?? '';
  if (genuineButStale.includes(sub)) return licence ? 'recheck' : 'undecided';
  return foreign.includes(sub) ? 'bad' : 'undecided';
}

const genuineButStale = ['TRY_LATER', 'NO_POE', 'REVOCATION_OUT_OF_BOUNDS_NO_POE', 'OUT_OF_BOUNDS_NOT_REVOKED'];
// Our trust list is the whole world of licence issuers: a signer that is not on it is a forger, not a stranger.
const foreign = [
  'NO_CERTIFICATE_CHAIN_FOUND',
  'NO_SIGNING_CERTIFICATE_FOUND',
  'REVOKED_NO_POE',
  'REVOKED_CA_NO_POE',
  'CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
  'OUT_OF_BOUNDS_NO_POE',
];

function typeName(licence: JsonObject | undefined): Words | undefined {
  const name = objectAt(licence, 'typeName');
  const chinese = textAt(name, 'zh');
  return chinese === undefined ? undefined : words(chinese, textAt(name, 'en') ?? chinese);
}

function licenceFacts(licence: JsonObject | undefined): (Fact | undefined)[] {
  return [
    wordsFact(labels.type, typeName(licence)),
    textFact(labels.holder, textAt(licence, 'holderName')),
    textFact(labels.holderNumber, textAt(licence, 'holderNumberTail'), 'code'),
    textFact(labels.issuer, textAt(licence, 'issuerName')),
    timeFact(labels.validFrom, textAt(licence, 'validFrom')),
    timeFact(labels.validUntil, textAt(licence, 'validUntil')),
    textFact(labels.identifier, textAt(licence, 'identifier'), 'code'),
  ];
}

function statusFacts(report: JsonObject): (Fact | undefined)[] {
  const status = objectAt(report, 'status');
  const value = textAt(status, 'value');
  const known = value !== undefined && Object.hasOwn(licenceStatusWords, value) ? licenceStatusWords[value] : undefined;
  return [
    wordsFact(labels.status, known, ageWords(numberAt(status, 'ageSeconds'))),
    timeFact(labels.checkedAt, textAt(status, 'checkedAt')),
  ];
}

/** The age of the list is always on screen. */
function ageWords(ageSeconds: number | undefined): Words | undefined {
  if (ageSeconds === undefined) return undefined;
  if (ageSeconds < 60) return words('状态信息是最新的', 'status is up to date');
  const minutes = Math.floor(ageSeconds / 60);
  if (minutes < 120) return words(`状态信息是 ${minutes} 分钟前的`, `status is ${minutes} min old`);
  const hours = Math.floor(minutes / 60);
  return words(`状态信息是 ${hours} 小时前的`, `status is ${hours} h old`);
}

export const licenceStatusWords: Readonly<Record<string, Words>> = {
  active: words('有效', 'In force'),
  intended: words('正在签发', 'Being issued'),
  suspended: words('已暂扣', 'Suspended'),
  revoked: words('已吊销', 'Revoked'),
  voided: words('已作废', 'Voided'),
  expired: words('已过期', 'Expired'),
  'not-yet-valid': words('尚未生效', 'Not yet valid'),
  unknown: words('不明', 'Unknown'),
};

function reasonOf(report: JsonObject): Words | undefined {
  const sub = subIndicationOf(report);
  return sub === undefined ? undefined : subIndicationWords[sub];
}

const labels = {
  type: words('证照类型', 'Licence'),
  holder: words('持证人', 'Holder'),
  holderNumber: words('证件号码末位', 'End of their ID number'),
  issuer: words('发证机关', 'Issuer'),
  validFrom: words('有效期自', 'Valid from'),
  validUntil: words('有效期至', 'Valid until'),
  identifier: words('证照标识', 'Identifier'),
  status: words('当前状态', 'Status'),
  checkedAt: words('状态查询时间', 'Status as of'),
  reason: words('原因', 'Reason'),
} as const;

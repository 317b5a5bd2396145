// CSV of an export of the audit log for spreadsheets: RFC 4180, UTF-8 with a byte order mark, and no cell that a spreadsheet would run.

import type { ExportedEntry } from '../audit/export.ts';
import { toHex } from '../kernel/bytes.ts';
import { moment } from '../kernel/clock.ts';
import { type Language, type Words, words } from '../kernel/words/language.ts';
import { deedName } from './pages/audit-page.ts';

type Column = readonly [Words, (one: ExportedEntry, language: Language) => string | number | null];

const columns: readonly Column[] = [
  [words('序号', 'Index'), ({ proof }) => proof.index],
  [words('时间（北京时间）', 'Time (UTC+8)'), ({ entry }) => chinaTime(entry.at)],
  [words('事项', 'Deed'), ({ entry }, language) => deedName(entry.action, language)],
  [words('事项代码', 'Action'), ({ entry }) => entry.action],
  [words('结果', 'Outcome'), ({ entry }) => entry.outcome],
  [words('错误代码', 'Error code'), ({ entry }) => entry.code],
  [words('经办账号', 'Account that acted'), ({ entry }) => entry.accountId],
  [words('操作系统账号', 'Account of the machine'), ({ entry }) => entry.operator],
  [words('系统', 'System'), ({ entry }) => entry.clientId],
  [words('代表单位', 'Acting for'), ({ entry }) => entry.organisationId],
  [words('实名等级', 'Level'), ({ entry }) => entry.level],
  [words('当事人', 'About'), ({ entry }) => entry.subjectId],
  [words('对象', 'Object'), ({ entry }) => entry.objectId],
  [
    words('对象摘要（SHA-256，base64url）', 'Digest of the object (SHA-256, base64url)'),
    ({ entry }) => entry.objectSha256,
  ],
  [words('事由', 'Purpose'), ({ entry }) => entry.purpose],
  [words('来源网络', 'Network'), ({ entry }) => entry.origin],
  [words('公开细节', 'Public details'), ({ entry }) => JSON.stringify(entry.facts)],
  [words('加密细节', 'Sealed details'), ({ entry }) => JSON.stringify(entry.personal)],
  [words('改动', 'Faults'), ({ entry }) => entry.faults.join(' ')],
  [words('记录编号', 'Entry'), ({ entry }) => entry.entryId],
  [words('叶子摘要（SHA-256）', 'Leaf hash (SHA-256)'), ({ entry }) => toHex(entry.leafHash)],
];

export function csvHead(language: Language): string {
  return `\ufeff${row(columns.map(([heading]) => heading[language]))}`;
}

export function csvRow(one: ExportedEntry, language: Language): string {
  return row(columns.map(([, value]) => value(one, language)));
}

function row(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** What begins like a formula, also with the signs of Chinese keyboards, is made text by an apostrophe in front. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

const chinaOffsetMs = 8 * 3_600_000; // no summer time since 1991

function chinaTime(at: Date): string {
  return moment(at.getTime() + chinaOffsetMs)
    .toISOString()
    .replace('Z', '+08:00');
}

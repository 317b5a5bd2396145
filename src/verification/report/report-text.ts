// The printed report on a document: the words of the page that shows it, with what is needed to tell which document it is about and to check the report itself.

import { documentView } from '../../kernel/words/document-view.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { words } from '../../kernel/words/language.ts';
import type { Check, Fact, FactValue, FindingLine, ReportPart } from '../../kernel/words/report-view.ts';
import { outcomeWords, reportWords, severityWords } from '../../kernel/words/report-words.ts';
import { timeText } from '../../kernel/words/time.ts';
import type { PublicVerdict } from '../../kernel/words/verdicts.ts';
import { documentVerdictWords } from '../../kernel/words/verdicts.ts';
import type { DocumentReport } from '../document-report.ts';
import type { ReportText } from './report-file.ts';
import type { Paragraph, Rgb } from './report-layout.ts';

const black: Rgb = [0, 0, 0];
/** Dark enough for print and for eyes (WCAG 2.2, 1.4.3); the word says the same as the colour. */
const colors: Readonly<Record<PublicVerdict, Rgb>> = {
  good: [0, 0.36, 0.16],
  recheck: [0.5, 0.3, 0],
  bad: [0.66, 0, 0.05],
  nothing: [0.27, 0.27, 0.27],
  undecided: [0.27, 0.27, 0.27],
};

export interface PrintedReport {
  readonly report: DocumentReport;
  readonly language: Language;
  /** Of the service that judged. */
  readonly publicUrl: string;
  readonly madeAt: Date;
}

export function reportText({ report, language, publicUrl, madeAt }: PrintedReport): ReportText {
  const view = documentView(JSON.parse(JSON.stringify(report)));
  const say = (text: Words): string => text[language];
  const color = colors[view.verdict];
  const { entryId, auditIndex } = report.receipt;
  const paragraphs: Paragraph[] = [
    { ...plain, role: 'H1', size: 18, gapBefore: 0, text: say(labels.title) },
    { ...plain, role: 'P', size: 15, color, gapBefore: 10, text: say(view.words.word) },
    { ...plain, size: 11, color, gapBefore: 0, text: say(view.words.meaning) },
    ...view.facts.map((fact) => factLine(fact, language)),
    ...view.findings.map((line) => findingLine(line, language)),
    heading(say(labels.document)),
    labelled(say(labels.digest), report.sha256),
    labelled(say(labels.kind), `${report.mediaType}, ${report.pageCount} ${say(labels.pages)}`),
    labelled(say(labels.judgedAt), timeText(report.verifiedAt, language)),
    labelled(say(labels.judgedBy), publicUrl),
    ...view.parts.flatMap((part) => partLines(part, language)),
    heading(say(labels.receipt)),
    labelled(say(reportWords.number), report.verificationId),
    labelled(say(labels.entry), `${entryId}${auditIndex === null ? '' : ` (${auditIndex})`}`),
    { ...plain, text: labels.how[language](publicUrl) },
    { ...plain, text: say(labels.notSealed) },
  ];
  return {
    title: `${say(labels.title)} ${report.verificationId}`,
    language,
    madeAt,
    paragraphs,
    footer: (number, count) => `${report.verificationId}   ${number} / ${count}`,
  };
}

const plain = { role: 'P', size: 9.5, color: black, indent: 0, gapBefore: 3 } as const;

function partLines(part: ReportPart, language: Language): Paragraph[] {
  const { word } = documentVerdictWords[part.verdict];
  const between = language === 'en' ? ': ' : '：';
  return [
    heading(`${part.title[language]}${between}${word[language]}`, colors[part.verdict]),
    ...part.facts.map((fact) => factLine(fact, language)),
    ...part.checks.map((check) => checkLine(check, language)),
    ...part.findings.map((line) => findingLine(line, language)),
    ...part.details.map((fact) => factLine(fact, language)),
  ];
}

function heading(text: string, color: Rgb = black): Paragraph {
  return { ...plain, role: 'H2', size: 12, color, gapBefore: 12, text };
}

function labelled(label: string, text: string): Paragraph {
  return { ...plain, label, text };
}

function factLine({ label, value, note }: Fact, language: Language): Paragraph {
  const said = valueText(value, language);
  const between = language === 'en' ? ', ' : '，';
  return labelled(label[language], note === undefined ? said : `${said}${between}${note[language]}`);
}

function valueText(value: FactValue, language: Language): string {
  if (value.kind === 'words') return value.words[language];
  return value.kind === 'time' ? timeText(value.iso, language) : shortened(value.text);
}

/** Longer than any name: what a certificate says may be megabytes, and marks without width pile up on one line. */
const maxTextLength = 500;

function shortened(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}

function checkLine({ question, outcome, answer }: Check, language: Language): Paragraph {
  const between = language === 'en' ? '. ' : '。';
  return labelled(question[language], `${outcomeWords[outcome].words[language]}${between}${answer[language]}`);
}

function findingLine({ severity, words: said, code }: FindingLine, language: Language): Paragraph {
  return labelled(severityWords[severity].words[language], `${said[language]} (${code})`);
}

const labels = {
  title: words('电子签章核验报告', 'Report on electronic seals'),
  document: words('被核验的文件', 'The document'),
  digest: words('SHA-256 摘要', 'SHA-256 digest'),
  kind: words('类型', 'Kind'),
  pages: words('页', 'pages'),
  judgedAt: words('核验时间', 'Verified at'),
  judgedBy: words('核验服务', 'Verified by'),
  receipt: words('回执', 'Receipt'),
  entry: words('审计记录', 'Audit entry'),
  how: {
    'zh-CN': (url: string) =>
      `核验结果已记入防篡改的审计日志。凭上面的记录编号可在 ${url}/audit 查到这条记录及其证明，记录中有文件摘要和结论。`,
    en: (url: string) =>
      `The result stands in a tamper-evident audit log. At ${url}/audit the entry named above is shown with its proof; it has the digest of the document and the result.`,
  },
  notSealed: words(
    '本报告没有加盖电子印章，不能代替重新核验；请以审计记录和带签名的回执为准。',
    'This report bears no seal and does not take the place of verifying again: the audit entry and the signed receipt count.',
  ),
} as const;

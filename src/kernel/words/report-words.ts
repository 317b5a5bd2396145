// Words around a verification report: headings, yes and no, severities, the number to quote.

import type { Severity } from '../report.ts';
import type { Words } from './language.ts';
import { words } from './language.ts';
import type { CheckOutcome } from './report-view.ts';

export const reportWords = {
  result: words('核验结果', 'Result'),
  findings: words('发现', 'Findings'),
  details: words('技术信息', 'Technical details'),
  number: words('核验编号', 'Verification number'),
  code: words('代码', 'Code'),
} as const;

export const outcomeWords: Readonly<Record<CheckOutcome, { readonly sign: string; readonly words: Words }>> = {
  yes: { sign: '✓', words: words('是', 'Yes') },
  no: { sign: '✕', words: words('否', 'No') },
  unknown: { sign: '○', words: words('不明', 'Unknown') },
};

export const severityWords: Readonly<Record<Severity, { readonly sign: string; readonly words: Words }>> = {
  error: { sign: '✕', words: words('问题', 'Problem') },
  warning: { sign: '!', words: words('注意', 'Take note') },
  info: { sign: 'i', words: words('说明', 'Note') },
};

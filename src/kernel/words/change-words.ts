// What came into a file after a signature, in words and by page; the kinds are those of src/pdf/comparison.ts.

import type { Words } from './language.ts';
import { words } from './language.ts';
import type { JsonObject } from './members.ts';
import { textAt } from './members.ts';

const kinds: Readonly<Record<string, Words>> = {
  signature: words('追加了签章', 'a later seal'),
  stamp: words('追加了印章图形', 'the picture of a later seal'),
  'document-time-stamp': words('追加了文档时间戳', 'a document time stamp'),
  'validation-data': words('追加了验证材料', 'data for validation'),
  metadata: words('元数据有变化', 'metadata'),
  form: words('表单有变化', 'the form'),
  field: words('表单域有变化', 'a form field'),
  annotation: words('批注有变化', 'an annotation'),
  overlap: words('有内容盖在签署过的内容上', 'something lies over what was signed'),
  page: words('页面有变化', 'the page'),
  'page-tree': words('页的增减或次序有变化', 'pages were added, taken away or moved'),
  object: words('内容对象有变化', 'an object of the contents'),
  'unused-object': words('有没有用到的对象', 'an object that is not used'),
  catalog: words('文件目录有变化', 'the catalog of the file'),
  structure: words('文件结构有变化', 'the structure of the file'),
  'byte-range': words('签名范围不成立', 'the range of the signature'),
};
const other = words('其他变化', 'something else');

/** Each kind once a page, with how often; pages in order, what belongs to none first. `undefined` when there is nothing. */
export function changesByPage(changes: readonly JsonObject[]): Words | undefined {
  const pages = new Map<number, Map<Words, number>>();
  for (const change of changes) {
    const page = typeof change['page'] === 'number' ? change['page'] : 0;
    const kind = kinds[textAt(change, 'kind') ?? ''] ?? other;
    const counts = pages.get(page) ?? new Map<Words, number>();
    pages.set(page, counts.set(kind, (counts.get(kind) ?? 0) + 1));
  }
  const lines = [...pages].sort(([a], [b]) => a - b).slice(0, maxPages);
  if (lines.length === 0) return undefined;
  const zh = lines.map(
    ([page, counts]) => `${page === 0 ? '全文' : `第 ${page} 页`}：${listed(counts, 'zh-CN', '，')}`,
  );
  const en = lines.map(([page, counts]) => `${page === 0 ? 'File' : `Page ${page}`}: ${listed(counts, 'en', ', ')}`);
  const more = pages.size > lines.length;
  return words(`${zh.join('；')}${more ? ' ……' : ''}`, `${en.join('; ')}${more ? ' …' : ''}`);
}

/** A report is read by people. */
const maxPages = 30;

function listed(counts: ReadonlyMap<Words, number>, language: 'zh-CN' | 'en', between: string): string {
  return [...counts]
    .map(([kind, count]) => (count === 1 ? kind[language] : `${kind[language]} × ${count}`))
    .join(between);
}

// What a person is told of one refusal: the words of its code, and what its details say of where, in numbers as people count.

import { wordsOfError } from './errors.ts';
import type { Language } from './language.ts';
import { words } from './language.ts';

const page = words('第 {n} 页', 'page {n}');
const found = words('共有 {n} 处', 'it has them {n} times');
const most = words('最多 {n} 页', 'at most {n} pages');
const parts = [
  ['page', page],
  ['found', found],
  ['mostPages', most],
] as const;

export function faultWords(
  code: string,
  details: Readonly<Record<string, unknown>> | undefined,
  language: Language,
): string {
  const told = wordsOfError(code)[language];
  const facts = parts.flatMap(([name, phrase]) => {
    const value = details?.[name];
    return typeof value === 'number' && Number.isSafeInteger(value)
      ? phrase[language].replace('{n}', String(value))
      : [];
  });
  if (facts.length === 0) return told;
  return language === 'zh-CN' ? `${told}（${facts.join('，')}）` : `${told} (${facts.join(', ')})`;
}

// Words for what a signature report says in short codes: coverage, kinds of later changes, sources of time, formats.

import type { Words } from './language.ts';
import { words } from './language.ts';

export const coverageWords: Readonly<Record<string, Words>> = {
  'whole-file': words('签章覆盖整个文件', 'The seal covers the whole file'),
  revision: words(
    '签章覆盖文件的较早版本，之后有追加内容',
    'The seal covers an earlier revision; something was appended later',
  ),
  partial: words('签章只覆盖文件的一部分', 'The seal covers only a part of the file'),
};

export const timeSourceWords: Readonly<Record<string, Words>> = {
  'time-stamp': words('由时间戳证明', 'proven by a time stamp'),
  claimed: words('签署人自称，未经证明', 'claimed by the signer, not proven'),
  none: words('没有可靠的时间来源', 'no reliable source'),
};

export const unknownWords = words('不明', 'unknown');

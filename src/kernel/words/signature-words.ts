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

/** ETSI EN 319 142-1, 6. */
export const levelWords: Readonly<Record<string, Words>> = {
  'B-B': words('没有可信时间', 'without a trusted time'),
  'B-T': words('有可信时间', 'with a trusted time'),
  'B-LT': words('有可信时间，文件自带验证材料', 'with a trusted time and all that validation needs'),
  'B-LTA': words('可长期验证，验证材料也有时间戳', 'for long-term validation: a time stamp is over all of it'),
};

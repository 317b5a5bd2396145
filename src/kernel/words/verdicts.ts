// The five verdicts that a person is shown, each told by sign and word as well as by colour.

import type { Words } from './language.ts';
import { words } from './language.ts';

/** 有效, 请再核对, 无效, 不是证照码 (for a document: 没有签章), 无法判断. Anything unknown is `undecided`, never `good`. */
export type PublicVerdict = 'good' | 'recheck' | 'bad' | 'nothing' | 'undecided';

export interface VerdictWords {
  /** Drawn large and hidden from screen readers; the word says the same. */
  readonly sign: string;
  readonly word: Words;
  readonly meaning: Words;
}

export const documentVerdictWords: Readonly<Record<PublicVerdict, VerdictWords>> = {
  good: {
    sign: '✓',
    word: words('有效', 'Valid'),
    meaning: words(
      '签章真实，签署后内容没有被改动，签署人可信。',
      'The seal is genuine, the content is unchanged since, and the signer is trusted.',
    ),
  },
  recheck: {
    sign: '!',
    word: words('请再核对', 'Check again'),
    meaning: words(
      '签章真实，但现在不能确认它仍然有效。请看下面的原因。',
      'The seal is genuine, but it cannot be confirmed as still valid now. See the reason below.',
    ),
  },
  bad: {
    sign: '✕',
    word: words('无效', 'Invalid'),
    meaning: words('不要采信这份文件。原因见下。', 'Do not rely on this document. The reason is below.'),
  },
  nothing: {
    sign: '?',
    word: words('没有签章', 'No seal'),
    meaning: words(
      '这份文件里没有电子签章，真伪无从核验。',
      'The document carries no electronic seal, so there is nothing to verify.',
    ),
  },
  undecided: {
    sign: '○',
    word: words('无法判断', 'Cannot tell'),
    meaning: words(
      '现有信息不足以判断真伪，请勿当作有效。',
      'There is not enough to judge by. Do not take it as valid.',
    ),
  },
};

/** What to do with a document; said on the page and in the printed report. */
export const adviceWords: Readonly<Record<PublicVerdict, Words>> = {
  good: words(
    '可以采信。请保存电子原件，打印件不能核验。',
    'It may be relied on. Keep the electronic original: a print cannot be verified.',
  ),
  recheck: words(
    '暂缓采信，过一会儿再核验，或请出具单位补盖长期验证时间戳。',
    'Wait, verify again later, or ask the issuer for a file with archive time stamps.',
  ),
  bad: words('不要采信，请向出具单位索取新的电子原件。', 'Do not rely on it. Ask the issuer for a new original.'),
  nothing: words('请出具单位提供盖有电子印章的原件。', 'Ask the issuer for an original with an electronic seal.'),
  undecided: words('不要当作有效，请向出具单位核实。', 'Do not take it as valid. Ask the issuer.'),
};

export const licenceVerdictWords: Readonly<Record<PublicVerdict, VerdictWords>> = {
  good: {
    sign: '✓',
    word: words('有效', 'Valid'),
    meaning: words(
      '证照由发证机关签发，内容真实，目前有效。',
      'Issued by the authority named, genuine, and in force now.',
    ),
  },
  recheck: {
    sign: '!',
    word: words('请再核对', 'Check again'),
    meaning: words(
      '证照是真的，但现在不能确认它仍然有效。请看下面的原因。',
      'The licence is genuine, but it cannot be confirmed as in force now. See the reason below.',
    ),
  },
  bad: {
    sign: '✕',
    word: words('无效', 'Invalid'),
    meaning: words('不要采信这张证照。原因见下。', 'Do not rely on this licence. The reason is below.'),
  },
  nothing: {
    sign: '?',
    word: words('不是证照码', 'Not a licence code'),
    meaning: words(
      '这不是本系统的证照码。请确认扫描或复制的是证照上的二维码。',
      'This is not one of our licence codes. Check that it comes from the QR code on a licence.',
    ),
  },
  undecided: {
    sign: '○',
    word: words('无法判断', 'Cannot tell'),
    meaning: words(
      '系统没能完成核验，请勿当作有效，稍后再试。',
      'The check could not be completed. Do not take it as valid; try again later.',
    ),
  },
};

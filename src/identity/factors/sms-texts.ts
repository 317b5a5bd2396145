// The text messages that people get, in two languages: nothing in them comes from a request.

import { type Language, words } from '../../kernel/words/language.ts';

const notices = {
  'factor-added': words('您的账户新增了一种登录验证方式。', 'A way to sign in was added to your account.'),
  'factor-removed': words('您的账户移除了一种登录验证方式。', 'A way to sign in was removed from your account.'),
  'password-changed': words('您的账户密码已更改。', 'The password of your account was changed.'),
  recovered: words(
    '您的账户刚刚通过找回流程重设了密码。',
    'The password of your account was just reset through recovery.',
  ),
} as const;

/** A change that its owner must hear of. */
export type SmsNotice = keyof typeof notices;

const code = words(
  '【印信】验证码：{code}，5 分钟内有效。工作人员不会向您索取，请勿告诉他人。',
  '[Yinxin] Your code is {code}, valid for 5 minutes. Nobody of ours will ask you for it.',
);
const notYou = words('如非本人操作，请立即修改密码。', 'If that was not you, change your password now.');

/** Whoever registers with a number that has an account hears so here, and nowhere else. */
const held = words(
  '该号码已有印信账户，可以直接登录；继续注册会把号码转到新账户。',
  ' This number has an account already: you can just sign in. Registering on moves the number to a new account.',
);

export function codeMessage(digits: string, language: Language, { isHeld = false } = {}): string {
  return code[language].replace('{code}', digits) + (isHeld ? held[language] : '');
}

export function noticeMessage(notice: SmsNotice, language: Language): string {
  const [name, space] = language === 'en' ? ['[Yinxin] ', ' '] : ['【印信】', ''];
  return `${name}${notices[notice][language]}${space}${notYou[language]}`;
}

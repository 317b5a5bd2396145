// Words of getting back into an account.

import { type Words, words } from '../../../kernel/words/language.ts';

export const recoverText = {
  title: words('找回账户', 'Get back into your account'),
  lead: words(
    '需要两样：账户绑定的手机，以及恢复码或验证器。',
    'You need two things: the telephone of the account, and a recovery code or your authenticator app.',
  ),
  loginName: words('用户名', 'User name'),
  send: words('发送验证码', 'Send the code'),
  only: words(
    '只有手机？请用短信验证码登录，再修改密码。手机也不在了，请带证件到窗口办理。',
    'Only the telephone left? Sign in by text message and change the password. Not even that? Go to a window with your ID.',
  ),
  codeTitle: words('输入验证码', 'Enter the code'),
  codeSent: words(
    '如果这个用户名绑定了手机，验证码已发送到该手机。',
    'If that user name has a telephone, a code was sent to it.',
  ),
  code: words('短信验证码', 'Code from the message'),
  next: words('下一步', 'Next'),
  restart: words('重新开始', 'Start again'),
  passwordTitle: words('再验证一次，并设置新密码', 'One proof more, and a new password'),
  proof: words('恢复码，或验证器显示的 6 位数字', 'A recovery code, or the 6 digits of your authenticator app'),
  proofHint: words(
    '恢复码形如 abcde-12345，每个只能用一次。',
    'A recovery code looks like abcde-12345 and works once.',
  ),
  meaning: words(
    '设置后，所有登录都会退出。新密码在三天内最多可办理三级事项，以防他人冒用。',
    'All sessions end. For three days the new password is good up to level 3 only, in case it was not you.',
  ),
  set: words('设置新密码', 'Set the new password'),
  doneTitle: words('密码已重设', 'The password was reset'),
  done: words('请用新密码登录。', 'Sign in with the new password.'),
  signIn: words('登录', 'Sign in'),
  faultTitle: words('没有成功', 'That did not work'),
} as const;

export const recoverFaults = {
  limit: words('短信发送太频繁，请过一会儿再试。', 'Too many messages. Please try again later.'),
  wrong: words('验证码不正确，请核对后再输入。', 'The code is not right. Please check and enter it again.'),
  over: words('已过期，请重新开始。', 'This is over. Please start again.'),
  proof: words('恢复码或数字不正确。', 'The recovery code or the digits are not right.'),
  locked: words('尝试次数过多，请过一会儿再试。', 'Too many tries. Please try again later.'),
  password: words(
    '密码太短、太常见，或者包含用户名，请换一个。',
    'The password is too short or too common, or contains the user name. Please choose another.',
  ),
  differs: words('两次输入的密码不一致。', 'The two passwords differ.'),
} as const satisfies Readonly<Record<string, Words>>;

export type RecoverFault = keyof typeof recoverFaults;

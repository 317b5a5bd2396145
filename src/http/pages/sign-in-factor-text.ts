// Words of the sign-in pages of each factor, in both languages.

import { words } from '../../kernel/words/language.ts';

export const factorText = {
  otherWays: words('其他登录方式', 'Other ways to sign in'),
  otherSecond: words('改用其他方式验证', 'Use another way'),
  bySms: words('用短信验证码登录', 'Sign in with a code by SMS'),
  byPasskey: words('用通行密钥登录', 'Sign in with a passkey'),
  byPassword: words('用密码登录', 'Sign in with a password'),
  smsTitle: words('短信验证码登录', 'Sign in with a code by SMS'),
  number: words('手机号码', 'Mobile number'),
  numberHint: words('中国大陆 11 位手机号码', 'Of the mainland of China, 11 digits'),
  send: words('获取验证码', 'Send me a code'),
  codeTitle: words('输入短信验证码', 'Type the code from the SMS'),
  /** The same whether or not the number is anybody's. */
  sentIfKnown: words(
    '如果该号码已绑定账户，我们已向它发送 6 位验证码，5 分钟内有效：',
    'If this number belongs to an account, a code of 6 digits was sent to it, valid for 5 minutes: ',
  ),
  sentTo: words('已向您的手机发送 6 位验证码，5 分钟内有效：', 'A code of 6 digits was sent, valid for 5 minutes, to '),
  willSend: words('我们将向您绑定的手机发送验证码：', 'We will send a code to your telephone: '),
  code: words('验证码', 'Code'),
  submit: words('验证', 'Check'),
  again: words('重新发送验证码', 'Send another code'),
  againAfter: words('可以重新发送的等待时间（秒）：', 'Seconds until another code can be sent: '),
  otherNumber: words('换一个号码', 'Use another number'),
  secondTitle: words('还需要一步验证', 'One more step'),
  secondWhy: words(
    '为保护您的账户，请再用另一种方式证明是您本人。',
    'To protect your account, please show in a second way that it is you.',
  ),
  totp: words('验证器 App 动态码', 'Code of your authenticator app'),
  totpHint: words('打开验证器 App，输入当前显示的 6 位数字。', 'Open the app and type the 6 digits that it shows now.'),
  phone: words('短信验证码', 'Code by SMS'),
  passkey: words('通行密钥', 'Passkey'),
  passkeyHint: words(
    '请按浏览器提示，用指纹、面容或安全密钥确认。',
    'Your browser will ask for your fingerprint, your face or your security key.',
  ),
  passkeyNeedsScript: words(
    '通行密钥需要浏览器启用 JavaScript。请选择其他方式。',
    'A passkey needs JavaScript in the browser. Please choose another way.',
  ),
  passkeyButton: words('使用通行密钥', 'Use a passkey'),
  password: words('密码', 'Password'),
  recoveryCode: words('恢复码', 'Recovery code'),
  recoveryHint: words('您保存的 10 个恢复码之一，每个只能用一次。', 'One of the ten that you kept; each works once.'),
  startAgain: words('返回登录页', 'Back to the start of the sign-in'),
} as const;

export const factorFaultText = {
  title: words('没有验证成功', 'That did not work'),
  waitTitle: words('请稍后再试', 'Please try again later'),
  code: words('验证码不正确，请再试一次。', 'The code is not right. Please try again.'),
  over: words('验证码已失效，请重新获取。', 'This code is no longer good. Please ask for another one.'),
  number: words('请填写 11 位中国大陆手机号码。', 'Please give a mobile number of the mainland of China, 11 digits.'),
  passkey: words(
    '没有找到可用的通行密钥，或验证未通过。请再试一次，或换一种方式。',
    'No passkey was found, or it was not right. Try again, or use another way.',
  ),
  password: words('密码不正确，请再试一次。', 'The password is not right. Please try again.'),
  locked: words('尝试次数过多。请等待约（分钟）：', 'There were too many tries. Please wait about (minutes): '),
  sms: words('短信发送过于频繁。请等待（秒）：', 'Too many text messages. Please wait (seconds): '),
} as const;

// Words of registering, and of the terms of use.

import { type Words, words } from '../../../kernel/words/language.ts';

export const registerText = {
  title: words('注册账户', 'Register'),
  lead: words('三步：手机号、短信验证码、用户名和密码。', 'Three steps: telephone, code, user name and password.'),
  phone: words('手机号', 'Mobile number'),
  phoneHint: words(
    '中国大陆 11 位手机号。我们会发一条短信验证码。',
    'Of mainland China, 11 digits. We send a code to it.',
  ),
  accept: words('我已阅读并同意', 'I have read and accept the '),
  terms: words('《印信服务协议》', 'terms of use'),
  send: words('发送验证码', 'Send the code'),
  haveAccount: words('已有账户？登录', 'You have an account? Sign in'),
  codeTitle: words('输入验证码', 'Enter the code'),
  codeSent: words('验证码已发送到：', 'A code was sent to: '),
  codeNote: words(
    '没有收到？请核对号码。短信里如果说该号码已有账户，可以直接登录。',
    'Nothing came? Check the number. If the message says that the number has an account, just sign in.',
  ),
  code: words('短信验证码', 'Code from the message'),
  next: words('下一步', 'Next'),
  again: words('重新发送', 'Send again'),
  otherNumber: words('换一个号码', 'Use another number'),
  accountTitle: words('设置用户名和密码', 'Choose a user name and a password'),
  loginName: words('用户名', 'User name'),
  loginNameHint: words(
    '2 至 32 位小写字母、数字、点、横线或下划线，以字母或数字开头。注册后不能更改。',
    '2 to 32 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit. It cannot be changed.',
  ),
  password: words('密码', 'Password'),
  passwordHint: words(
    '至少 10 个字符。长比复杂更重要，不要用其他网站的密码。',
    'At least 10 characters. Length matters more than signs; do not use one from another site.',
  ),
  passwordAgain: words('再输入一次密码', 'The password once more'),
  create: words('完成注册', 'Register'),
  held: words('这个手机号已有账户：', 'This number has an account already: '),
  heldHint: words(
    '如果那是您的账户，请直接登录或找回。继续注册会新建一个账户，手机号将转到新账户，原账户不能再用它登录。',
    'If that is yours, sign in. If you go on, a new account is made and the number goes over to it; the other account can no longer sign in with it.',
  ),
  doneTitle: words('注册成功', 'You are registered'),
  done: words('您的账户已建立，实名等级为一级。', 'Your account is made, at real-name level 1.'),
  signIn: words('登录', 'Sign in'),
  faultTitle: words('请更正', 'Please correct this'),
} as const;

/** What was wrong with a form. */
export const registerFaults = {
  phone: words('这不是中国大陆的手机号，请核对。', 'This is no mobile number of mainland China.'),
  terms: words('请先阅读并勾选同意服务协议。', 'Please read and accept the terms first.'),
  limit: words('短信发送太频繁，请过一会儿再试。', 'Too many messages. Please try again later.'),
  wrong: words('验证码不正确，请核对后再输入。', 'The code is not right. Please check and enter it again.'),
  over: words('这个验证码已失效，请重新发送。', 'This code is over. Please ask for a new one.'),
  'name-unfit': words('用户名不符合要求。', 'The user name does not fit the rule.'),
  'name-taken': words('这个用户名已被使用，请换一个。', 'This user name is taken. Please choose another.'),
  'password-unfit': words(
    '密码太短、太常见，或者包含用户名，请换一个。',
    'The password is too short or too common, or contains the user name. Please choose another.',
  ),
  'password-differs': words('两次输入的密码不一致。', 'The two passwords differ.'),
} as const satisfies Readonly<Record<string, Words>>;

export type RegisterFault = keyof typeof registerFaults;

export const termsText = {
  title: words('印信服务协议', 'Terms of use'),
  version: words('版本：', 'Version: '),
  points: [
    words(
      '账户属于您本人，不得转让或出借；请保管好密码和验证方式。',
      'The account is yours alone. Do not lend it, and keep your password and devices safe.',
    ),
    words(
      '手机号用于登录、找回和安全通知，不用于推销。',
      'Your number serves for signing in, recovery and security messages, never for advertising.',
    ),
    words(
      '姓名和证件号码只在您提高实名等级时登记，加密保存；系统要看，须先经您同意。',
      'Name and ID number are kept, encrypted, only once you raise your level. A system sees them only if you agree.',
    ),
    words(
      '您的身份、证照每一次被使用都记入审计日志，您可以随时查看。',
      'Every use of your identity and licences is recorded, and you can see all of it.',
    ),
    words(
      '您可以随时撤回同意、注销账户。依法须保存的审计记录会继续保存。',
      'You may withdraw consents and close the account at any time. Audit entries that the law demands are kept.',
    ),
  ],
  back: words('返回注册', 'Back to registering'),
} as const;

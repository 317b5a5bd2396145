// Words of the ways to sign in: what a person has, adding, changing and removing it.

import { type Words, words } from '../../../kernel/words/language.ts';

export const factorsText = {
  title: words('登录方式', 'Ways to sign in'),
  purpose: words(
    '密码、手机号、验证器、通行密钥和恢复码。',
    'Password, telephone, authenticator app, passkeys and recovery codes.',
  ),
  back: words('返回登录方式', 'Back to the ways to sign in'),
  lead: words(
    '两种不同的方式一起用，才能办理四级以上的事项。每次变更都会记录，并发短信告诉您。',
    'Matters of level 4 and above need two different ways. Each change is recorded, and you get a message about it.',
  ),
  createdAt: words('添加时间', 'Added'),
  lastUsedAt: words('最近使用', 'Last used'),
  never: words('还没有用过', 'Not used yet'),
  countsFrom: words('可用于四级以上的时间', 'Good for level 4 and above from'),
  change: words('改名或移除', 'Rename or remove'),
  password: words('密码', 'Password'),
  passwordChange: words('修改密码', 'Change the password'),
  phoneAdd: words('绑定手机号', 'Add a telephone'),
  phoneChange: words('更换手机号', 'Change the telephone'),
  totpAdd: words('添加验证器', 'Add an authenticator app'),
  passkeyAdd: words('添加通行密钥', 'Add a passkey'),
  codes: words('恢复码', 'Recovery codes'),
  codesLeft: words('剩余可用：', 'Left: '),
  codesMake: words('生成新的恢复码', 'Make new recovery codes'),
  label: words('名称', 'Name'),
  labelHint: words('例如“我的手机”，便于辨认。', 'For example “my phone”, so that you know it again.'),
  code: words('验证码', 'Code'),
  add: words('添加', 'Add'),
  save: words('保存名称', 'Save the name'),
  remove: words('移除', 'Remove'),
  removeTitle: words('移除这种登录方式', 'Remove this way to sign in'),
  removeLead: words(
    '移除后它不能再用来登录。需要时可以重新添加。',
    'It can no longer sign you in. You can add it again.',
  ),
  totpLead: words(
    '用验证器 App 扫描二维码，或手工输入密钥，然后填写 App 显示的 6 位数字。',
    'Scan the code with an authenticator app, or type the key, then enter the 6 digits that the app shows.',
  ),
  totpPicture: words('验证器二维码', 'QR code for the app'),
  totpKey: words('密钥', 'Key'),
  phoneLead: words(
    '我们会发一条短信验证码。新号码会替换原来的号码。',
    'We send a code. A new number replaces the old one.',
  ),
  phone: words('手机号', 'Mobile number'),
  send: words('发送验证码', 'Send the code'),
  again: words('重新发送', 'Send again'),
  codeSent: words('验证码已发送到：', 'A code was sent to: '),
  confirm: words('确认', 'Confirm'),
  passkeyLead: words(
    '通行密钥保存在手机、电脑或安全密钥里，用指纹、面容或锁屏密码确认，不会被假网站骗走。',
    'A passkey lives in a phone, computer or security key. You confirm by finger, face or screen lock, and no false site can take it.',
  ),
  passkeyNeeds: words('这需要浏览器开启脚本并支持通行密钥。', 'This needs scripts and a browser that knows passkeys.'),
  codesLead: words(
    '恢复码用于其他方式都丢失的时候，每个只能用一次。生成新的，旧的立即作废。',
    'They are for the day when everything else is lost, each good once. New ones make the old ones void.',
  ),
  codesOnce: words(
    '只显示这一次。请打印或抄下来，放在安全的地方。',
    'They are shown this once only. Print them or write them down, and keep them safe.',
  ),
  codesFile: words('下载为文本文件', 'Download as a text file'),
  codesMade: words('您的恢复码', 'Your recovery codes'),
  make: words('生成恢复码', 'Make the codes'),
  newPassword: words('新密码', 'New password'),
  passwordLead: words('修改后，其他所有登录都会退出。', 'All your other sessions end with the old password.'),
} as const;

export const kindText = {
  phone: words('手机号', 'Telephone'),
  totp: words('验证器', 'Authenticator app'),
  passkey: words('通行密钥', 'Passkey'),
} as const satisfies Readonly<Record<string, Words>>;

export const factorsDone: Readonly<Record<string, Words>> = {
  added: words('已添加。', 'Added.'),
  removed: words('已移除。', 'Removed.'),
  renamed: words('名称已保存。', 'The name was saved.'),
  password: words('密码已修改，其他登录都已退出。', 'The password was changed, and all other sessions have ended.'),
};

export const factorFaults = {
  code: words('验证码不正确，请再试一次。', 'The code is not right. Please try again.'),
  over: words('已过期，请重新开始。', 'This is over. Please start again.'),
  number: words('这不是中国大陆的手机号，请核对。', 'This is no mobile number of mainland China.'),
  limit: words('短信发送太频繁，请过一会儿再试。', 'Too many messages. Please try again later.'),
  passkey: words(
    '没有添加成功：设备没有确认，或这个通行密钥已经添加过。',
    'Not added: the device did not confirm, or you have it already.',
  ),
  last: words('这是最后一种登录方式，不能移除。', 'This is your last way to sign in and cannot be removed.'),
  many: words('这一类已经太多，请先移除不用的。', 'There are too many of this kind. Remove one first.'),
  password: words(
    '密码太短、太常见，或者包含用户名，请换一个。',
    'The password is too short or too common, or contains the user name.',
  ),
  differs: words('两次输入的密码不一致。', 'The two passwords differ.'),
} as const satisfies Readonly<Record<string, Words>>;

export type FactorDeskFault = keyof typeof factorFaults;

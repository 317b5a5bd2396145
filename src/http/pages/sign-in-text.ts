// Words of the sign-in, consent and sign-out pages in both languages.

import type { LicenceShow, SealUse } from '../../kernel/authorization-details.ts';
import type { Scope } from '../../kernel/principal.ts';
import { type Words, words } from '../../kernel/words/language.ts';

export const signInText = {
  title: words('登录印信', 'Sign in to Yinxin'),
  purpose: words('您正在登录：', 'You are signing in to: '),
  again: words('为了您的安全，请再次输入密码。', 'For your safety, please enter your password again.'),
  signedInAs: words('您已登录的账户：', 'You are signed in as: '),
  goOnAs: words('以此账户继续', 'Go on with this account'),
  otherAccount: words('换一个账户登录', 'Sign in with another account'),
  level: words('该服务要求的实名等级：', 'Real-name level this service asks for: '),
  levelUnknown: words('本系统没有的等级', 'one that does not exist here'),
  loginName: words('用户名', 'User name'),
  password: words('密码', 'Password'),
  submit: words('登录', 'Sign in'),
  recover: words('忘记密码', 'Lost the password?'),
  register: words('注册账户', 'Register'),
  elsewhere: words('通过其他平台登录', 'Sign in through another platform'),
  linking: words('登录后，本账号将与以下平台关联：', 'When you have signed in, this account is linked with: '),
  cancel: words('取消并返回该服务', 'Cancel and go back to the service'),
  wrongTitle: words('没有登录成功', 'You are not signed in'),
  wrong: words('用户名或密码不正确，请再试一次。', 'The user name or the password is not right. Please try again.'),
  lockedTitle: words('请稍后再试', 'Please try again later'),
  locked: words(
    '密码输错次数过多。为保护您的账户，请等待约：',
    'There were too many wrong passwords. To protect the account, please wait about: ',
  ),
  minutes: words('分钟', 'minutes'),
  empty: words('请填写用户名和密码。', 'Please fill in the user name and the password.'),
  passkey: words(
    '没有找到可用的通行密钥，或验证未通过。请再试一次，或换一种方式。',
    'No passkey was found, or it was not right. Try again, or use another way.',
  ),
} as const;

export const consentText = {
  title: words('是否同意？', 'Do you agree?'),
  asks: words('请求使用您的以下信息和权限：', 'asks for the following:'),
  account: words('您登录的账户：', 'You are signed in as: '),
  agree: words('同意', 'Agree'),
  refuse: words('不同意', 'Do not agree'),
  afterwards: words(
    '同意后您将返回该服务。您的密码不会提供给它。',
    'If you agree you go back to the service. It never gets your password.',
  ),
} as const;

/** Which one thing is asked for, and why; the identifiers are what people find on their pages. */
export function detailText(detail: SealUse | LicenceShow): Words {
  const { identifier, purpose } = detail;
  if (detail.type === 'licence_show')
    return words(`出示证照 ${identifier}，用途：${purpose}`, `Show the licence ${identifier}, for: ${purpose}`);
  const { document } = detail;
  return document === undefined
    ? words(`使用印章 ${identifier}，事由：${purpose}`, `Use the seal ${identifier}, for: ${purpose}`)
    : words(
        `在文件 ${document} 上使用印章 ${identifier}，事由：${purpose}`,
        `Use the seal ${identifier} on the document ${document}, for: ${purpose}`,
      );
}

/** Remote signing: `seal` is its name and whose it is, or the identifier of one that is not there. */
export function remoteText(seal: string, count: number): Words {
  return words(
    `使用印章“${seal}”对以下 ${count} 份文件签章（每份一次，文件不经过本平台）：`,
    `Stamp these ${count} documents with the seal “${seal}”, each once (the documents themselves do not come here):`,
  );
}

export const unnamedDocument = words('未命名文件', 'Document without a name');

export const signOutText = {
  title: words('退出登录', 'Sign out'),
  question: words('要退出印信吗？', 'Do you want to sign out of Yinxin?'),
  asked: words('发起退出的服务：', 'Asked for by: '),
  yes: words('退出', 'Sign out'),
  no: words('保持登录', 'Stay signed in'),
  doneTitle: words('已退出', 'You are signed out'),
  done: words(
    '您已退出印信。在公共电脑上请关闭浏览器。',
    'You have signed out of Yinxin. On a shared computer, close the browser.',
  ),
} as const;

export const onwardText = {
  title: words('正在继续', 'One moment'),
  body: words('正在前往下一步。如果页面没有自动跳转，请点击：', 'Taking you on. If nothing happens, follow this link:'),
  post: words(
    '正在前往下一步。如果页面没有自动跳转，请点击按钮。',
    'Taking you on. If nothing happens, press the button.',
  ),
  link: words('继续', 'Continue'),
} as const;

export const oidcErrorText = {
  title: words('登录请求无法处理', 'This sign-in request cannot be handled'),
  body: words(
    '您要使用的服务发来的请求不正确或已过期。请回到该服务重新开始；如仍不成功，请把下面的代码告诉它的客服。',
    'The request that the service sent is not right or has expired. Go back to the service and start again; if that does not help, tell its support the code below.',
  ),
  code: words('错误代码', 'Code'),
  detail: words('说明（给开发者）', 'Detail (for developers)'),
} as const;

/** What a consent to an OIDC scope means. */
export const oidcScopeText: Readonly<Record<string, Words>> = {
  openid: words('确认您是谁（一个账户编号，不含姓名）', 'Know that it is you (an account number, not your name)'),
  profile: words('您的姓名和用户名', 'Your name and your user name'),
  offline_access: words(
    '您离开后仍可使用以上权限，最长 30 天',
    'Use the above while you are away, for 30 days at most',
  ),
};

/** What a consent to a scope of the API means. */
export const apiScopeText: Readonly<Record<Scope, Words>> = {
  'seal.read': words('查看您可以使用的印章', 'See the seals that you may use'),
  'seal.stamp': words('以您的名义在文件上盖章', 'Stamp documents in your name'),
  'seal.approve': words('以您所代表单位的名义批准用印', 'Approve uses of seals in the name of your organisation'),
  'seal.apply': words(
    '以您所代表单位的名义申请和停用印章',
    'Apply for and stop seals in the name of your organisation',
  ),
  'seal.feed': words('读取全部印章的状态变更', 'Read the changes of status of all seals'),
  'seal.manage': words('管理印章的制发和状态', 'Administer the making and the status of seals'),
  'licence.read': words('查看您的电子证照', 'See your e-licences'),
  'licence.issue': words('签发电子证照', 'Issue e-licences'),
  'licence.manage': words('变更电子证照的状态', 'Change the status of e-licences'),
  verify: words('核验文件和证照', 'Verify documents and licences'),
  'audit.read': words('查看审计日志', 'Read the audit log'),
  'pki.read': words('查看数字证书', 'See certificates'),
  'pki.manage': words('签发、挂起和吊销数字证书', 'Issue, suspend and revoke certificates'),
  'identity.read': words('查看接入的业务系统和账号', 'See the registered business systems and accounts'),
  'identity.manage': words('管理接入的业务系统和账号', 'Manage business systems and accounts'),
  'mandate.read': words('查看您代表单位办事的授权', 'See your mandates to act for organisations'),
  'mandate.manage': words('办理单位的授权', 'Settle mandates of your organisations'),
  service: words(
    '查看您可以远程用印的印章及其证书',
    'See the seals, and their certificates, that you may sign with remotely',
  ),
  credential: words('用您的印章对下列摘要远程签名', 'Sign the digests below remotely with your seal'),
};

/** What single claims mean, where a client asks for them by name. */
export const claimText: Readonly<Record<string, Words>> = {
  name: words('您的姓名', 'Your name'),
  preferred_username: words('您的用户名', 'Your user name'),
  verified_claims: words(
    '您的身份是如何、由谁、在何时核实的（等级、凭据）',
    'How, by whom and when your identity was verified (level, evidence)',
  ),
  'verified:name': words('经核实的姓名', 'Your verified name'),
  'verified:birthdate': words('经核实的出生日期', 'Your verified date of birth'),
  'verified:gender': words('经核实的性别', 'Your verified gender'),
  'verified:nationalities': words('经核实的国籍', 'Your verified nationality'),
  'verified:x_resident_id': words('经核实的身份证号码', 'Your verified identity number'),
};

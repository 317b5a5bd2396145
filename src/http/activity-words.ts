// What happened, as a sentence for the person or organisation it concerns.

import type { AuditEntry } from '../audit/audit-entry.ts';
import { auditOutcomes, isAction } from '../audit/events.ts';
import { type Words, words } from '../kernel/words/language.ts';
import { actionWords, auditOutcomeWords } from './pages/text/admin.ts';

/** `officer`: a person who is not the reader. `stranger`: nobody who was signed in. `service`: this service by itself. */
export type Doer = 'you' | 'system' | 'officer' | 'service' | 'stranger';

interface Through {
  readonly name: string;
  readonly nameEn: string;
}

/** `…` is who did it; what stands before the bar is said of a deed that was done, after it of one that failed. */
const sentences: Readonly<Record<string, { done: Words; failed?: Words }>> = {
  'sign-in': {
    done: words('…登录成功', '… signed in'),
    failed: words('有人尝试登录您的账号，未成功', 'Somebody tried to sign in to your account and failed'),
  },
  'sign-out': { done: words('…退出登录', '… signed out') },
  'session.ended': { done: words('…结束了您的登录会话', '… ended a session of yours') },
  'logout.undelivered': {
    done: words('一个应用没有收到您已退出的通知', 'An application could not be told that you signed out'),
  },
  consent: {
    done: words('…同意向应用提供信息', '… agreed to give information to an application'),
    failed: words('…拒绝向应用提供信息', '… declined to give information to an application'),
  },
  'consent.withdrawn': { done: words('…撤回了对应用的同意', '… withdrew the consent to an application') },
  'token.issued': { done: words('应用取得了代表您访问的令牌', 'An application received a token to act in your name') },
  'token.refused': {
    done: words('应用的令牌请求被拒绝', 'An application was refused a token'),
    failed: words('应用的令牌请求被拒绝', 'An application was refused a token'),
  },
  'token.revoked': { done: words('应用的令牌已撤销', 'A token of an application was revoked') },
  'device.answered': {
    done: words('…允许一台设备以您的身份使用应用', '… let a device use an application as you'),
    failed: words('…拒绝了一台设备的登录', '… refused to sign in a device'),
  },
  'approval.asked': {
    done: words('应用请您批准一项操作', 'An application asked you to approve something'),
    failed: words('应用请求您批准过于频繁，已被拒绝', 'An application asked you too often and was refused'),
  },
  'approval.answered': {
    done: words('…批准了应用的请求', '… approved what an application asked for'),
    failed: words('…拒绝了应用的请求', '… refused what an application asked for'),
  },
  'evidence.established': { done: words('您的实名信息已核实', 'Your identity was shown to be right') },
  'evidence.withdrawn': {
    done: words(
      '一项实名核验结果已失效，您的实名等级可能降低',
      'A proof of your identity was withdrawn; your level may be lower',
    ),
  },
  'evidence.expired': {
    done: words(
      '一项实名核验结果已到期，您的实名等级可能降低',
      'A proof of your identity expired; your level may be lower',
    ),
  },
  'identity.checked': {
    done: words('…核验了身份，结果一致', '… had an identity check, and it matched'),
    failed: words('…核验了身份，未通过', '… had an identity check, and it did not succeed'),
  },
  'person.changed': {
    done: words('账号上的姓名或证件号码已变更', 'The name or identity number of the account was changed'),
  },
  'factor.changed': { done: words('您的登录验证方式有变更', 'A way to sign in to your account was changed') },
  'sms.sent': { done: words('向您的手机发送了短信', 'A text message was sent to your telephone') },
  'account.closed': { done: words('您的账号已注销', 'Your account was closed') },
  'account.recovered': { done: words('您的密码通过找回流程重设', 'Your password was reset through recovery') },
  'account.created': { done: words('您的账号已建立', 'Your account was created') },
  'upstream.linked': {
    done: words('您的账号关联了其他平台的登录', 'Your account was linked with the sign-in of another platform'),
  },
  'upstream.unlinked': {
    done: words(
      '您的账号解除了与其他平台登录的关联',
      'Your account is no longer linked with the sign-in of another platform',
    ),
  },
  'mandate.granted': {
    done: words('您获得了代表单位办事的授权', 'You were given a mandate to act for an organisation'),
  },
  'mandate.changed': {
    done: words('…变更了您代表单位办事的授权', '… changed your mandate to act for an organisation'),
  },
  'representative.changed': {
    done: words('…办理了您担任法定代表人的登记', '… registered you as a legal representative'),
    failed: words(
      '…办理法定代表人登记，未通过核验',
      '… asked to be registered as a legal representative; the register did not confirm it',
    ),
  },
  'party.chosen': { done: words('…选择了代表哪个单位办事', '… chose for whom to act') },
  'document.uploaded': { done: words('…上传了文件', '… uploaded a document') },
  'document.downloaded': { done: words('…下载了文件', '… downloaded a document') },
  'document.verified': { done: words('…核验了文件', '… checked a document') },
  stamping: {
    done: words('…使用了印章', '… used the seal'),
    failed: words('…用印未成功', '… tried to use the seal and failed'),
  },
  'digest-stamping': {
    done: words('…以文件摘要使用了印章', '… used the seal on the digest of a document'),
    failed: words('…以文件摘要用印未成功', '… tried to use the seal on a digest and failed'),
  },
  'seal.made': { done: words('印章已制作', 'The seal was made') },
  'seal.status-changed': { done: words('印章状态已变更', 'The status of the seal was changed') },
  'licence.issued': {
    done: words('…为您签发了证照', '… issued a licence to you'),
    failed: words('…为您签发证照未成功', '… tried to issue a licence to you and failed'),
  },
  'licence.status-changed': { done: words('…变更了您的证照状态', '… changed the status of your licence') },
  'licence.shown': { done: words('…出示了您的证照', '… showed your licence') },
  'licence.verified': { done: words('…核验了您的证照', '… checked your licence') },
  'account.changed': { done: words('…变更了您的账号', '… changed your account') },
  'account.looked-up': { done: words('…查阅了您的账号信息', '… looked at your account') },
  'identity.two-person': {
    done: words('…办理了关于您账号的双人事项', '… carried out a deed of two people on your account'),
  },
  'identity-receipt.issued': {
    done: words('…取得了您的登录凭据', '… got a receipt of your sign-in'),
    failed: words('…取得登录凭据未成功', '… tried to get a receipt of your sign-in and failed'),
  },
  'audit.searched': { done: words('…查阅了与您有关的审计记录', '… looked up audit entries about you') },
  'audit.exported': {
    done: words('…导出了与您有关的审计记录', '… exported audit entries about you'),
    failed: words('…导出与您有关的审计记录未成功', '… tried to export audit entries about you and failed'),
  },
};

const doers: Readonly<Record<Doer, Words>> = {
  you: words('您', 'You'),
  system: words('业务系统', 'A business system'),
  officer: words('工作人员', 'An officer'),
  service: words('本服务', 'This service'),
  stranger: words('未登录的访问者', 'A visitor who was not signed in'),
};

/** An action without a sentence, or of a newer version, is told by its name and outcome. */
export function useWords({ action, outcome }: AuditEntry, by: Doer, through: Through | undefined): Words {
  const sentence = sentences[action];
  const said =
    outcome === 'done' ? sentence?.done : outcome === 'failed' || outcome === 'voided' ? sentence?.failed : undefined;
  if (said === undefined) return named(action, outcome);
  const who = by === 'system' && through !== undefined ? words(`“${through.name}”`, `“${through.nameEn}”`) : doers[by];
  return words(said['zh-CN'].replace('…', who['zh-CN']), said.en.replace('…', who.en));
}

function named(action: string, outcome: string): Words {
  const deed = isAction(action) ? actionWords[action] : words(action, action);
  const known = auditOutcomes.find((name) => name === outcome);
  const end = known === undefined ? words(outcome, outcome) : auditOutcomeWords[known];
  return words(`${deed['zh-CN']}（${end['zh-CN']}）`, `${deed.en} (${end.en})`);
}

// Words of the pages about mandates (授权): for whom one acts, what an agent may do, who acts for an organisation.

import type { MandateEnd, MandateState, OrganisationStatus } from '../../../identity/mandates/mandate-store.ts';
import type { MandateRole, MandateScope } from '../../../kernel/mandate-scopes.ts';
import { type Words, words } from '../../../kernel/words/language.ts';

export const mandateText = {
  uses: words('最多用印次数', 'Uses of seals at most'),
  title: words('授权与单位', 'Mandates and organisations'),
  purpose: words(
    '代表单位办事的授权，和您管理的单位',
    'Your mandates to act for organisations, and the organisations you manage',
  ),
  lead: words(
    '单位自己不能登录。您凭授权代表单位办事；每次办事都会查验授权是否有效。',
    'An organisation never signs in. You act for it under a mandate, and every deed looks at whether it holds.',
  ),
  none: words('您没有代表任何单位的授权。', 'You have no mandate of any organisation.'),
  offers: words('等您答复', 'Waiting for your answer'),
  held: words('您的授权', 'Your mandates'),
  claimTitle: words('我是单位的法定代表人', 'I am the legal representative of an organisation'),
  claimLead: words(
    '输入单位的统一社会信用代码。我们向登记机关核对您的姓名和身份证号码，一致后您就可以为单位指定经办人。需要实名等级 4 级，并在五分钟内登录过。',
    'Enter the unified social credit code. The register is asked whether it names you; then you can appoint agents. You need real-name level 4 and a sign-in of the last five minutes.',
  ),
  uscc: words('统一社会信用代码', 'Unified social credit code'),
  usccHint: words('营业执照上的 18 位代码', 'The 18 characters on the business licence'),
  claim: words('向登记机关核对', 'Ask the register'),
  toCorrect: words('请更正', 'Please correct this'),
  accept: words('接受', 'Accept'),
  decline: words('不接受', 'Decline'),
  layDown: words('放弃授权', 'Lay down'),
  layDownSure: words('放弃后立即失效，您指定的人也一并失效。', 'It ends at once, and with it whoever you appointed.'),
  manage: words('管理经办人', 'Manage agents'),
  scope: words('可以办理', 'May'),
  seals: words('限于印章', 'Only the seals'),
  until: words('有效期至', 'Until'),
  why: words('授权事由', 'Purpose'),
  back: words('返回授权与单位', 'Back to mandates and organisations'),
  older: words('更早的', 'Older'),
} as const;

export const organisationText = {
  agents: words('经办人与法定代表人', 'Agents and representative'),
  noAgents: words('还没有经办人。', 'There are no agents yet.'),
  appoint: words('指定经办人', 'Appoint an agent'),
  appointLead: words(
    '对方接受后授权才生效。对方要先有本服务的账号，并通过实名核对（3 级）。',
    'The mandate holds when the other person accepts. They need an account here with a checked name (level 3).',
  ),
  loginName: words('对方的用户名', 'Their user name'),
  scopeLegend: words('可以办理什么', 'What they may do'),
  maxUses: words('最多用印次数（选填）', 'At most how many uses of seals (optional)'),
  sealIds: words('限于哪些印章（选填）', 'Only which seals (optional)'),
  sealIdsHint: words(
    '印章编号，一行一个；不填表示本单位全部印章',
    'Identifiers of seals, one a line; empty means all of the organisation',
  ),
  until: words('有效期至', 'Valid until'),
  untilHint: words('最长三年，最后一天有效', 'Three years at most; the last day counts'),
  why: words('授权事由', 'Purpose'),
  whyHint: words('对方和审计记录都会看到', 'The other person and the audit log will show it'),
  next: words('下一步：核对', 'Next: check'),
  confirmTitle: words('核对后指定', 'Check and appoint'),
  confirmLead: words(
    '请核对是不是这个人。姓名只显示姓氏。',
    'Check that this is the right person. Only the first character of the name is shown.',
  ),
  name: words('姓名', 'Name'),
  confirm: words('确认指定', 'Appoint'),
  change: words('改期限', 'Change the end'),
  revoke: words('收回', 'Take back'),
  revokeSure: words(
    '收回后立即失效，此人指定的人也一并失效。',
    'It ends at once, and with it whoever this person appointed.',
  ),
  agree: words('同意由此人接任', 'Let this person succeed'),
  refuse: words('不同意', 'Refuse'),
  withdraw: words('撤回申请', 'Withdraw the claim'),
  claimWaits: words(
    '登记机关已核实此人为法定代表人。您同意后，由其接任，经办人不变。',
    'The register names this person as the legal representative. If you agree they succeed you, and the agents stay.',
  ),
  status: words('单位状态', 'Status'),
} as const;

export const partyText = {
  title: words('您代表谁办理？', 'For whom do you act?'),
  lead: words('选择后，系统按您所选的身份办理。', 'What you do next is done in that capacity.'),
  forSystem: words('登录到', 'Signing in to'),
  oneself: words('代表我自己', 'For myself'),
  oneselfHint: words('不代表任何单位', 'For no organisation'),
  onward: words('继续', 'Continue'),
  cancel: words('取消', 'Cancel'),
  acting: words('您正在代表', 'You act for'),
  switch: words('切换', 'Switch'),
  stop: words('改为代表自己', 'Act for myself'),
} as const;

export const adminOrganisationText = {
  title: words('单位', 'Organisations'),
  find: words('查找', 'Find'),
  none: words('没有单位。', 'There are no organisations.'),
  suspend: words('暂停', 'Suspend'),
  resume: words('恢复', 'Resume'),
  close: words('关闭', 'Close'),
  reason: words('原因', 'Reason'),
  change: words('变更状态', 'Change the status'),
  approve: words('批准接任（需两名管理员）', 'Approve (two administrators)'),
  half: words('已有一名管理员批准', 'One administrator has approved'),
  claimWaits: words(
    '登记机关已核实此人为法定代表人。原法定代表人不能同意时，由两名管理员先后批准；原经办人随之失效。',
    'The register names this person as the legal representative. Where the former one cannot agree, two administrators approve, one after the other; the agents of the former one end.',
  ),
  back: words('返回单位列表', 'Back to the organisations'),
} as const;

export const scopeText: Readonly<Record<MandateScope, Words>> = {
  'seal:read': words('查看印章和用印记录', 'See seals and their uses'),
  'seal:use': words('用印', 'Use seals'),
  'seal:approve': words('批准用印', 'Approve uses of seals'),
  'seal:apply': words('申请刻制印章', 'Apply for seals'),
  'licence:apply': words('申请证照', 'Apply for licences'),
  'licence:receive': words('领取证照', 'Receive licences'),
  'organisation:manage': words('指定经办人', 'Appoint agents'),
};

export const roleText: Readonly<Record<MandateRole, Words>> = {
  representative: words('法定代表人', 'Legal representative'),
  agent: words('经办人', 'Agent'),
};

export const stateText: Readonly<Record<MandateState, Words>> = {
  offered: words('待接受', 'offered'),
  claimed: words('待接任', 'waiting'),
  active: words('有效', 'in force'),
  suspended: words('暂停', 'suspended'),
  expired: words('已到期', 'expired'),
  ended: words('已终止', 'ended'),
};

export const endText: Readonly<Record<MandateEnd, Words>> = {
  declined: words('未接受', 'declined'),
  'laid-down': words('本人放弃', 'laid down'),
  revoked: words('被收回', 'taken back'),
  succeeded: words('他人接任', 'succeeded by another'),
  lapsed: words('核实过期', 'proof lapsed'),
};

export const statusText: Readonly<Record<OrganisationStatus, Words>> = {
  active: words('正常', 'active'),
  suspended: words('暂停', 'suspended'),
  closed: words('已关闭', 'closed'),
};

export const doneText: Readonly<Record<string, Words>> = {
  accepted: words('已接受。您现在可以代表该单位办事。', 'Accepted. You can act for the organisation now.'),
  declined: words('已答复：不接受。', 'Declined.'),
  ended: words('已终止，立即生效。', 'Ended, at once.'),
  offered: words('已发出，等对方接受。', 'Offered; it waits for the other person.'),
  changed: words('期限已更改。', 'The end was changed.'),
  proven: words(
    '登记机关已核实，您是该单位的法定代表人。',
    'The register confirms that you are the legal representative.',
  ),
  claimed: words(
    '登记机关已核实。该单位另有登记的法定代表人，须其同意或由两名管理员批准后您才能接任。',
    'The register confirms it. The organisation has another representative here, who must agree, or two administrators.',
  ),
  agreed: words('已同意接任。', 'You agreed.'),
  approved: words('已记录批准。', 'Your approval is noted.'),
  refused: words('已处理：不接任。', 'The claim was ended.'),
  status: words('单位状态已变更。', 'The status was changed.'),
};

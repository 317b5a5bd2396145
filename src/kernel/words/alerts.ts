// What people are told of an alert (告警): each rule's name and what has happened. Exhaustive over the rules by type.

import { type Language, languages, type Words, words } from './language.ts';

export const alertRuleNames = [
  'sign-in-failures-account',
  'sign-in-failures-network',
  'seal-outside-hours',
  'seal-above-usual',
  'key-first-use',
  'self-approval',
  'authority-revoked',
  'licence-shown-often',
  'licence-checked-often',
  'alerting-changed',
  'log-stopped',
] as const;
export type AlertRuleName = (typeof alertRuleNames)[number];

export interface AlertWords {
  readonly name: Words;
  /** `{…}` stands for a fact or the count. */
  readonly what: Words;
}

export const alertWords: Readonly<Record<AlertRuleName, AlertWords>> = {
  'sign-in-failures-account': {
    name: words('同一账号多次登录失败', 'Many sign-in failures of one account'),
    what: words(
      '同一账号短时间内登录失败 {count} 次，可能有人在猜密码。请核实并联系账号本人。',
      'Signing in to one account failed {count} times in a short time; somebody may be guessing its password. Look into it and ask its holder.',
    ),
  },
  'sign-in-failures-network': {
    name: words('同一网络多次登录失败', 'Many sign-in failures from one network'),
    what: words(
      '来自同一网络的登录短时间内失败 {count} 次，可能有人在批量试密码。',
      'Sign-ins from one network failed {count} times in a short time; somebody may be trying passwords in bulk.',
    ),
  },
  'seal-outside-hours': {
    name: words('非工作时间用印', 'Seal used outside working hours'),
    what: words(
      '印章 {sealId} 在非工作时间使用了 {count} 次。请向用印单位核实。',
      'Seal {sealId} was used {count} times outside working hours. Ask its organisation.',
    ),
  },
  'seal-above-usual': {
    name: words('用印次数异常', 'Seal used more than usual'),
    what: words(
      '印章 {sealId} 今天已使用 {count} 次，远高于平日。请向用印单位核实。',
      'Seal {sealId} was used {count} times today, far above its usual day. Ask its organisation.',
    ),
  },
  'key-first-use': {
    name: words('密钥首次使用', 'Key used for the first time'),
    what: words(
      '密钥 {keyName} 首次被使用。如不在计划之内，请立即核实。',
      'Key {keyName} was used for the first time. If nobody planned it, look into it at once.',
    ),
  },
  'self-approval': {
    name: words('管理员审批自己的申请', 'Administrator deciding an own proposal'),
    what: words(
      '有管理员试图审批自己提交的申请 {proposalId}（{count} 次）。双人办理不容自批，请立即核实。',
      'An administrator tried to approve the own proposal {proposalId} ({count} times). Deeds of two must not be done by one: look into it at once.',
    ),
  },
  'authority-revoked': {
    name: words('证书机构被吊销或挂起', 'Authority certificate revoked or suspended'),
    what: words(
      '证书机构的证书 {serial} 已被吊销或挂起，由其签发的证书将不再可信。',
      'The authority certificate {serial} was revoked or suspended: what it issued is no longer trusted.',
    ),
  },
  'licence-shown-often': {
    name: words('证照频繁出示', 'Licence shown unusually often'),
    what: words(
      '同一证照短时间内出示了 {count} 次，可能被冒用。',
      'One licence was shown {count} times in a short time; somebody may be misusing it.',
    ),
  },
  'licence-checked-often': {
    name: words('证照核验次数异常', 'Licences checked unusually often'),
    what: words(
      '系统 {clientId} 今天已核验证照 {count} 次，远高于平日，可能在批量查询。',
      'The system {clientId} checked {count} licences today, far above its usual day; it may be collecting them.',
    ),
  },
  'alerting-changed': {
    name: words('告警设置被修改', 'Alerting was changed'),
    what: words(
      '告警规则或接收地址被修改（{count} 次）。如不在计划之内，请立即核实。',
      'Alert rules or receivers were changed ({count} times). If nobody planned it, look into it at once.',
    ),
  },
  'log-stopped': {
    name: words('审计日志停止或分叉', 'Audit log stopped or forked'),
    what: words(
      '审计日志已停止增长或前后矛盾（{fault}）。请立即处理，并保留现场。',
      'The audit log stands still or contradicts itself ({fault}). Act at once, and keep everything as it is.',
    ),
  },
};

/** What has happened, in both languages. */
export function alertText(rule: AlertRuleName, values: Readonly<Record<string, string | number>>): Words {
  const filled = (language: Language) =>
    alertWords[rule].what[language].replace(/\{(\w+)\}/g, (_all, name: string) => String(values[name] ?? '?'));
  const [chinese, english] = languages.map(filled);
  return words(chinese ?? '', english ?? '');
}

export function isAlertRule(text: string): text is AlertRuleName {
  return Object.hasOwn(alertWords, text);
}

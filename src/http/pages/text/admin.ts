// Words of the admin page: state, certificates, log; and each deed of the audit log.

import type { AuditAction, AuditOutcome } from '../../../audit/events.ts';
import type { Words } from '../../../kernel/words/language.ts';
import { words } from '../../../kernel/words/language.ts';

export const adminText = {
  title: words('管理', 'Admin'),
  lead: words(
    '系统状态、证书和审计日志。这里只能查看。',
    'The system’s state, certificates and audit log. Nothing is changed here.',
  ),
  state: words('系统状态', 'State'),
  version: words('程序版本', 'Program'),
  runtime: words('运行环境', 'Runtime'),
  database: words('数据库', 'Database'),
  mode: words('模式', 'Mode'),
  sandbox: words('沙箱', 'sandbox'),
  production: words('生产', 'production'),
  seals: words('印章', 'Seals'),
  inUse: words('枚可用', 'in use'),
  orMore: words('枚以上可用', 'or more in use'),
  licenceTypes: words('证照类型', 'Licence types'),
  log: words('审计日志', 'Audit log'),
  origin: words('日志名称', 'Origin'),
  size: words('记录数', 'Entries'),
  root: words('树根摘要', 'Root hash'),
  waiting: words('等待入库', 'Waiting to be sequenced'),
  key: words('验证公钥', 'Verifier key'),
  noCheckpoint: words('还没有发布检查点。', 'No checkpoint was published yet.'),
  latest: words('最近的记录', 'Latest entries'),
  index: words('序号', 'Index'),
  notYet: words('待入库', 'not yet'),
  certificates: words('证书机构', 'Certification authorities'),
  subject: words('名称', 'Name'),
  until: words('有效期至', 'Valid until'),
  anchor: words('信任锚', 'Trust anchor'),
  intermediate: words('签发机构', 'Issuing'),
  kind: words('类别', 'Kind'),
} as const;

export const actionWords: Readonly<Record<AuditAction, Words>> = {
  'key.created': words('生成密钥', 'Key created'),
  'certificate.issued': words('签发证书', 'Certificate issued'),
  'certificate.revoked': words('吊销证书', 'Certificate revoked'),
  'crl.issued': words('签发吊销列表', 'Revocation list issued'),
  'time-stamp.issued': words('签发时间戳', 'Time stamp issued'),
  'sign-in': words('登录', 'Sign-in'),
  consent: words('授权', 'Consent'),
  'token.issued': words('签发令牌', 'Token issued'),
  'account.created': words('建立账号', 'Account created'),
  'organisation.created': words('登记单位', 'Organisation entered'),
  'mandate.granted': words('授予代表权', 'Mandate granted'),
  'seal.made': words('制作印章', 'Seal made'),
  'seal.status-changed': words('变更印章状态', 'Seal status changed'),
  'document.uploaded': words('上传文件', 'Document uploaded'),
  stamping: words('用印', 'Stamping'),
  'document.downloaded': words('下载文件', 'Document downloaded'),
  'licence-type.published': words('发布证照类型', 'Licence type published'),
  'licence.issued': words('签发证照', 'Licence issued'),
  'licence.status-changed': words('变更证照状态', 'Licence status changed'),
  'licence.shown': words('出示证照', 'Licence shown'),
  'document.verified': words('核验文件', 'Document verified'),
  'licence.verified': words('核验证照', 'Licence verified'),
  'configuration.changed': words('变更配置', 'Configuration changed'),
};

export const auditOutcomeWords: Readonly<Record<AuditOutcome, Words>> = {
  intended: words('已登记意图', 'intended'),
  done: words('完成', 'done'),
  failed: words('失败', 'failed'),
  voided: words('作废', 'voided'),
};

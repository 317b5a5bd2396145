// Words of the pages on which organisations apply for seals and stop them, and seal administrators make and revoke them.

import { type Words, words } from '../../../kernel/words/language.ts';
import type { LifeState, SealDeed } from '../../../seal/life/deeds.ts';
import type { FaceForm } from '../../../seal/picture/seal-face.ts';
import type { SealSuite } from '../../../seal/seal-entry.ts';
import type { SealType } from '../../../seal/seal-record.ts';

export const sealText = {
  title: words('印章', 'Seals'),
  deskLead: words(
    '本单位的印章和申请。停用、挂失立即生效；吊销、撤销和缴销由两人办理。',
    'Your organisation’s seals and applications. Stopping and reporting a loss take effect at once; revoking and cancelling take two people.',
  ),
  adminLead: words(
    '办理申请、制作、备案、发布和状态变更。每一步都记入审计日志。',
    'Applications, making, filing, publishing and changes of status. Every step is in the audit log.',
  ),
  noMandate: words('您目前没有代表任何单位办事的授权。', 'You are not mandated to act for any organisation.'),
  apply: words('申请印章', 'Apply for a seal'),
  applications: words('申请', 'Applications'),
  noApplications: words('没有申请。', 'There are no applications.'),
  seals: words('印章', 'Seals'),
  noSeals: words('没有印章。', 'There are no seals.'),
  older: words('下一页', 'Next page'),
  proposals: words('待批准事项', 'Waiting for a second person'),
  organisation: words('单位', 'Organisation'),
  type: words('印章类型', 'Type'),
  status: words('状态', 'Status'),
  code: words('印章编码', 'Seal code'),
  noCode: words('批准后生成', 'given on approval'),
  validity: words('有效期', 'Valid'),
  edition: words('版本', 'Edition'),
  history: words('办理记录', 'History'),
  deeds: words('办理', 'Deeds'),
  reason: words('理由', 'Reason'),
  reasonHint: words('记入办理记录和审计日志', 'Stands in the history and in the audit log'),
  description: words('说明（可不填）', 'Description (optional)'),
  reference: words('备案编号', 'Filing number'),
  suite: words('密码体系', 'Suite'),
  validDays: words('有效天数', 'Days of validity'),
  kind: words('方式', 'How'),
  withdrawn: words('吊销（主管机关收回）', 'Withdrawn by the authority'),
  revoked: words('撤销（单位或主管机关决定）', 'Revoked by decision'),
  invalid0: words('吊销', 'withdrawn'),
  invalid1: words('撤销', 'revoked'),
  invalid2: words('挂失', 'reported lost'),
  effective: words('生效时间', 'In force from'),
  entry: words('审计条目', 'Audit entry'),
  approveDeed: words('批准', 'Approve'),
  rejectDeed: words('不批准', 'Refuse'),
  takeBack: words('收回', 'Take back'),
  needsSecond: words(
    '提交后由另一名印章管理员批准才生效，七天内有效。',
    'It takes effect when another seal administrator approves it, within seven days.',
  ),
  toSeals: words('返回印章', 'Back to the seals'),
  toDesk: words('返回盖章', 'Back to the desk'),
  toAdmin: words('返回管理', 'Back to administration'),
  face: words('印模', 'Face'),
  faceDrawn: words('系统按所填内容绘制的印模', 'Face drawn by the system from what was entered'),
  faceBrought: words('单位提交的印章图样', 'Picture that the organisation brought'),
  bringPicture: words('提交印章图样', 'Bring a picture'),
  takePictureAway: words('撤下图样，由系统绘制', 'Take the picture away and have the face drawn'),
  pictureFile: words('图片文件（PNG 或 JPEG）', 'Picture (PNG or JPEG)'),
  pictureHint: words(
    '与印章同比例，每英寸不少于 150 点，不超过 2 MB。白底会变为透明。只保留像素，文件中的其他信息全部去除。',
    'Of the proportions of the seal, 150 dots per inch or more, 2 MB at most. White becomes transparent. Only the pixels are kept; whatever else the file holds is dropped.',
  ),
  pictureWarning: words(
    '图样不是印章的凭据：别人也能得到它。只提交本单位有权使用的图样。',
    'The picture proves nothing: others can have it too. Bring only one that your organisation has a right to.',
  ),
  needScript: words('提交图样需要启用 JavaScript。', 'Bringing a picture needs JavaScript.'),
  noAnswer: words('没有收到答复，请重试。', 'There was no answer. Try again.'),
  preview: words('预览印模', 'Preview the face'),
  previewAlt: words('按所填内容绘制的印模', 'The face drawn from what was entered'),
  previewSize: words('实际大小（毫米）', 'Real size (mm)'),
  send: words('提交申请', 'Send the application'),
  titleField: words('专用章名称', 'Title of a special seal'),
  titleHint: words('仅用于其他专用章，如“报关专用章”', 'For other special seals only, such as 报关专用章'),
  bearer: words('姓名', 'Name of the person'),
  bearerHint: words('仅用于法定代表人名章和个人名章', 'For seals of persons only'),
  form: words('形状', 'Form'),
  usual: words('按类型的通常形状', 'The usual one of its type'),
  size: words('尺寸（毫米）', 'Size (mm)'),
  sizeHint: words(
    '可不填。公章 42、45、50，专用章 40、42（直径）；发票专用章 30、40（宽）；名章 18、20、25（高）',
    'Optional. Unit 42, 45, 50 and special 40, 42 (diameter); invoice 30, 40 (width); name seals 18, 20, 25 (height)',
  ),
  systems: words('可用印的业务系统', 'Business systems that may use it'),
  systemsLead: words('只有列出的业务系统可以用此印章。', 'Only the business systems listed here may use the seal.'),
  allSystems: words(
    '此印章由较早版本制作，凡有用印权限的业务系统都可使用。',
    'This seal was made by an earlier build: every business system with the scope may use it.',
  ),
  letSystem: words('允许业务系统用印', 'Let a business system use it'),
  withdrawSystem: words('取消允许', 'Take back'),
  clientId: words('业务系统编号（client_id）', 'Id of the system (client_id)'),
  done: words('已办理。', 'Done.'),
} as const;

export const statusPageText = {
  title: words('印章状态查询', 'Status of a seal'),
  lead: words(
    '按印章编码查询印章是否在用。不显示个人信息。',
    'Ask by its code whether a seal is in use. Nothing personal is shown.',
  ),
  hint: words('14 位数字，印在印章下沿', '14 digits, at the foot of the seal'),
  ask: words('查询', 'Ask'),
  name: words('印章名称', 'Name'),
  since: words('该状态始于', 'In this state since'),
} as const;

export const typeText: Readonly<Record<SealType, Words>> = {
  unit: words('法定名称章（公章）', 'Unit seal'),
  finance: words('财务专用章', 'Finance seal'),
  contract: words('合同专用章', 'Contract seal'),
  invoice: words('发票专用章', 'Invoice seal'),
  special: words('其他专用章', 'Special-purpose seal'),
  'legal-representative': words('法定代表人名章', 'Legal representative’s name seal'),
  person: words('个人名章', 'Personal name seal'),
};

export const formText: Readonly<Record<FaceForm, Words>> = {
  round: words('圆形', 'Round'),
  oval: words('椭圆形', 'Oval'),
  square: words('方形', 'Square'),
  rectangle: words('长方形', 'Rectangular'),
};

export const suiteText: Readonly<Record<SealSuite, Words>> = {
  both: words('国密与国际（PDF、OFD）', 'SM2 and international (PDF and OFD)'),
  intl: words('国际（PDF）', 'International (PDF)'),
  gm: words('国密（OFD、PDF）', 'SM2 (OFD and PDF)'),
};

export const stateText: Readonly<Record<LifeState | 'expired', Words>> = {
  none: words('无', 'none'),
  applied: words('已申请', 'Applied for'),
  approved: words('已批准', 'Approved'),
  refused: words('未批准', 'Refused'),
  withdrawn: words('已撤回', 'Withdrawn'),
  made: words('已制作', 'Made'),
  filed: words('已备案', 'Filed'),
  active: words('使用中', 'In use'),
  expired: words('已过期', 'Expired'),
  suspended: words('已停用', 'Stopped'),
  lost: words('已挂失', 'Reported lost'),
  revoked: words('已吊销或撤销', 'Revoked'),
  cancelled: words('已缴销', 'Cancelled'),
};

export const deedText: Readonly<Record<SealDeed, Words>> = {
  enter: words('登记入库', 'Entered'),
  apply: words('申请', 'Apply'),
  withdraw: words('撤回申请', 'Withdraw the application'),
  approve: words('批准', 'Approve'),
  refuse: words('不予批准', 'Refuse'),
  make: words('制作', 'Make'),
  file: words('备案', 'File'),
  publish: words('发布', 'Publish'),
  renew: words('续期', 'Renew'),
  stop: words('停用', 'Stop'),
  resume: words('恢复使用', 'Resume'),
  'report-lost': words('挂失', 'Report lost'),
  revoke: words('吊销或撤销', 'Revoke'),
  cancel: words('缴销', 'Cancel'),
};

// Words of the pages of the use of seals: requests that others approve, their preview, and the policy of use.

import { type Words, words } from '../../../kernel/words/language.ts';
import type { Certification } from '../../../seal/stamp-request.ts';
import type { DocumentClass } from '../../../seal/use/document-class.ts';
import type { RequestState } from '../../../seal/use/request-record.ts';

export const requestText = {
  title: words('用印申请', 'Requests for stampings'),
  lead: words(
    '按用印规则需要他人批准的盖章。批准后立即盖章，由申请人领取文件。',
    'Stampings that the rules of a seal want others to approve. With the approval the document is stamped, and who asked fetches it.',
  ),
  toDecide: words('待我审批', 'Waiting for me'),
  mine: words('我的申请', 'My requests'),
  organisation: words('本单位全部', 'All of the organisation'),
  noneToDecide: words('没有待您审批的用印申请。', 'Nothing waits for your approval.'),
  noneMine: words('您还没有提交过用印申请。', 'You have not asked for any stamping.'),
  noneOfOrganisation: words('本单位还没有用印申请。', 'The organisation has no requests.'),
  older: words('下一页', 'Next page'),
  requester: words('申请人', 'Asked by'),
  seal: words('印章', 'Seal'),
  documentClass: words('文件类别', 'Class of the document'),
  document: words('文件', 'Document'),
  pages: words('页', 'pages'),
  digest: words('文件摘要（SHA-256）', 'Digest of the document (SHA-256)'),
  level: words('签名级别', 'Level'),
  form: words('签名形式', 'Form'),
  noSealShown: words('数字签名，不显示印章', 'A digital signature that shows no seal'),
  certify: words('签名后文件', 'After it the document'),
  lock: words('锁定的表单域', 'Form fields that it locks'),
  allFields: words('全部', 'All'),
  places: words('盖章位置', 'Places'),
  page: words('第几页', 'Page'),
  fromLeft: words('距左', 'from the left'),
  fromTop: words('距上', 'from the top'),
  slice: words('骑缝', 'a slice across the edge'),
  inField: words('签名域', 'signature field'),
  approvals: words('已批准', 'Approved by'),
  of: words('共需', 'of'),
  asked: words('申请时间', 'Asked'),
  expires: words('有效至', 'Open until'),
  reason: words('理由', 'Reason'),
  failure: words('未能盖章', 'Not stamped'),
  preview: words('预览', 'Preview'),
  previewLead: words(
    '下面是将要盖章的页面，印章画在盖章的位置。',
    'The pages that will be stamped, with the seal where it will be.',
  ),
  noScript: words(
    '预览需要 JavaScript。您也可以下载文件，对照上面的位置查看。',
    'The preview needs JavaScript. You can also download the document and look at the places told above.',
  ),
  ofdPreview: words(
    'OFD 文件在网页上不能预览。请下载后用 OFD 阅读软件查看，位置见上。',
    'An OFD cannot be shown on this page. Download it, open it in an OFD reader, and see the places told above.',
  ),
  download: words('下载待盖章的文件', 'Download the document'),
  loading: words('正在打开文件…', 'Opening the document…'),
  checked: words('所见内容的摘要与申请一致', 'What is shown has the digest of the request'),
  mismatch: words(
    '文件与申请不一致，请勿批准，并联系管理员。',
    'This is not the document of the request. Do not approve it; tell an administrator.',
  ),
  cannotShow: words('无法显示此文件，请下载查看。', 'The document cannot be shown. Download it to look at it.'),
  allPages: words('显示全部页面', 'Show all pages'),
  approve: words('批准并盖章', 'Approve and stamp'),
  approveOne: words('批准', 'Approve'),
  refuse: words('不批准', 'Refuse'),
  withdraw: words('撤回申请', 'Withdraw the request'),
  again: words('重新盖章', 'Try the stamping again'),
  toStamping: words('查看并下载盖章后的文件', 'See and download the stamped document'),
  approvedByYou: words('您已批准。', 'You have approved this.'),
  done: words('已办理。', 'Done.'),
  toRequests: words('返回用印申请', 'Back to the requests'),
  toDesk: words('返回盖章', 'Back to the desk'),
} as const;

export const requestStateText: Readonly<Record<RequestState, Words>> = {
  waiting: words('待审批', 'Waiting'),
  approved: words('已批准，未盖章', 'Approved, not stamped'),
  refused: words('未批准', 'Refused'),
  withdrawn: words('已撤回', 'Withdrawn'),
  done: words('已盖章', 'Stamped'),
  expired: words('已过期', 'Expired'),
};

export const certifyText: Readonly<Record<Exclude<Certification, 'none'>, Words>> = {
  'no-changes': words('不允许再改动或签章', 'Allows no change and no signature'),
  forms: words('只允许填写表单和签章', 'Allows filling in forms and signing'),
  annotations: words('只允许批注、填写表单和签章', 'Allows annotations, filling in forms and signing'),
};

export const documentClassText: Readonly<Record<DocumentClass, Words>> = {
  official: words('公文', 'Official document'),
  contract: words('合同', 'Contract'),
  certificate: words('证明', 'Certificate'),
  invoice: words('发票', 'Invoice'),
  licence: words('证照', 'Licence'),
  letter: words('函件', 'Letter'),
  report: words('报表', 'Report'),
  other: words('其他', 'Other'),
};

export const policyText = {
  title: words('用印规则', 'Rules of use'),
  lead: words(
    '谁可以用、用来做什么、什么时间、多少次、要几个人批准。留空表示不限制；修改后立即生效，并保留每个版本。',
    'Who may use the seal, what for, when, how often, and how many must approve. What is left empty is not limited. A change counts at once; every version is kept.',
  ),
  none: words('尚未设置，获得授权的人都可以用。', 'None is set: everybody whose mandate allows it may use the seal.'),
  version: words('版本', 'Version'),
  users: words('可用印的人', 'Persons who may use it'),
  usersHint: words('都不勾选表示不限制（仍须有用印授权）', 'None ticked: no limit beyond the mandates'),
  purposes: words('允许的用印事由', 'Purposes'),
  purposesHint: words('每行一个，用印时须一字不差；留空不限制', 'One a line, taken letter by letter; empty: any'),
  documentClasses: words('允许的文件类别', 'Classes of documents'),
  levels: words('允许的签名级别', 'Levels'),
  hours: words('用印时间', 'Hours of use'),
  hoursHint: words(
    '勾选星期并填起止时间，每天一段（多段请用接口设置）；都不勾选表示不限制',
    'Tick days and give times, one part a day (more over the API); none ticked: always',
  ),
  from: words('从', 'From'),
  until: words('到', 'Until'),
  timeZone: words('时区', 'Time zone'),
  sealPerDay: words('每日次数（整枚印章）', 'A day, the seal'),
  sealPerMonth: words('每月次数（整枚印章）', 'A month, the seal'),
  userPerDay: words('每日次数（每个用印人）', 'A day, each user'),
  userPerMonth: words('每月次数（每个用印人）', 'A month, each user'),
  quota: words('次数限额', 'Quotas'),
  approvers: words('须几人批准', 'Approvers'),
  approversHint: words(
    '0 表示不需要；批准人与申请人、批准人之间都须是不同的人',
    '0: none. They are neither who asked nor each other',
  ),
  reason: words('修改理由', 'Why'),
  save: words('保存为新版本', 'Save as a new version'),
  history: words('历史版本', 'Versions'),
  saved: words('已保存，立即生效。', 'Saved, and in force.'),
  toSeal: words('返回印章', 'Back to the seal'),
  readOnly: words('只有印章所属单位可以修改。', 'Only the organisation of the seal can change this.'),
} as const;

export const weekdayText: readonly Words[] = [
  words('周一', 'Mon'),
  words('周二', 'Tue'),
  words('周三', 'Wed'),
  words('周四', 'Thu'),
  words('周五', 'Fri'),
  words('周六', 'Sat'),
  words('周日', 'Sun'),
];

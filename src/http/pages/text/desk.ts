// Words of the seal desk.

import { words } from '../../../kernel/words/language.ts';

export const deskText = {
  title: words('盖章', 'Desk'),
  lead: words(
    '给 PDF 文件盖上本单位的电子印章，给 OFD 文件盖上国密印章。盖章前会先记录用印事由，盖章后的文件可用任何 PDF 或 OFD 软件核验。',
    'Put your organisation’s seal on a PDF, or its SM2 seal on an OFD. The reason is recorded first; any PDF or OFD program can verify the result.',
  ),
  noMandate: words('您目前没有代表任何单位用印的授权。', 'You are not mandated to use the seals of any organisation.'),
  noSeals: words('您所代表的单位没有可用的印章。', 'The organisation you act for has no seal in use.'),
  mayNotStamp: words('您的账号可以查看印章，但不能用印。', 'Your account may see the seals but not use them.'),
  needScript: words(
    '在网页上盖章需要启用 JavaScript；业务系统可直接调用用印接口。',
    'Stamping on this page needs JavaScript; systems can call the API instead.',
  ),
  file: words('PDF 或 OFD 文件', 'PDF or OFD file'),
  fileHint: words('最大', 'At most'),
  seal: words('印章', 'Seal'),
  place: words('位置', 'Place'),
  placeHint: words(
    '印章中心到页面左上角的距离，单位毫米。A4 页面宽 210、高 297。',
    'Centre of the seal, in millimetres from the top left of the page. A4 is 210 wide and 297 high.',
  ),
  page: words('第几页', 'Page'),
  xMm: words('距左边（毫米）', 'From the left (mm)'),
  yMm: words('距上边（毫米）', 'From the top (mm)'),
  purpose: words('用印事由', 'Purpose'),
  purposeHint: words(
    '会记入审计日志，并写进文件的签名里，最多 200 字',
    'Stands in the audit log and in the signature; at most 200 characters',
  ),
  stamp: words('盖章', 'Stamp'),
  uploading: words('正在上传文件…', 'Uploading the file…'),
  stamping: words('正在盖章…', 'Stamping…'),
  failed: words('没有盖章', 'Not stamped'),
  recent: words('本次登录的用印', 'Stampings since you signed in'),
  uses: words('本单位用印记录', 'Record of your organisation’s seals'),
  allSeals: words('本单位印章与申请', 'Seals and applications'),
  done: words('盖章完成', 'Stamped'),
  notDone: words('盖章没有完成', 'Not stamped'),
  download: words('下载盖章后的文件', 'Download the stamped file'),
  verify: words('去核验', 'Verify a file'),
  another: words('再盖一份', 'Stamp another'),
  when: words('时间', 'When'),
  number: words('用印编号', 'Stamping number'),
  digest: words('文件摘要（SHA-256）', 'Digest of the file (SHA-256)'),
  auditIndex: words('审计日志序号', 'Index in the audit log'),
  notYet: words('正在入库', 'being entered'),
  status: words('结果', 'Outcome'),
  intended: words('进行中', 'In progress'),
  voided: words('已作废', 'Voided'),
} as const;

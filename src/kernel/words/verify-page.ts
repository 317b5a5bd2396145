// Words of the verify page, the same with JavaScript and without.

import { words } from './language.ts';

export const verifyPageWords = {
  title: words('核验', 'Verify'),
  lead: words(
    '检查盖章文件或证照二维码的真伪。无需登录，文件不会被保存。',
    'Check a stamped file or a licence QR code. No sign-in; files are not kept.',
  ),
  file: words('盖章文件', 'Stamped file'),
  fileHint: words('选择一个 PDF 或 OFD 文件，或把它拖到这里', 'Choose a PDF or OFD file, or drop it here'),
  limit: words('最大', 'At most'),
  chooseFile: words('选择文件', 'Choose a file'),
  dropHere: words('松开即开始核验', 'Let go to check it'),
  code: words('证照二维码', 'Licence QR code'),
  codeLabel: words('二维码的内容', 'Text of the QR code'),
  codeHint: words(
    '用扫码枪扫描，或粘贴扫码得到的链接或文字',
    'Scan with a desk scanner, or paste the link or text that a scan gave',
  ),
  check: words('核验', 'Check'),
  working: words('正在核验…', 'Checking…'),
  uploading: words('正在上传', 'Uploading'),
  cancel: words('取消', 'Cancel'),
  another: words('核验另一份', 'Check another'),
  print: words('打印结果', 'Print this'),
  report: words('下载报告（PDF）', 'Download the report (PDF)'),
  reportMaking: words('正在生成报告…', 'Making the report…'),
  reportFailed: words('报告没有生成，请再试一次。', 'The report could not be made. Please try again.'),
  needText: words('请填写二维码的内容。', 'Enter the text of the QR code.'),
  oneFile: words('一次只能核验一个文件。请只选择一个。', 'One file at a time, please.'),
  emptyFile: words('这个文件是空的。', 'This file is empty.'),
  fileWithoutScript: words(
    '核验文件需要启用 JavaScript；业务系统可直接调用核验接口。',
    'Checking a file needs JavaScript; systems can call the API instead.',
  ),
  linkWithoutScript: words(
    '直接打开证照链接需要启用 JavaScript。您也可以复制完整链接，粘贴到下面核验。',
    'Opening a licence link needs JavaScript. You can also copy the whole link and paste it below.',
  ),
  notFoundTitle: words('没有找到这个短码', 'No such short code'),
  notFound: words(
    '这个短码不存在或已过期。请让对方重新出示，或改用完整的二维码。',
    'This short code does not exist or has expired. Ask for a new one, or use the full QR code.',
  ),
} as const;

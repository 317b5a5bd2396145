// Words of the wallet.

import { words } from '../../../kernel/words/language.ts';

export const walletText = {
  title: words('亮证', 'Wallet'),
  lead: words(
    '这里是您名下的电子证照。点开一张，即可出示二维码。',
    'These are your licences. Open one to show its QR code.',
  ),
  none: words('您名下还没有电子证照。', 'There are no licences in your name yet.'),
  more: words('更多证照', 'More licences'),
  show: words('出示', 'Show'),
  holder: words('持证人', 'Holder'),
  number: words('证件号码', 'ID number'),
  issuer: words('发证机关', 'Issuer'),
  validity: words('有效期', 'Validity'),
  withoutEnd: words('长期', 'no end'),
  to: words('至', 'to'),
  identifier: words('证照标识', 'Identifier'),
  version: words('版本', 'Version'),
  status: words('状态', 'Status'),
  qrOf: words('证照二维码', 'QR code of the licence'),
  brightness: words(
    '出示时请调亮屏幕。对方用任何相机或扫码软件即可核验。',
    'Turn the screen bright. Any camera or scanner app can check it.',
  ),
  logged: words('每次出示都会记入审计日志。', 'Each showing is recorded in the audit log.'),
  uses: words('查看用途记录：谁在何时用过', 'Record of uses: who used them, and when'),
  codeText: words('二维码的内容', 'Text of the QR code'),
  tryIt: words('打开核验结果', 'Open its verdict'),
  noCode: words('这张证照目前没有可以出示的二维码。', 'This licence has no QR code to show now.'),
  all: words('全部证照', 'All licences'),
} as const;

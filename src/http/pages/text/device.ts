// Words of the page where a person types the code of a device.

import { words } from '../../../kernel/words/language.ts';

export const deviceText = {
  title: words('在设备上登录', 'Sign in on a device'),
  lead: words('请输入设备屏幕上显示的代码。', 'Type the code that your device shows.'),
  code: words('设备代码', 'Code of the device'),
  codeHint: words('8 个字母，大小写和连字符都可以不管。', 'Eight letters; capitals and the dash do not matter.'),
  next: words('下一步', 'Next'),
  confirmTitle: words('是您的设备吗？', 'Is this your device?'),
  asks: words('请求使用：', 'asks for:'),
  compare: words('请核对：设备上显示的代码必须与此相同。', 'Compare: your device must show exactly this code.'),
  warning: words(
    '如果是别人让您输入这个代码，请不要继续：他会以您的身份登录。',
    'If somebody told you to type this code, stop: they would be signed in as you.',
  ),
  origin: words('设备所在的网络：', 'The device asks from the network: '),
  level: words('需要的实名等级：', 'Real-name level that is needed: '),
  yes: words('是我的设备，继续', 'It is mine, go on'),
  no: words('不是，拒绝', 'It is not, refuse'),
  doneTitle: words('设备可以使用了', 'The device is ready'),
  done: words('请回到设备上继续。您可以关闭这个页面。', 'Go on at your device. You can close this page.'),
  faultTitle: words('没有成功', 'That did not work'),
  missing: words('请填写设备上显示的代码。', 'Please fill in the code that the device shows.'),
  unknown: words(
    '没有这个代码，或者它已过期。请核对，或让设备显示一个新代码。',
    'There is no such code, or it has expired. Check it, or let the device show a new one.',
  ),
  used: words(
    '这个代码已经用过。请让设备显示一个新代码。',
    'This code was used already. Let the device show a new one.',
  ),
  refusedTitle: words('已拒绝', 'Refused'),
  refused: words('您已拒绝。设备不会得到任何权限。', 'You refused. The device gets nothing.'),
  levelLow: words(
    '您的实名等级低于设备所需的等级，未能登录。',
    'Your real-name level is lower than the device needs. It is not signed in.',
  ),
  tooMany: words('尝试次数过多，请 15 分钟后再试。', 'There were too many tries. Please try again in 15 minutes.'),
  failed: words(
    '没有完成登录。请让设备显示一个新代码再试。',
    'The device is not signed in. Let it show a new code and try again.',
  ),
} as const;

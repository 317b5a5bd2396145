// Words of the pages that raise a real-name level, in both languages.

import { type Words, words } from '../../../kernel/words/language.ts';

export const levelPageText = {
  title: words('提升实名等级', 'Raise your real-name level'),
  purpose: words('核对姓名和号码、人脸核验，办理更多事项', 'Check your name and face, and do more things online'),
  purposeOf: words('您正在登录：', 'You are signing in to: '),
  now: words('您现在的实名等级：', 'Your real-name level now: '),
  wanted: words('该服务要求的实名等级：', 'Level this service asks for: '),
  progress: words('步骤', 'Step'),
  of: words('，共 ', ' of '),
  steps: words(' 步', ''),
  registerTitle: words('核对姓名和身份证号码', 'Check your name and identity number'),
  registerWhat: words(
    '请填写您身份证上的姓名和号码。我们会向人口登记机关核对两者是否一致。',
    'Enter the name and number on your identity card. We ask the population register whether they belong together.',
  ),
  name: words('姓名', 'Name'),
  idNumber: words('身份证号码', 'Identity number'),
  idNumberHint: words('18 位，末位可能是 X', '18 characters; the last one may be X'),
  registerConsent: words(
    '我同意将我的姓名和身份证号码提交给人口登记机关核对。',
    'I agree that my name and identity number are sent to the population register to be checked.',
  ),
  registerSubmit: words('开始核对', 'Check them'),
  faceTitle: words('人脸核验', 'Show your face'),
  faceWhat: words(
    '我们会将您的面部与登记机关的照片比对，确认是您本人。照片不会保存在本系统。',
    'Your face is compared with the photo that the register has, to make sure that it is you. No picture is kept here.',
  ),
  faceConsent: words(
    '我同意采集我的面部图像并与登记机关的照片比对。',
    'I agree that a picture of my face is taken and compared with the photo of the register.',
  ),
  faceSubmit: words('开始人脸核验', 'Begin'),
  standInTitle: words('沙箱：这里不看人脸', 'Sandbox: nobody looks at a face here'),
  standInWhat: words(
    '沙箱没有摄像头，也没有照片。请选择核验结果，仅用于测试。',
    'The sandbox has no camera and no photo. Choose the outcome; it is for testing only.',
  ),
  standInMatch: words('结果：是本人', 'Outcome: it is the person'),
  standInMismatch: words('结果：不是本人', 'Outcome: it is somebody else'),
  returnedTitle: words('人脸核验做完了吗？', 'Have you shown your face?'),
  returned: words('完成后请点击“查看结果”。', 'When you have, ask for the result.'),
  returnedSubmit: words('查看结果', 'Ask for the result'),
  again: words('重新做人脸核验', 'Show it again'),
  triesLeft: words('24 小时内还可核验的次数：', 'Checks left within 24 hours: '),
  skip: words('不提升，返回该服务', 'Do not raise it; go back to the service'),
  later: words('返回我的账户', 'Back to my account'),
  reachedTitle: words('已是可在线达到的最高等级', 'This is the highest level that can be reached here'),
  reached: words(
    '更高等级须本人到窗口办理，由工作人员当面核验。',
    'A higher one needs a visit to a window, where staff see you and your document.',
  ),
  changeTitle: words('我的姓名或号码有变更', 'My name or number has changed'),
  changeWarning: words(
    '提交后实名等级立即降为 2，以更高等级登录的会话全部结束，包括当前会话。重新登录后须重新核对。',
    'Your level drops to 2 at once, and every session of a higher level ends, this one too. Sign in again to have the new name checked.',
  ),
  changeSubmit: words('变更姓名或号码', 'Change name or number'),
  faultTitle: words('没有通过', 'That did not work'),
} as const;

export type LevelFault =
  | 'name-unfit'
  | 'number-unfit'
  | 'not-matched'
  | 'unavailable'
  | 'check-over'
  | 'pending'
  | 'too-many'
  | 'no-consent';

/** `not-matched` says nothing about which part was wrong. */
export const levelFaultText: Readonly<Record<LevelFault, Words>> = {
  'name-unfit': words(
    '请填写身份证上的姓名，至少两个字。',
    'Enter the name on your identity card, two characters at least.',
  ),
  'number-unfit': words(
    '身份证号码不正确：应为 18 位，且校验位相符。',
    'This is no identity number: it has 18 characters, and the last one checks the others.',
  ),
  'not-matched': words('核验结果不一致。请检查后重试。', 'It did not match. Check what you entered and try again.'),
  unavailable: words('核验服务暂时不可用，请稍后再试。', 'The check is not available now. Try again later.'),
  'check-over': words('这次人脸核验已失效，请重新开始。', 'This face check is over. Begin again.'),
  pending: words(
    '还没有结果。做完人脸核验后再查看。',
    'There is no result yet. Ask again when you have shown your face.',
  ),
  'too-many': words('核验次数过多，请 24 小时后再试。', 'There were too many checks. Try again in 24 hours.'),
  'no-consent': words(
    '未经您同意，我们不会核验。请勾选同意后重试。',
    'Nothing is checked unless you agree. Tick the box and try again.',
  ),
};

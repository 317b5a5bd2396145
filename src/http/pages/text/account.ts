// Words of a person's own account: its home and the pages below it.

import type { RealNameLevel } from '../../../kernel/principal.ts';
import { type Words, words } from '../../../kernel/words/language.ts';

export const accountText = {
  title: words('我的账户', 'My account'),
  lead: words(
    '您是谁、谁能用您的信息、您在哪里登录，都在这里。',
    'Who you are, who may use it, where you are signed in.',
  ),
  back: words('返回我的账户', 'Back to my account'),
  name: words('姓名', 'Name'),
  number: words('证件号码', 'ID number'),
  unnamed: words('尚未登记', 'Not given yet'),
  loginName: words('用户名', 'User name'),
  level: words('实名等级', 'Real-name level'),
  higher: words('如何提高', 'How to raise it'),
  toLevel: words('去办理', 'Raise it'),
  thisSignIn: words('本次登录', 'This sign-in'),
  signInBears: words('可办理的等级：', 'Good for level '),
  signInWeak: words(
    '，低于账户等级；用两种方式登录，可办理的等级更高。',
    ', less than your account has. Signing in in two ways bears more.',
  ),
  systems: words('我同意的系统', 'Systems that I agreed to'),
  systemsLead: words(
    '哪些系统可以看您的什么信息，随时可以撤回。',
    'Which systems may see what of yours; take it back any time.',
  ),
  systemsNone: words('您还没有同意任何系统使用您的信息。', 'You have agreed to no system yet.'),
  since: words('同意日期', 'Agreed on'),
  until: words('自动失效', 'Ends by itself on'),
  withdraw: words('撤回同意', 'Withdraw'),
  sessions: words('登录设备', 'Where I am signed in'),
  sessionsLead: words(
    '您在哪些浏览器上登录着；不认得的，请退出并修改密码。',
    'The browsers where you are signed in. End those you do not know, and change your password.',
  ),
  sessionsNone: words('除了这里，您没有在别处登录。', 'You are signed in nowhere else.'),
  thisBrowser: words('本次登录', 'This one'),
  beganAt: words('登录时间', 'Signed in'),
  usedAt: words('最近使用', 'Last used'),
  network: words('网络', 'Network'),
  entered: words('进入过的系统', 'Systems entered'),
  endSession: words('退出', 'End'),
  endOthers: words('退出其他所有登录', 'End all others'),
  endOthersHint: words(
    '各系统也会收到退出通知；本次登录保留。',
    'The systems are told to sign you out too. This session stays.',
  ),
  older: words('更早的登录', 'Older'),
  faultTitle: words('请更正', 'Please correct this'),
  close: words('注销账户', 'Close the account'),
  closePurpose: words(
    '不再使用印信时注销账户，不能恢复。',
    'For when you want no account here any more. It cannot be undone.',
  ),
  activity: words('用途记录', 'Record of uses'),
  activityPurpose: words(
    '您的身份和证照每一次被使用：何时、由谁、通过哪个系统。',
    'Every use of your identity and licences: when, by whom, through which system.',
  ),
} as const;

/** What a level is called and means, and what leads to the next one; docs/levels.md. */
export const levelText: Readonly<Record<RealNameLevel, { readonly meaning: Words; readonly next?: Words }>> = {
  0: {
    meaning: words('未核实', '0: nothing is proven'),
    next: words('核实手机号，达到一级。', 'Prove a telephone number to reach level 1.'),
  },
  1: {
    meaning: words('一级：账户已建立，姓名未核实', '1: an account whose name is not checked'),
    next: words('填写姓名和身份证号码，达到二级。', 'Give your name and ID number to reach level 2.'),
  },
  2: {
    meaning: words('二级：姓名和证件号码由本人填写', '2: name and number as you stated them'),
    next: words('与人口库比对一致，达到三级。', 'A match with the population register makes it level 3.'),
  },
  3: {
    meaning: words('三级：姓名和证件号码与人口库一致', '3: name and number match the population register'),
    next: words('通过人脸核验，证明是您本人，达到四级。', 'A face check that shows it is you makes it level 4.'),
  },
  4: {
    meaning: words('四级：已核验是本人', '4: you are the person that you say'),
    next: words('到窗口当面核验，达到五级。', 'A check in person at a window makes it level 5.'),
  },
  5: { meaning: words('五级：已当面核验，最高等级', '5: checked in person, the highest level') },
};

export const closeText = {
  title: words('注销账户', 'Close the account'),
  lead: words(
    '注销后不能恢复，用户名也不会再给任何人使用。',
    'This cannot be undone, and nobody gets the user name again.',
  ),
  endsTitle: words('会结束或删除的', 'What ends or is erased'),
  ends: [
    words('所有登录和各系统手里的令牌立即失效。', 'All your sessions and the tokens of all systems, at once.'),
    words(
      '密码、手机号、验证器、通行密钥、恢复码会被删除。',
      'Password, telephone, authenticators, passkeys and recovery codes are erased.',
    ),
    words(
      '姓名、证件号码和实名等级会从账户中删除。',
      'Name, ID number and real-name level are erased from the account.',
    ),
    words(
      '您代表单位办事的授权，以及您委派的经办人的授权，都会结束。',
      'Your mandates for organisations end, and those of the agents that you appointed.',
    ),
  ],
  staysTitle: words('会保留的', 'What stays'),
  stays: [
    words('依法须保存的审计记录。', 'The audit entries that the law demands.'),
    words(
      '您的电子证照由签发机关保管，仍然有效；以后用新账户实名后可以再次查看。',
      'Your licences: they belong to their issuers and stay valid. A new account in your name shows them again.',
    ),
    words('您盖过章的文件仍然有效。', 'Documents that you stamped stay valid.'),
  ],
  staff: words(
    '您的账户有工作职责，请先由管理员收回职责。',
    'Your account has duties. Ask an administrator to take them back first.',
  ),
  goOn: words('继续注销', 'Go on'),
  confirmTitle: words('确认注销账户', 'Confirm: close the account'),
  confirmLead: words('这是最后一步。点击后立即注销。', 'This is the last step. It takes effect at once.'),
  typeName: words('请输入您的用户名：', 'Type your user name: '),
  wrong: words('输入的用户名不一致，账户没有注销。', 'That is not your user name. The account was not closed.'),
  close: words('注销我的账户', 'Close my account'),
  keep: words('不注销', 'Keep it'),
  doneTitle: words('账户已注销', 'The account is closed'),
  done: words('您的账户已注销，所有登录都已退出。', 'Your account is closed and you are signed out everywhere.'),
} as const;

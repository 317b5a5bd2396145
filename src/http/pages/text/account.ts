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
  thisSignIn: words('本次登录', 'This sign-in'),
  signInBears: words('可办理的等级：', 'Good for level '),
  signInWeak: words(
    '低于账户等级，因为只用了一种方式登录。',
    '. That is less than your account, because you signed in in one way only.',
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

// Words that every page shares: the name of the house, its doors, the frame around a page.

import { words } from '../../../kernel/words/language.ts';

export const siteText = {
  name: words('印信', 'Yinxin'),
  tagline: words('统一身份 · 电子印章 · 电子证照', 'Identity · e-seals · e-licences'),
  skip: words('跳到正文', 'Skip to content'),
  mainMenu: words('主要功能', 'Main sections'),
  otherLanguage: words('English', '中文'),
  signedInAs: words('已登录：', 'Signed in as '),
  ownAccount: words('，进入我的账户', ', go to my account'),
  signIn: words('登录', 'Sign in'),
  signOut: words('退出', 'Sign out'),
  back: words('返回首页', 'Back to the front page'),
  sandbox: words('沙箱 Sandbox', 'Sandbox 沙箱'),
  sandboxMeaning: words('人员、单位、印章和证照均为虚构', 'All people, organisations, seals and licences are made up'),
  apiPages: words('接口文档', 'API'),
  apiFile: words('OpenAPI 描述', 'OpenAPI file'),
  checkpoint: words('审计日志检查点', 'Audit log checkpoint'),
  state: words('运行状态', 'Status'),
  moreLinks: words('更多', 'More'),
} as const;

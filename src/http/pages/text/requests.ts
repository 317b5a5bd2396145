// Words of the page where a person answers what systems ask of them on another device.

import { words } from '../../../kernel/words/language.ts';

export const requestsText = {
  title: words('待我批准', 'Waiting for my approval'),
  lead: words(
    '业务系统（例如办事窗口）请您在这里批准。批准前请核对对方屏幕上的提示。',
    'Systems, a service counter for example, ask you to approve here. First compare what their screen shows.',
  ),
  none: words(
    '现在没有待批准的请求。本页每 10 秒自动刷新。',
    'Nothing waits for you. This page looks again every 10 seconds.',
  ),
  again: words('重新查看', 'Look again'),
  asks: words('请求使用：', 'asks for:'),
  message: words('对方屏幕应显示', 'Their screen must show'),
  level: words('需要的实名等级', 'Real-name level needed'),
  askedAt: words('请求时间', 'Asked at'),
  approve: words('批准', 'Approve'),
  refuse: words('拒绝', 'Refuse'),
  warning: words('不是您本人在办理的，请拒绝。', 'If it is not you who is doing this, refuse.'),
  approved: words('已批准。对方可以继续了。', 'Approved. They can go on.'),
  refused: words('已拒绝。对方不会得到任何权限。', 'Refused. They get nothing.'),
} as const;

// Words of the front page: the four doors and the people of the sandbox. Both languages stand on it side by side.

import { words } from '../../../kernel/words/language.ts';

export const frontText = {
  title: words('统一信任服务', 'One trust service'),
  lead: words(
    '一个系统，办好登录、用印、亮证、核验四件事；每一次使用都留下可以独立验证的记录。',
    'Signing in, stamping, showing and checking in one system; every use leaves a record that anybody can verify.',
  ),
  doors: [
    {
      door: 'wallet',
      path: '/wallet',
      name: words('亮证', 'Wallet'),
      purpose: words('查看自己的电子证照，出示二维码。', 'See your licences and show their QR codes.'),
    },
    {
      door: 'desk',
      path: '/desk',
      name: words('盖章', 'Desk'),
      purpose: words('给 PDF 文件盖上单位的电子印章。', 'Put your organisation’s seal on a PDF.'),
    },
    {
      door: 'verify',
      path: '/verify',
      name: words('核验', 'Verify'),
      purpose: words('检查盖章文件和证照码的真伪，无需登录。', 'Check a stamped file or a licence code. No sign-in.'),
    },
    {
      door: 'admin',
      path: '/admin',
      name: words('管理', 'Admin'),
      purpose: words('查看系统状态、证书和审计日志。', 'See the system’s state, certificates and audit log.'),
    },
  ],
  people: words('沙箱用户', 'Sandbox people'),
  peopleHint: words('可用以下用户名登录试用，密码都是', 'Sign in as any of these; the password of all is'),
  userName: words('用户名', 'User name'),
  who: words('身份', 'Who'),
  tryIt: words('可以试试', 'Try'),
} as const;

/** The people that the sandbox seed makes (docs/sandbox.md). */
export const sandboxPassword = 'sandbox-Pass-2026';

export const sandboxPeople = [
  { userName: 'citizen1', who: words('市民，实名四级', 'Citizen, level 4'), tries: words('亮证', 'Wallet') },
  {
    userName: 'citizen2',
    who: words('市民，实名一级', 'Citizen, level 1'),
    tries: words('亮证（等级不够时的样子）', 'Wallet (what too low a level looks like)'),
  },
  { userName: 'clerk1', who: words('经办人，可以用印', 'Clerk, may stamp'), tries: words('盖章', 'Desk') },
  { userName: 'approver1', who: words('用印审批人', 'Approver of stampings'), tries: words('盖章', 'Desk') },
  {
    userName: 'legal1',
    who: words('公司法定代表人', 'Legal representative of the company'),
    tries: words('指定经办人', 'Appointing agents'),
  },
  {
    userName: 'agent1',
    who: words('两家公司的经办人', 'Agent of two companies'),
    tries: words('登录时选择代表谁', 'Choosing for whom to act'),
  },
  { userName: 'auditor1', who: words('审计员', 'Auditor'), tries: words('管理', 'Admin') },
  { userName: 'admin1', who: words('管理员', 'Administrator'), tries: words('管理', 'Admin') },
  { userName: 'admin2', who: words('管理员', 'Administrator'), tries: words('管理', 'Admin') },
] as const;

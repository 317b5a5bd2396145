// Words of the records of uses: a person's own, and those of an organisation's seals.

import { words } from '../../../kernel/words/language.ts';

export const activityText = {
  ownTitle: words('我的用途记录', 'Uses of what is mine'),
  ownLead: words(
    '您的身份、证照每一次被使用，都在这里：何时、由谁、通过哪个系统。',
    'Every use of your identity and licences: when, by whom, through which system.',
  ),
  ownWhole: words(
    '这里是审计日志中与您有关的全部记录，办完即可看到。其他人看不到这一页。如有您不认得的使用，请修改密码并联系客服。',
    'This is all that the audit log has about you; a use is here as soon as it is done. Nobody else sees this page. If you do not know a use, change your password and tell us.',
  ),
  sealTitle: words('本单位用印记录', 'Uses of our seals'),
  sealLead: words(
    '本单位印章每一次被使用，都在这里：何时、由谁、为何。',
    'Every use of your organisation’s seals: when, by whom, and why.',
  ),
  sealWhole: words(
    '这里是审计日志中与本单位印章有关的全部记录，包括没有成功的用印。',
    'This is all that the audit log has about your organisation’s seals, also stampings that failed.',
  ),
  none: words('这段时间没有记录。', 'There is nothing in this time.'),
  noMandate: words('您目前没有代表任何单位。', 'You act for no organisation.'),
  from: words('从', 'From'),
  until: words('到（含当日）', 'To (that day included)'),
  show: words('查看', 'Show'),
  all: words('全部时间', 'All of the time'),
  older: words('更早的记录', 'Older'),
  newest: words('回到最新', 'Back to the newest'),
  through: words('通过', 'Through'),
  object: words('对象', 'Object'),
  network: words('网络', 'Network'),
  purpose: words('事由', 'Purpose'),
  by: words('经办人', 'By'),
  failed: words('未成功', 'Failed'),
  receipt: words('下载回执', 'Download receipt'),
  receiptHint: words(
    '回执是一个文件，可以多年以后、不联网地证明这次使用确有其事。',
    'A receipt is a file that proves this use for years, offline.',
  ),
  account: words('返回我的账户', 'Back to my account'),
  desk: words('返回盖章', 'Back to the desk'),
} as const;

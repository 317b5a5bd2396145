// Words of the page on which administrators make tokens for systems that register themselves.

import { words } from '../../../kernel/words/language.ts';

export const registrationTokensText = {
  title: words('自助登记令牌', 'Registration tokens'),
  lead: words(
    '持令牌的单位可以自行登记业务系统，范围以令牌为限。每次登记都记入审计日志，登记后的系统列在“接入的业务系统”中，可随时停用。',
    'Whoever holds a token registers a system themselves, within what the token allows. Every registration is in the audit log; the systems stand in the list of business systems and can be suspended at any time.',
  ),
  closed: words(
    '自助登记未开放（DYNAMIC_REGISTRATION=closed）：令牌可以制作，但暂时不能使用。',
    'Self-registration is closed (DYNAMIC_REGISTRATION=closed): tokens can be made, and open nothing yet.',
  ),
  make: words('制作令牌', 'Make a token'),
  name: words('发给谁', 'For whom'),
  hosts: words('允许的主机名', 'Allowed hosts'),
  hostsHint: words(
    '每行一个，例如 housing.example；系统的地址只能在这些主机上。',
    'One a line, such as housing.example; addresses of the system lie on these hosts only.',
  ),
  uses: words('可用次数', 'Uses'),
  term: words('有效期', 'Term'),
  oneDay: words('1 天', '1 day'),
  oneWeek: words('7 天', '7 days'),
  oneMonth: words('30 天', '30 days'),
  secret: words('令牌', 'Token'),
  secretOnce: words(
    '只显示这一次，离开本页后无人能再看到。请安全地交给对方。',
    'It is shown this once: nobody can see it again afterwards. Hand it over safely.',
  ),
  state: words('状态', 'State'),
  usable: words('可用', 'Usable'),
  expired: words('已过期', 'Expired'),
  usedUp: words('已用完', 'Used up'),
  ended: words('已结束', 'Ended'),
  left: words('剩余次数', 'Uses left'),
  until: words('有效期至', 'Good until'),
  end: words('结束', 'End'),
  none: words('还没有令牌。', 'There are no tokens yet.'),
  selfRegistered: words('自行登记', 'Registered itself'),
} as const;

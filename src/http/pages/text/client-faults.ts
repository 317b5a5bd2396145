// What is wrong with a registration, in the words of people, and at which field of the form it stands.

import type { ClientFault } from '../../../identity/clients/client-faults.ts';
import { type Words, words } from '../../../kernel/words/language.ts';
import type { ClientFieldName } from '../client-form.ts';

interface FaultText {
  readonly field: ClientFieldName;
  readonly words: Words;
}

export const clientFaultText: Readonly<Record<ClientFault, FaultText>> = {
  'client-id': {
    field: 'clientId',
    words: words(
      '编号为 3 至 64 个小写字母、数字或短横线，以字母或数字开头。',
      'An id is 3 to 64 of a-z, 0-9 and dash.',
    ),
  },
  owner: {
    field: 'ownerOrganisationId',
    words: words('所属单位编号不正确，应为 org_ 开头的编号。', 'This is no identifier of an organisation (org_…).'),
  },
  contacts: {
    field: 'contacts',
    words: words('联系人最多 10 个，每个不超过 254 个字符。', 'At most 10 contacts of at most 254 characters.'),
  },
  'page-uri': {
    field: 'contacts',
    words: words('系统的说明页面须为 https 地址。', 'A page of the system has an https address.'),
  },
  'public-proof': {
    field: 'authMethod',
    words: words(
      '“无密钥”的应用选“无”，其他类别必须有身份证明方式。',
      'An app without secret proves nothing; every other kind proves itself.',
    ),
  },
  'secret-method': {
    field: 'authMethod',
    words: words('该身份证明方式与密钥不符。', 'This way of proving itself does not go with the secret.'),
  },
  'secret-short': { field: 'authMethod', words: words('密钥太短。', 'The secret is too short.') },
  'keys-missing': {
    field: 'jwks',
    words: words('所选的身份证明方式需要公钥。', 'The way it proves itself needs public keys.'),
  },
  'tls-subject-missing': {
    field: 'tlsSubjectDn',
    words: words(
      '只有“TLS 客户端证书”方式需要填写证书主体名称，且必须填写。',
      'TLS client certificates, and no other way, need the subject of the certificate.',
    ),
  },
  'tls-subject': {
    field: 'tlsSubjectDn',
    words: words(
      '证书主体名称格式不正确，例如 CN=系统,O=单位,C=CN。',
      'The subject is a distinguished name such as CN=system,O=organisation,C=CN.',
    ),
  },
  'grant-types': { field: 'kind', words: words('授权方式重复或缺失。', 'Grant types are named once.') },
  'system-grants': {
    field: 'kind',
    words: words('只有业务系统后台可以没有用户登录。', 'Systems, and no others, do without people.'),
  },
  'public-introspects': {
    field: 'kind',
    words: words('无密钥的应用不能查验令牌。', 'An app without secret introspects nothing.'),
  },
  'public-grants': {
    field: 'kind',
    words: words(
      '无密钥的应用只能使用授权码和设备授权方式。',
      'An app without secret uses the code flow and the device flow only.',
    ),
  },
  'redirect-missing': {
    field: 'redirectUris',
    words: words(
      '有用户登录的系统必须填写回调地址，业务系统后台不填。',
      'A system with people has redirect addresses, one without has none.',
    ),
  },
  'response-modes': { field: 'redirectUris', words: words('应答方式重复或缺失。', 'Response modes are named once.') },
  'redirect-uri': {
    field: 'redirectUris',
    words: words(
      '回调地址和退出后的返回地址须以 https 开头（本机可用 http），不能带 # 或用户名密码。',
      'Redirect addresses, also those after sign-out, are https (http on this machine only), without # or credentials.',
    ),
  },
  'backchannel-uri': {
    field: 'backchannelLogoutUri',
    words: words(
      '只有用户登录的系统才有后台退出通知地址，且须以 https 开头。',
      'A back-channel logout address belongs to systems with people, and is https.',
    ),
  },
  'exchange-grant': {
    field: 'kind',
    words: words('令牌交换的目标系统需要相应的授权方式。', 'Targets of token exchange need the grant type.'),
  },
  'exchange-targets': {
    field: 'kind',
    words: words('令牌交换的目标须为业务系统编号。', 'Targets of token exchange are ids of systems.'),
  },
  'sector-pairwise': {
    field: 'subjectType',
    words: words('只有“各系统不同”的用户标识才有分组域名。', 'A sector belongs to pairwise subjects.'),
  },
  sector: { field: 'subjectType', words: words('分组域名须为主机名。', 'A sector is a host name.') },
  'sector-missing': {
    field: 'subjectType',
    words: words(
      '回调地址分布在多个主机时，“各系统不同”需要分组域名（通过接口登记）。',
      'Redirect addresses on several hosts need a sector, which the API registers.',
    ),
  },
  'fapi-proof': {
    field: 'authMethod',
    words: words(
      'FAPI 2.0 要求用私钥签名或 TLS 证书证明身份。',
      'FAPI 2.0 wants a signature or a TLS certificate, not a secret.',
    ),
  },
  'fapi-binding': {
    field: 'profile',
    words: words(
      'FAPI 2.0 的令牌须绑定密钥：请用 TLS 证书，或通过接口登记 DPoP。',
      'Tokens under FAPI 2.0 are bound to a key: use TLS certificates, or register DPoP over the API.',
    ),
  },
  'fapi-rs256': { field: 'profile', words: words('FAPI 2.0 不使用 RS256。', 'FAPI 2.0 knows no RS256.') },
  'fapi-keys': { field: 'jwks', words: words('签名消息需要公钥。', 'Signed requests need public keys.') },
  'fapi-modes': {
    field: 'profile',
    words: words('签名消息的应答须为签名方式。', 'Answers under message signing are signed.'),
  },
  'key-count': { field: 'jwks', words: words('公钥集有 1 至 8 个公钥。', 'A key set has 1 to 8 keys.') },
  'key-ids': { field: 'jwks', words: words('每个公钥要有不同的 kid。', 'Keys of a set have different key ids (kid).') },
  'key-private': {
    field: 'jwks',
    words: words(
      '公钥含有多余的成员，请确认没有放入私钥。',
      'A key has members that no public key has. Make sure that no private key is sent.',
    ),
  },
  'key-use': { field: 'jwks', words: words('公钥的 use 须为 sig。', 'Keys are for signatures (use: sig).') },
  'key-algorithm': {
    field: 'jwks',
    words: words('公钥的算法须为 ES256、PS256 或 EdDSA。', 'Keys are for ES256, PS256 or EdDSA.'),
  },
  'key-type': {
    field: 'jwks',
    words: words(
      '公钥须为 P-256、Ed25519 或 2048 至 4096 位的 RSA。',
      'Keys are P-256, Ed25519 or RSA of 2048 to 4096 bits.',
    ),
  },
  'key-x5c': {
    field: 'jwks',
    words: words(
      '自签名证书的公钥须以 x5c 带上且只带这一张证书。',
      'A key of a self-signed certificate has it as its only x5c.',
    ),
  },
  'key-certificate': { field: 'jwks', words: words('证书与公钥不符。', 'A certificate has another key.') },
  'certificate-unreadable': { field: 'jwks', words: words('证书无法读取。', 'A certificate cannot be read.') },
  'keys-unreadable': {
    field: 'jwks',
    words: words('公钥须为 JSON，如 {"keys":[…]}。', 'Public keys are JSON such as {"keys":[…]}.'),
  },
};

// What shows who a person is, in the words of people: the means of real-name evidence (实名核验方式).

import { type Words, words } from './language.ts';

export const evidenceMethodNames = [
  'phone',
  'self-stated',
  'population-register',
  'bank-card',
  'face',
  'network-id',
  'in-person',
  'certificate',
  'platform-register',
  'platform-person',
  'platform-certificate',
] as const;
export type EvidenceMethodName = (typeof evidenceMethodNames)[number];

export const evidenceMethodWords: Readonly<Record<EvidenceMethodName, Words>> = {
  phone: words('手机号', 'Telephone number'),
  'self-stated': words('本人自报', 'Stated by the person'),
  'population-register': words('与人口库比对一致', 'Matched in the population register'),
  'bank-card': words('银行卡四要素', 'Bank card'),
  face: words('人脸识别', 'Face'),
  'network-id': words('网络身份凭证（网证）', 'Network identity credential'),
  'in-person': words('窗口现场核验', 'Seen at a window'),
  certificate: words('数字证书', 'Certificate'),
  'platform-register': words('其他平台：登记信息', 'Another platform: register'),
  'platform-person': words('其他平台：本人核验', 'Another platform: the person'),
  'platform-certificate': words('其他平台：现场或证书', 'Another platform: window or certificate'),
};

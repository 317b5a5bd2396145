// Plain words for the codes of findings and for the sub-indications of ETSI EN 319 102-1 (tables 2 and 3).

import type { SubIndication } from '../report.ts';
import type { Words } from './language.ts';
import { words } from './language.ts';

export const subIndicationWords: Readonly<Record<SubIndication, Words>> = {
  FORMAT_FAILURE: words('内容的格式不符合标准', 'The content is not built as the standard requires'),
  HASH_FAILURE: words('签署后内容被改动过', 'The content was changed after signing'),
  SIG_CRYPTO_FAILURE: words('签名验证不通过', 'The signature does not verify'),
  REVOKED: words('签署时证书已被吊销', 'The certificate had been revoked when it signed'),
  EXPIRED: words('签署时证书已过期', 'The certificate had expired when it signed'),
  NOT_YET_VALID: words('签署时证书尚未生效', 'The certificate was not yet valid when it signed'),
  SIG_CONSTRAINTS_FAILURE: words(
    '签名缺少必须的内容，或不符合规则',
    'The signature lacks something required or breaks a rule',
  ),
  CHAIN_CONSTRAINTS_FAILURE: words('签署人的证书不能用于签署这类文件', 'The certificate may not be used for this'),
  CERTIFICATE_CHAIN_GENERAL_FAILURE: words('签署人的证书链有问题', 'The certificate chain of the signer is faulty'),
  CRYPTO_CONSTRAINTS_FAILURE: words('使用了不再安全的密码算法', 'An algorithm that is no longer safe was used'),
  POLICY_PROCESSING_ERROR: words('无法处理签名策略', 'The signature policy could not be processed'),
  TIMESTAMP_ORDER_FAILURE: words('时间戳的先后顺序不对', 'The time stamps are in the wrong order'),
  NO_SIGNING_CERTIFICATE_FOUND: words('没有找到签署人的证书', 'The certificate of the signer was not found'),
  NO_CERTIFICATE_CHAIN_FOUND: words(
    '签署人的证书不是由本系统信任的机构颁发',
    'The certificate of the signer was not issued by an authority trusted here',
  ),
  REVOKED_NO_POE: words(
    '证书已被吊销，且无法证明签署在吊销之前',
    'The certificate is revoked, and nothing proves that it signed before that',
  ),
  REVOKED_CA_NO_POE: words('颁发机构的证书已被吊销', 'The certificate of the issuing authority is revoked'),
  OUT_OF_BOUNDS_NOT_REVOKED: words('证书已过有效期，未见吊销', 'The certificate is past its dates and was not revoked'),
  OUT_OF_BOUNDS_NO_POE: words(
    '证书已过有效期，且无法证明签署在有效期内',
    'The certificate is past its dates, and nothing proves that it signed within them',
  ),
  REVOCATION_OUT_OF_BOUNDS_NO_POE: words('吊销信息已过期', 'The revocation data is out of date'),
  CRYPTO_CONSTRAINTS_FAILURE_NO_POE: words(
    '所用密码算法已不再安全，无法证明签署时仍然安全',
    'The algorithm is no longer safe, and nothing proves that it was when this was signed',
  ),
  NO_POE: words('无法证明签署发生在所称的时间', 'Nothing proves that this was signed when it says'),
  TRY_LATER: words('暂时拿不到最新的状态信息', 'The latest status is not to be had now'),
  SIGNED_DATA_NOT_FOUND: words('没有找到被签署的内容', 'The signed content was not found'),
};

export function isSubIndication(text: string): text is SubIndication {
  return Object.hasOwn(subIndicationWords, text);
}

/** Words for a code; one that has none is said to be something this page does not know, and is drawn with its code. */
export function wordsOfFinding(code: string): Words {
  return Object.hasOwn(findingWords, code) ? (findingWords[code] ?? unknownFinding) : unknownFinding;
}

export const unknownFinding = words('另有一项发现，请查看编号', 'One more finding; see its code');

const findingWords: Readonly<Record<string, Words>> = {};

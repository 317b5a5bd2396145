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

const findingWords: Readonly<Record<string, Words>> = {
  // the document
  'no-signature': words('文件里没有电子签章', 'The document carries no electronic seal'),
  'signature-hidden': words('文件里藏有没有显示出来的签名', 'The file hides a signature that it does not show'),
  'malformed-pdf': words('PDF 文件已损坏', 'The PDF is damaged'),
  'changed-after-signing': words(
    '签章之后文件被改动，且不在允许范围内',
    'The file was changed after sealing in a way that is not permitted',
  ),
  'signature-dictionary-shared': words('两个签章栏指向同一个签名', 'Two signature fields name the same signature'),
  'signature-dictionary-invalid': words('签名的结构不符合规定', 'The signature is not built as it must be'),
  'signature-contents-invalid': words('签名数据的写法不符合规定', 'The signature data is not written as it must be'),
  'byte-range-overlap': words('两个签章的覆盖范围互相冲突', 'The ranges of two seals contradict each other'),
  'byte-range-invalid': words('签章声明的覆盖范围无效', 'The range that the seal claims to cover is not valid'),
  'byte-range-gap': words('签章的覆盖范围留有空隙', 'The range that the seal covers has a gap'),
  'byte-range-end': words('签章没有覆盖到一个完整的版本', 'The seal does not cover a whole revision of the file'),

  'signature-contents-respelled': words('签名数据在签署后被改写过', 'The signature data was rewritten after signing'),
  'signature-format-not-supported': words('不支持这种签名格式', 'This signature format is not supported'),

  'malformed-ofd': words('OFD 文件已损坏', 'The OFD is damaged'),
  'unsupported-ofd': words('暂不支持这种 OFD 文件的特性', 'The OFD uses a feature that is not supported'),
  'package-prefix': words('文件开头有多余的数据', 'There is surplus data at the beginning of the file'),
  'package-not-covered': words('签章没有覆盖文件的全部内容', 'The seal does not cover everything in the file'),
  'references-missing': words('签章没有保护任何内容', 'The seal protects nothing'),
  'reference-missing': words(
    '签章所保护的内容已不在文件中',
    'Something that the seal protects is no longer in the file',
  ),
  'signature-value-missing': words('文件中没有签名值', 'The signature value is missing from the file'),
  'signer-certificate-missing': words(
    '签名没有附带签署人的证书',
    'The signature does not carry the certificate of its signer',
  ),
  'stamp-page-unknown': words('签章所指的页面不存在', 'The seal names a page that is not there'),
  'malformed-ses': words('电子印章签名数据已损坏', 'The signature data of the seal is damaged'),
  'ses-version-mismatch': words('签名与印章的版本不一致', 'Signature and seal are of different versions'),
  'ses-extension-unknown': words(
    '签名中有本系统不认识的关键扩展',
    'The signature has a critical extension that is not known here',
  ),
  'ses-property-wrong': words('签名是为另一个文件位置作出的', 'The signature was made for another place in the file'),
  'seal-file-differs': words('文件中的印章与签名里的印章不同', 'The seal in the file is not the one in the signature'),
  'seal-maker-expired-since': words(
    '印章制作机构的证书后来已过期，制作时有效',
    'The certificate of the seal maker has expired since; it was good when the seal was made',
  ),
  'seal-maker-revoked-since': words(
    '印章制作机构的证书后来已被撤销，时间戳证明印章在此之前制作',
    'The certificate of the seal maker was revoked since; a time stamp proves the seal to be older',
  ),
  'seal-expired-since': words(
    '印章现已过有效期，且无法证明签署在有效期内',
    'The seal has expired since, and nothing proves that it signed before that',
  ),
  'seal-time-stamp-wrong': words('印章的时间戳验证不通过', 'The time stamp of the seal does not verify'),
  'seal-time-stamp-not-trusted': words(
    '印章的时间戳不是由受信任的机构签发',
    'The time stamp of the seal is of an authority that is not trusted here',
  ),
  'signed-outside-certificate': words(
    '所称的签署时间不在证书有效期内',
    'The claimed signing time is not within the validity of the certificate',
  ),
  'signing-time-future': words('所称的签署时间在将来', 'The claimed signing time is in the future'),
  'time-stamp-before-signing': words(
    '时间戳早于所称的签署时间',
    'The time stamp is older than the claimed signing time',
  ),

  // the signature
  'malformed-cms': words('签名数据已损坏', 'The signature data is damaged'),
  'content-not-detached': words('签名里夹带了另外的内容', 'The signature carries content of its own'),
  'content-type-wrong': words('签名的内容类型不对', 'The content type of the signature is wrong'),
  'content-type-attribute-wrong': words('签名的内容类型不对', 'The content type of the signature is wrong'),
  'signed-data-version': words('签名数据的版本号不对', 'The version number of the signature data is wrong'),
  'digest-not-announced': words('签名没有事先声明所用的摘要算法', 'The signature does not announce the digest it uses'),
  'signer-count': words('签名中的签署人不是恰好一个', 'The signature does not have exactly one signer'),
  'signed-attributes-missing': words('签名缺少必须的属性', 'The signature lacks attributes that it must have'),
  'signed-attributes-not-der': words(
    '签名属性的写法不符合规定',
    'The attributes of the signature are not written as they must be',
  ),
  'attribute-duplicated': words('签名属性重复', 'An attribute of the signature stands twice'),
  'attribute-values-not-one': words(
    '签名属性的值不是恰好一个',
    'An attribute of the signature does not have exactly one value',
  ),
  'attribute-misplaced': words('签名属性放错了位置', 'An attribute of the signature stands where it must not'),
  'signed-attributes-as-content': words(
    '把另一个签名的属性冒充成了内容',
    'The attributes of another signature are passed off as content',
  ),
  'content-missing': words('签名里没有应有的内容', 'The content that should be in the signature is missing'),
  'countersignature-ignored': words('附带的会签没有核验', 'A countersignature was not judged'),
  'unsigned-attribute-unknown': words(
    '签名之外附有本系统不认识的数据',
    'Data that is not known here stands beside the signature',
  ),
  'unsigned-attribute-ignored': words(
    '签名之外附有本系统不使用的数据',
    'Data that is not used here stands beside the signature',
  ),
  'revocation-data-ignored': words(
    '没有使用签名中附带的吊销信息',
    'The revocation data inside the signature was not used',
  ),
  'signature-not-der': words(
    '签名值的写法较旧，已接受',
    'The signature value is written in an older way, which is accepted',
  ),
  'message-digest-missing': words('签名里没有内容摘要', 'The signature lacks the digest of the content'),
  'message-digest-mismatch': words('签署后内容被改动过', 'The content was changed after it was signed'),
  'digest-mismatch': words('签署后内容被改动过', 'The content was changed after it was signed'),
  'signature-invalid': words('签名验证不通过', 'The signature does not verify'),
  'signature-not-good': words('没有同时满足完整、成立、可信三项', 'It is not intact, valid and trusted all at once'),
  'signature-malformed': words('签名的长度或写法不对', 'The signature is of the wrong length or form'),
  'signature-not-canonical': words('签名被改写过', 'The signature was rewritten'),
  'algorithm-inconsistent': words('签名使用的算法前后不一致', 'The algorithms of the signature do not go together'),
  'algorithm-protection-mismatch': words(
    '签名声明的算法与实际不符',
    'The algorithms that the signature protects are not those it uses',
  ),
  'algorithm-not-supported': words('不支持这种密码算法', 'This cryptographic algorithm is not supported'),
  'algorithm-wrong': words('签名算法与签发密钥不符', 'The algorithm is not that of the issuing key'),
  'weak-algorithm': words('使用了不再安全的密码算法', 'An algorithm that is no longer safe was used'),
  'weak-key': words('密钥太短，不再安全', 'A key is too short to be safe'),
  'signing-certificate-missing': words(
    '签名没有写明所用的证书',
    'The signature does not say which certificate it was made with',
  ),
  'signing-certificate-mismatch': words(
    '签名写明的证书与所附证书不符',
    'The certificate that the signature names is not the one it carries',
  ),
  'signing-time-attribute': words('签名里另有一个自称的时间', 'The signature also carries a time that is only claimed'),
  'certificate-unreadable': words('所附证书中有无法读取的', 'Some of the certificates in the file cannot be read'),

  'embedded-certificate-altered': words('文件中的证书被改动过', 'A certificate in the file was altered'),

  // certificates
  'no-path': words(
    '签署人的证书不是由本系统信任的机构颁发',
    'The certificate of the signer does not lead to an authority trusted here',
  ),
  'critical-extension-unknown': words(
    '证书中有本系统不认识的关键扩展',
    'A certificate has a critical extension that is not known here',
  ),
  'issuer-not-ca': words('证书的颁发者不是证书机构', 'A certificate was issued by one that is no authority'),
  'issuer-key-usage': words('证书的颁发者无权颁发证书', 'A certificate was issued with a key that may not do so'),
  'issuer-revoked': words('颁发机构的证书已被吊销', 'The certificate of the issuing authority is revoked'),
  'path-too-long': words('证书链超过允许的长度', 'The certificate chain is longer than it may be'),
  'name-chaining': words('证书链前后名称不符', 'The names in the certificate chain do not follow each other'),
  'issuer-purpose': words(
    '颁发机构无权为这种用途颁发证书',
    'A certificate was issued by an authority that is not for this purpose',
  ),
  'certificate-signature-wrong': words('证书的签名验证不通过', 'The signature of a certificate does not verify'),
  'path-search-limit': words('附带的证书太多太乱，没有全部尝试', 'There were too many certificates to try them all'),
  'name-not-permitted': words(
    '证书中的名称超出了颁发机构的权限范围',
    'A certificate bears a name that its authority is not permitted to issue for',
  ),
  'name-excluded': words(
    '证书中的名称属于颁发机构不得颁发的范围',
    'A certificate bears a name that its authority is barred from',
  ),
  'name-constraints-unsupported': words(
    '颁发机构的名称限制无法处理',
    'The name constraints of an authority cannot be processed',
  ),
  'policy-missing': words('证书链没有共同认可的证书策略', 'No accepted certificate policy holds for the whole chain'),
  'policy-mapping-any': words('证书中的策略映射不符合规定', 'A certificate maps policies in a way that is not allowed'),
  'leaf-is-ca': words('签署人用的是机构证书，不能用来签署', 'The certificate of the signer is that of an authority'),
  'leaf-key-usage': words('签署人的证书不能用来签名', 'The certificate of the signer may not sign'),
  'leaf-purpose': words('签署人的证书不能用于这种用途', 'The certificate of the signer is not for this purpose'),
  'not-yet-valid': words('有效期还没有开始', 'Its validity has not begun'),
  expired: words('已过有效期', 'Its validity is over'),
  revoked: words('证书已被吊销', 'The certificate is revoked'),
  'revocation-unknown': words('暂时查不到证书是否被吊销', 'Whether the certificate is revoked cannot be told now'),
  'existence-not-proven': words(
    '没有证据表明校验所需的材料当时已经存在',
    'Nothing proves that what the check needs existed at the time',
  ),
  'good-at-proven-time': words(
    '证书如今已失效，但时间戳证明签署时它是有效的',
    'The certificate has ended since, but time stamps prove that it was good when the signature was made',
  ),
  'crl-missing': words('没有找到证书的吊销列表', 'There is no revocation list for a certificate'),
  'crl-out-of-date': words('吊销列表已过期', 'The revocation list is out of date'),
  'crl-from-future': words('吊销列表的签发时间在将来', 'The revocation list is dated in the future'),
  'crl-extension-unknown': words(
    '吊销列表中有本系统不认识的关键扩展',
    'The revocation list has a critical extension that is not known here',
  ),
  'crl-signature-wrong': words('吊销列表的签名验证不通过', 'The signature of the revocation list does not verify'),
  'crl-issuer-key-usage': words(
    '吊销列表的签发者无权签发',
    'The revocation list was signed with a key that may not do so',
  ),
  'crl-issuer-not-trusted': words('吊销列表的签发者不可信', 'The issuer of the revocation list is not trusted'),
  'crl-scope-other': words('吊销列表不覆盖这张证书', 'The revocation list does not cover this certificate'),
  'crl-delta-alone': words(
    '只有增量吊销列表，没有完整列表',
    'There is only a delta revocation list without the one it goes on from',
  ),
  'crl-reasons-incomplete': words(
    '吊销列表没有覆盖全部吊销原因',
    'The revocation lists do not cover every reason for revocation',
  ),
  'ocsp-out-of-date': words('证书状态应答（OCSP）已过期', 'The certificate status answer (OCSP) is out of date'),
  'ocsp-from-future': words(
    '证书状态应答（OCSP）的时间在将来',
    'The certificate status answer (OCSP) is dated in the future',
  ),
  'ocsp-status-unknown': words(
    '证书状态应答（OCSP）说不知道这张证书',
    'The certificate status answer (OCSP) says that it does not know the certificate',
  ),
  'ocsp-extension-unknown': words(
    '证书状态应答（OCSP）中有本系统不认识的关键扩展',
    'The certificate status answer (OCSP) has a critical extension that is not known here',
  ),
  'ocsp-signature-wrong': words(
    '证书状态应答（OCSP）的签名验证不通过',
    'The signature of the certificate status answer (OCSP) does not verify',
  ),
  'ocsp-responder-not-trusted': words(
    '证书状态应答（OCSP）不是由颁发机构授权的一方作出',
    'The certificate status answer (OCSP) is not by anybody whom the issuer has authorised',
  ),

  // time stamps
  'malformed-timestamp': words('时间戳已损坏', 'The time stamp is damaged'),
  'imprint-mismatch': words('时间戳不是为这个签名出具的', 'The time stamp is over something else'),
  'time-stamp-invalid': words('时间戳验证不通过', 'The time stamp does not verify'),
  'time-stamp-not-accepted': words(
    '时间戳未被采信，按核验时的时间判断',
    'The time stamp was not accepted; it was judged as of now',
  ),
  'time-stamp-not-trusted': words(
    '时间戳不是由可信机构出具的',
    'The time stamp does not come from a trusted authority',
  ),
  'time-stamp-surplus': words('另有时间戳没有核验', 'There are further time stamps, which were not judged'),
  'time-stamp-damaged': words(
    '时间戳已损坏，无法判断它证明了什么',
    'A time stamp is damaged, and what it proved cannot be told',
  ),
  'time-stamps-out-of-order': words('时间戳的先后顺序不对', 'The time stamps are in the wrong order'),
  'content-time-stamp-invalid': words('内容的时间戳验证不通过', 'The time stamp over the content does not verify'),

  // seals
  'seal-unknown': words('签章不是用本系统登记的印章作出的', 'The seal is not one registered here'),
  'seal-not-in-use': words('签署时印章已停用', 'The seal was not in use when it signed'),
  'seal-malformed': words('印章数据已损坏', 'The seal data is damaged'),
  'seal-maker-signature-wrong': words('印章不是由印章制作机构签发', 'The seal was not signed by a seal maker'),
  'seal-maker-not-trusted': words('印章制作机构不可信', 'The seal maker is not trusted'),
  'seal-extension-unknown': words(
    '印章中有本系统不认识的关键扩展',
    'The seal has a critical extension that is not known here',
  ),
  'seal-face-altered': words('印章图像与备案的不一致', 'The picture of the seal is not the registered one'),
  'seal-code-wrong': words('印章编码不符', 'The seal carries another seal code'),
  'seal-certificate-not-listed': words(
    '签署证书不在印章的证书名单里',
    'The signing certificate is not one of the seal’s',
  ),
  'seal-not-yet-valid': words('印章的有效期还没有开始', 'The validity of the seal has not begun'),
  'seal-expired': words('印章已过有效期', 'The validity of the seal is over'),

  // licence codes
  'text-too-long': words('内容比任何二维码都长', 'The text is longer than any QR code holds'),
  'link-foreign': words('链接不是指向本系统的', 'The link does not lead to this service'),
  'form-not-supported': words('不支持这种证照码', 'This form of licence code is not supported'),
  'end-mark-missing': words('链接不完整，后面被截断了', 'The link was cut off'),
  'base45-malformed': words('二维码中有不允许的字符', 'The code has characters that do not belong there'),
  'base32-malformed': words('链接中有不允许的字符', 'The link has characters that do not belong there'),
  'compression-malformed': words('二维码中的压缩数据已损坏', 'The compressed data in the code is damaged'),
  'cbor-malformed': words('二维码中的数据已损坏', 'The data in the code is damaged'),
  'cose-malformed': words('二维码中的签名结构已损坏', 'The signature structure in the code is damaged'),
  'cose-header-wrong': words(
    '二维码中的签名声明不符合规定',
    'The header of the signature in the code is not as it must be',
  ),
  'claims-malformed': words('二维码中的证照信息不符合规定', 'The licence data in the code is not as it must be'),
  'issuer-key-unknown': words('不是由本系统认可的发证机关签发', 'It was not signed by an authority recognised here'),
  'issuer-not-allowed': words('签发密钥属于另一个机关', 'The signing key belongs to another authority'),
  'type-not-allowed': words('该机关无权签发这种证照', 'That authority may not issue this type of licence'),
  'issuer-certificate-wrong': words('发证机关的证书与密钥不符', 'The certificate of the authority is for another key'),
  'issuer-certificate-missing': words('发证机关的密钥没有证书', 'The key of the authority has no certificate'),
  'issued-in-future': words('签发时间在将来', 'Its date of issue lies in the future'),
  'licence-not-registered': words('登记簿里没有这张证照', 'The register does not know this licence'),
  'licence-not-issued': words('这张证照没有签发完成', 'This licence was never issued'),
  'licence-suspended': words('证照已被暂扣', 'The licence is suspended'),
  'licence-revoked': words('证照已被吊销', 'The licence is revoked'),
};

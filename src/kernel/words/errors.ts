// What a person is told for each error code: what happened and what to do next. Exhaustive over ErrorCode by type.

import type { ErrorCode } from '../errors.ts';
import type { Words } from './language.ts';
import { words } from './language.ts';

export const errorWords: Readonly<Record<ErrorCode, Words>> = {
  'malformed-request': words(
    '提交的内容不完整或格式不对。请检查后重新提交。',
    'The request is incomplete or malformed. Check it and send it again.',
  ),
  'request-too-large': words(
    '内容超过大小限制。请换一个较小的文件。',
    'This is over the size limit. Use a smaller file.',
  ),
  'unsupported-media-type': words(
    '不支持这种文件。请使用 PDF 文件。',
    'This kind of file is not supported. Use a PDF file.',
  ),
  'not-found': words(
    '没有找到这个页面。请检查地址，或返回首页。',
    'There is no such page. Check the address, or go to the front page.',
  ),
  'method-not-allowed': words(
    '这个地址不支持这种操作。请返回上一页重试。',
    'This address does not allow that. Go back and try again.',
  ),
  'not-acceptable': words('无法按要求的格式提供内容。', 'This cannot be delivered in the format asked for.'),
  'precondition-required': words('请先打开最新内容再修改。', 'Open the present state first, and change it from there.'),
  'precondition-failed': words(
    '内容已被其他人修改。请重新打开，核对后再改。',
    'Somebody else has changed this meanwhile. Open it again, and look at it before you change it.',
  ),
  'too-many-requests': words('操作太频繁。请稍等片刻再试。', 'Too many attempts. Wait a little and try again.'),
  'idempotency-key-reused': words(
    '同一个请求编号被用于不同的内容。请刷新页面重新操作。',
    'The request key was used for something else. Reload the page and start again.',
  ),
  'cursor-invalid': words(
    '翻页位置已失效。请回到第一页。',
    'This place in the list is no longer valid. Go back to the first page.',
  ),

  'token-missing': words('请先登录。', 'Sign in first.'),
  'token-invalid': words('登录状态无效。请重新登录。', 'Your sign-in is not valid. Sign in again.'),
  'token-expired': words('登录已过期。请重新登录。', 'Your sign-in has expired. Sign in again.'),
  'scope-missing': words('当前应用没有获得此项授权。', 'This application was not granted that permission.'),
  'step-up-required': words(
    '此事项需要更高的实名等级，您的账号或这次登录的等级不够。',
    'This needs a higher real-name level than your account or this sign-in has.',
  ),
  forbidden: words(
    '您的账号没有办理此事项的权限。如需办理，请联系管理员。',
    'Your account may not do this. Ask an administrator if you need it.',
  ),

  'credentials-wrong': words('用户名或密码不正确。请重新输入。', 'The user name or password is wrong. Try again.'),
  'account-locked': words('账号已暂时锁定。请稍后再试。', 'This account is locked for a while. Try again later.'),
  'factor-not-found': words('没有这种验证方式。', 'There is no such way to sign in.'),
  'factor-in-use': words('该验证方式已绑定到另一账号。', 'It belongs to another account already.'),
  'factor-last': words(
    '这是您唯一的登录方式。请先添加另一种。',
    'This is your only way to sign in. Add another one first.',
  ),
  'password-refused': words(
    '这个密码太容易被猜到。请换一个。',
    'This password is too easy to guess. Please choose another one.',
  ),
  'phone-number-invalid': words('请填写中国大陆手机号码。', 'Please give a mobile number of the mainland of China.'),
  'sms-unavailable': words('暂时无法发送短信。请稍后再试。', 'Text messages cannot be sent now. Try again later.'),
  'upstream-unavailable': words(
    '暂时无法连接该平台。请稍后再试，或换一种方式登录。',
    'That platform cannot be reached now. Try later, or sign in another way.',
  ),
  'upstream-failed': words(
    '未能通过该平台登录。请重试，或换一种方式登录。',
    'Signing in through that platform did not work. Try again, or sign in another way.',
  ),
  'upstream-linked-elsewhere': words(
    '该平台账号或本账号已与其他账号关联。请先解除原有关联。',
    'The account of that platform or this account is linked with another one. Take that link back first.',
  ),
  'upstream-other-person': words(
    '该平台给出的身份与本账号的持有人不一致，不能关联。',
    'That platform names another person than the holder of this account, so they cannot be linked.',
  ),
  'interaction-expired': words(
    '登录页面已过期。请回到应用重新登录。',
    'This sign-in page has expired. Go back to the application and start again.',
  ),

  'client-not-found': words('没有找到这个业务系统。', 'There is no such business system.'),
  'registration-token-not-found': words('没有找到这个接入令牌。', 'There is no such registration token.'),
  'client-transition-forbidden': words(
    '业务系统当前的状态不允许这样变更。',
    'The business system cannot change this way from its present state.',
  ),
  'account-not-found': words('没有找到这个账号。', 'There is no such account.'),
  'session-not-found': words('没有找到这个登录会话。', 'There is no such session.'),
  'account-transition-forbidden': words(
    '账号当前的状态不允许这样变更。',
    'The account cannot change this way from its present state.',
  ),
  'organisation-not-found': words('没有找到这个单位。', 'There is no such organisation.'),
  'organisation-transition-forbidden': words(
    '单位当前的状态不允许这样变更。',
    'The organisation cannot change this way from its present state.',
  ),
  'mandate-not-found': words('没有找到这份授权，或者它已经失效。', 'There is no such mandate, or it no longer holds.'),
  'mandate-exists': words(
    '此人已经持有本单位的授权，或有待答复的授权。要更改，请先收回。',
    'This person has a mandate of the organisation already, or an offer of one. Take that back first.',
  ),
  'mandate-not-open': words(
    '这份授权已经答复、收回或过期。请刷新页面查看。',
    'This was answered, taken back or is over. Reload the page to see.',
  ),
  'representative-not-proven': words(
    '登记机关的记录显示，您不是该单位的法定代表人。请核对统一社会信用代码；如登记刚变更，请过几天再试。',
    'The register does not name you as the legal representative of this organisation. Check the code; after a recent change, try again in a few days.',
  ),
  'register-unavailable': words(
    '单位登记库暂时没有答复。请稍后再试。',
    'The register of organisations does not answer now. Try again later.',
  ),

  'malformed-pdf': words(
    'PDF 文件已损坏或结构不正确。请用原软件重新导出。',
    'The PDF is damaged or badly built. Export it again from its own program.',
  ),
  'encrypted-pdf': words('PDF 文件已加密。请先解除密码保护。', 'The PDF is encrypted. Remove its password first.'),
  'locked-pdf': words(
    'PDF 文件的签署设置不允许再修改。请使用未锁定的文件。',
    'The PDF was locked by an earlier signature. Use a file that is not locked.',
  ),
  'unsupported-pdf': words(
    '暂不支持这种 PDF 文件的特性。请另存为普通 PDF 再试。',
    'The PDF uses a feature that is not supported. Save it as a plain PDF and try again.',
  ),
  'malformed-ofd': words(
    'OFD 文件已损坏或结构不正确。请用原软件重新导出。',
    'The OFD is damaged or badly built. Export it again from its own program.',
  ),
  'locked-ofd': words(
    'OFD 文件中的签章不允许再签。请使用未锁定的文件。',
    'An earlier seal of the OFD allows no further one. Use a file that is not locked.',
  ),
  'unsupported-ofd': words(
    '暂不支持这种 OFD 文件的特性。请另存为普通 OFD 再试。',
    'The OFD uses a feature that is not supported. Save it as a plain OFD and try again.',
  ),
  'document-unreadable': words(
    '无法读取这个文件。请确认文件完整。',
    'The file cannot be read. Check that it is complete.',
  ),
  'document-not-found': words('没有找到这份文件。请重新上传。', 'There is no such document. Upload it again.'),
  'malformed-image': words(
    '图片已损坏或格式不对。请换一张图片。',
    'The picture is damaged or of the wrong kind. Use another one.',
  ),

  'seal-not-found': words('没有找到这枚印章。', 'There is no such seal.'),
  'seal-not-active': words(
    '这枚印章目前不可用。请选择其他印章，或联系印章管理员。',
    'This seal is not in use now. Choose another, or ask whoever keeps the seals.',
  ),
  'seal-expired': words(
    '这枚印章已过有效期。请联系印章管理员。',
    'This seal has expired. Ask whoever keeps the seals.',
  ),
  'use-not-allowed': words(
    '这枚印章的用印规则不允许这样用印。请核对用印人、事由和文件类别，或联系本单位管印章的人。',
    'The rules for this seal do not allow this use. Check who uses it, the purpose and the class of the document, or ask whoever keeps your seals.',
  ),
  'document-class-required': words(
    '这枚印章用印时必须写明文件类别。',
    'A use of this seal must name the class of the document.',
  ),
  'outside-hours': words('现在不在这枚印章的用印时间内。', 'The seal is not used at this time of the week.'),
  'quota-exhausted': words(
    '用印次数已达到限额。请等下一个周期，或联系本单位管印章的人。',
    'The number of uses allowed has been reached. Wait for the next period, or ask whoever keeps your seals.',
  ),
  'stamping-request-not-found': words('没有找到这项用印申请。', 'There is no such request for a stamping.'),
  'stamping-request-not-open': words(
    '这项用印申请已经办理、退回、撤回或过期。',
    'This request was decided, withdrawn, or has expired.',
  ),
  'stamping-request-changed': words(
    '用印规则或文件与申请时不一致。请重新提交申请。',
    'The rules or the document are no longer those of the request. Send a new request.',
  ),
  'seal-transition-forbidden': words(
    '印章当前的状态不允许这样变更。',
    'The seal cannot change this way from its present state.',
  ),
  'seal-picture-changed': words(
    '申请的印章图样与您看到的不同，请重新查看后再批准。',
    'The application has another picture than you looked at. Look again before you approve.',
  ),
  'stamping-not-found': words('没有找到这次用印。', 'There is no such stamping.'),
  'stamping-not-ready': words('盖章尚未完成。请稍后刷新。', 'The stamping is not finished. Reload in a moment.'),
  'stamping-in-doubt': words(
    '这次盖章的结果尚不明确，系统正在核实。请勿重复盖章。',
    'The outcome of this stamping is being checked. Do not stamp again.',
  ),
  'stamping-batch-not-found': words('没有找到这个批量盖章任务。', 'There is no such batch of stampings.'),
  'digest-stamping-ended': words(
    '此次摘要用印已使用或已过期，请重新准备文件。',
    'This stamping was used or is too old. Prepare the document again.',
  ),
  'placement-outside-page': words(
    '印章位置超出页面。请调整页码或坐标。',
    'The seal would be off the page. Change the page or the position.',
  ),
  'placement-occupied': words(
    '这个位置已经盖有另一枚印章。请换一个位置。',
    'Another seal stands there already. Choose another place.',
  ),
  'seam-page-left-over': words(
    '骑缝章至少要跨两页，现在有一页单独剩下。请调整页码范围或每组页数。',
    'A seal across an edge needs two pages, and one page is left alone. Change the pages or how many belong together.',
  ),
  'seam-slice-too-thin': words(
    '页数太多，每页分到的印章不足 1 毫米。请设置每隔几页加盖一枚。',
    'Too many pages: each would show less than a millimetre of the seal. Use one seal for every few pages.',
  ),
  'keyword-not-found': words(
    '文件中没有找到这些文字。请核对文字和第几处；扫描件没有文字，请改用坐标。',
    'The document does not have these words there. Check the words and which occurrence you want; a scan has no words, so use coordinates.',
  ),
  'keyword-search-refused': words(
    '这份文件的文字太多或太复杂，无法查找。请限定页码，或改用坐标。',
    'The text of this document is too much or too intricate to search. Name the pages, or use coordinates.',
  ),
  'field-not-found': words(
    '文件中没有这个签名域。请核对名称。',
    'The document has no signature field of this name. Check the name.',
  ),
  'field-filled': words(
    '这个签名域已经签署。请选择其他签名域。',
    'This signature field has been signed already. Choose another.',
  ),
  'field-too-small': words(
    '签名域比印章小，放不下。请选择其他签名域，或改用坐标。',
    'The seal does not fit into this signature field. Choose another, or use coordinates.',
  ),
  'field-not-usable': words(
    '这个签名域对签名另有要求，无法使用。请选择其他签名域，或联系文件的制作者。',
    'This signature field demands another kind of signature. Choose another, or ask whoever made the document.',
  ),
  'placement-not-supported': words(
    '暂不支持这种盖章位置。请改用坐标定位。',
    'This way of placing a seal is not supported. Use coordinates.',
  ),
  'policy-not-supported': words('暂不支持这种签章标准。', 'This signature policy is not supported.'),
  'level-not-supported': words('暂不支持这种签名等级。', 'This signature level is not supported.'),
  'certification-not-first': words(
    '文件已有签名或时间戳，只有第一个签名可以作为认证签名。',
    'The document is signed or time-stamped already; only the first signature can certify it.',
  ),
  'revocation-data-missing': words(
    '缺少长期验证所需的证书状态信息，未能达到所要求的签名等级。',
    'Revocation data that the signature level needs is missing for a certificate.',
  ),
  'product-not-verified': words(
    '盖章后的文件没有通过自检，未予发出。请重试或换一个文件。',
    'The stamped file failed our own check and was not released. Try again or use another file.',
  ),
  'glyph-missing': words(
    '印章文字中有系统字库没有的字。请联系管理员补充字库。',
    'The seal text has a character that our font lacks. Ask an administrator to add it.',
  ),

  'licence-type-not-found': words('没有找到这种证照类型。', 'There is no such licence type.'),
  'licence-not-found': words('没有找到这张证照。', 'There is no such licence.'),
  'licence-claims-invalid': words(
    '证照信息不符合要求。请检查标出的项目。',
    'The licence data does not fit its type. Check the items shown.',
  ),
  'licence-transition-forbidden': words(
    '证照当前的状态不允许这样变更。',
    'The licence cannot change this way from its present state.',
  ),
  'holder-identifier-invalid': words(
    '持证人的证件号码不正确。请核对后重新填写。',
    'The identifier of the holder is wrong. Check it and enter it again.',
  ),
  'malformed-qr': words(
    '二维码内容不完整或不是证照码。请重新扫描或复制全部内容。',
    'The QR text is incomplete or no licence code. Scan again, or copy all of it.',
  ),
  'malformed-identifier': words(
    '编号格式不正确。请核对后重新填写。',
    'The identifier is malformed. Check it and enter it again.',
  ),

  'audit-entry-not-found': words('没有找到这条审计记录。', 'There is no such audit entry.'),
  'audit-entry-not-sequenced': words(
    '这条审计记录尚未入库。请稍后再查。',
    'This audit entry is not in the log yet. Look again in a moment.',
  ),
  'audit-fork': words(
    '审计日志前后不一致。请立即联系管理员。',
    'The audit log contradicts itself. Tell an administrator at once.',
  ),
  'audit-entry-archived': words(
    '这条审计记录已归档，不在本节点。证明仍可查询；原文请向管理员索取。',
    'This audit entry was archived and is not on this node. Its proofs are still here; ask an administrator for the entry.',
  ),
  'audit-archive-refused': words(
    '审计日志未能归档，原有数据没有改动。请管理员查看原因。',
    'The audit log was not archived, and nothing was changed. An administrator must look at the reason.',
  ),
  'alert-not-found': words('没有找到这条告警。', 'There is no such alert.'),
  'alert-acknowledged': words('这条告警已由他人确认。', 'Somebody acknowledged this alert already.'),
  'webhook-not-found': words('没有找到这个推送地址。', 'There is no such webhook.'),
  'webhook-url-refused': words(
    '这个推送地址不被允许。请填写可从公网访问的 https 地址。',
    'Nothing is sent to this address. Enter an https address that is reachable in public.',
  ),
  'delivery-not-dead': words(
    '这次推送没有失败，或推送地址已停用，不能重发。',
    'This delivery has not failed for good, or its webhook is not active, so it cannot be sent again.',
  ),

  'malformed-der': words('文件中的编码数据已损坏。', 'Encoded data in the file is damaged.'),
  'malformed-certificate': words('证书已损坏或格式不正确。', 'The certificate is damaged or malformed.'),
  'malformed-cms': words('签名数据已损坏或格式不正确。', 'The signature data is damaged or malformed.'),
  'malformed-timestamp': words('时间戳已损坏或格式不正确。', 'The time stamp is damaged or malformed.'),
  'malformed-cbor': words('二维码中的数据已损坏。', 'The data in the QR code is damaged.'),
  'malformed-base45': words(
    '二维码中有不允许的字符。请复制全部内容再试。',
    'The QR text has characters that do not belong there. Copy all of it and try again.',
  ),
  'malformed-base32': words(
    '链接中有不允许的字符。请复制完整链接再试。',
    'The link has characters that do not belong there. Copy all of it and try again.',
  ),

  'key-not-found': words(
    '系统缺少所需的密钥。请联系管理员。',
    'A key that is needed is missing. Tell an administrator.',
  ),
  'key-purpose-wrong': words(
    '密钥用途不符。请联系管理员。',
    'A key is meant for another purpose. Tell an administrator.',
  ),
  'key-state-wrong': words('密钥目前不可用。请联系管理员。', 'A key is not in use now. Tell an administrator.'),
  'key-unavailable': words('密钥服务暂时不可用。请稍后再试。', 'The key service is away for now. Try again later.'),
  'algorithm-not-supported': words('不支持这种密码算法。', 'This cryptographic algorithm is not supported.'),
  'certificate-lint-failed': words(
    '证书内容不符合规范，未予签发。请联系管理员。',
    'The certificate broke a rule and was not issued. Tell an administrator.',
  ),
  'certificate-not-found': words('没有找到这张证书。', 'There is no such certificate.'),
  'certificate-transition-forbidden': words(
    '证书当前的状态不允许这样变更。请先查看证书状态。',
    'The certificate is not in a state that allows this. Look at its status first.',
  ),
  'malformed-csr': words(
    '证书请求（CSR）格式不正确。请重新生成 PKCS#10 请求。',
    'The certificate request (CSR) is malformed. Make a new PKCS #10 request.',
  ),
  'csr-not-proven': words(
    '证书请求的签名不正确，不能证明申请人持有私钥。请重新生成请求。',
    'The signature of the request does not prove possession of the private key. Make a new request.',
  ),
  'csr-key-refused': words(
    '请求中的公钥强度不足、类型不符或曾被泄露。请用新的密钥重新申请。',
    'The key in the request is weak, of the wrong kind, or was compromised. Apply with a new key.',
  ),
  'malformed-ocsp': words(
    '证书状态查询或应答（OCSP）格式不正确。',
    'The certificate status request or answer (OCSP) is malformed.',
  ),
  'approval-required': words(
    '此事项须由他人批准。请先提交申请，再由另一人批准。',
    'This takes the approval of somebody else. Send a request, and have another person approve it.',
  ),
  'proposal-not-found': words('没有找到这项申请。', 'There is no such proposal.'),
  'proposal-not-open': words(
    '这项申请已办理、被驳回或已过期。如仍需办理，请重新提交。',
    'This proposal was decided or has expired. Propose it again if it is still wanted.',
  ),
  'proposal-self-approval': words(
    '不能批准自己提交的申请。请由另一人批准。',
    'You cannot approve what you asked for yourself. Another person must.',
  ),
  'proposal-changed': words(
    '批准的内容与申请的内容不一致。请重新核对后再批准。',
    'What was approved is not what was proposed. Read the proposal again.',
  ),
  'proposal-interrupted': words(
    '批准后办理中断，此事没有办成，也不会再办。如仍需办理，请重新提交申请。',
    'It was approved, but the work was interrupted before it was done. Nothing was done. Propose it again if it is still wanted.',
  ),
  'trust-anchor-in-force': words(
    '这张证书已经是信任锚。要变更用途，请先撤回。',
    'This certificate is a trust anchor already. To change its purposes, withdraw it first.',
  ),
  'trust-anchor-not-found': words('没有找到这个信任锚。', 'There is no such trust anchor.'),
  'timestamp-refused': words('时间戳服务拒绝了请求。请稍后再试。', 'The time stamp service refused. Try again later.'),
  'clock-unreliable': words(
    '系统时钟不可靠，暂停办理。请联系管理员。',
    'The clock of the system cannot be relied on. Tell an administrator.',
  ),

  'configuration-invalid': words(
    '系统配置有误。请联系管理员。',
    'The system is not set up correctly. Tell an administrator.',
  ),
  'database-unavailable': words('系统暂时无法办理。请稍后再试。', 'The service is away for now. Try again later.'),
  'migration-mismatch': words(
    '系统版本与数据不一致。请联系管理员。',
    'The program and its data do not match. Tell an administrator.',
  ),
  'shutting-down': words('系统正在重启。请稍后再试。', 'The service is restarting. Try again in a moment.'),
  internal: words(
    '系统出现意外错误，已记录。请稍后再试；如仍出现，请提供下面的编号。',
    'Something went wrong here and was recorded. Try again; if it happens again, quote the number below.',
  ),
};

/** For a code that this version does not know, e.g. from a newer server. */
export const unknownErrorWords = words(
  '系统返回了本页面不认识的结果。请刷新页面再试。',
  'The answer is one this page does not know. Reload the page and try again.',
);

/** The words of a code that came over the wire. */
export function wordsOfError(code: string): Words {
  return isErrorCode(code) ? errorWords[code] : unknownErrorWords;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorWords, code);
}

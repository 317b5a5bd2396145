// The page a browser gets for an error: what happened, what to do next, the code and number to quote.

import type { ErrorCode } from '../../kernel/errors.ts';
import { errorWords } from '../../kernel/words/errors.ts';
import type { Language, Words } from '../../kernel/words/language.ts';
import { words } from '../../kernel/words/language.ts';
import type { SafeHtml } from './html.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { siteText } from './text/site.ts';

export interface ProblemPage {
  readonly language: Language;
  readonly code: ErrorCode;
  readonly status: number;
  readonly requestId?: string;
  readonly sandbox?: boolean;
  readonly principalName?: string;
  /** Where a sign-in begins that satisfies what was missing. */
  readonly stepUpPath?: string;
  /** What is missing is a sign-in by passkey, not a level. */
  readonly byPasskey?: boolean;
}

/** Says nothing but the words of the code: details are for callers of the API. */
export function problemPage(page: ProblemPage): SafeHtml {
  const { language, code, status, requestId, stepUpPath, byPasskey = false } = page;
  const signInHelps = ['token-missing', 'token-invalid', 'token-expired', 'interaction-expired'].includes(code);
  const title = (byPasskey ? text.passkeyTitle : titleOf(code, status))[language];
  return layout({
    ...page,
    title,
    body: html`<div class="narrow">
<h1>${title}</h1>
<p class="lead">${(byPasskey ? text.passkey : errorWords[code])[language]}</p>
<dl class="facts">
<dt>${text.code[language]}</dt><dd><code>${code}</code> (${status})</dd>
${requestId !== undefined && html`<dt>${text.number[language]}</dt><dd><code>${requestId}</code></dd>`}
</dl>
<p class="actions">${stepUpPath !== undefined && html`<a class="button" href="${stepUpPath}">${(byPasskey ? text.byPasskey : text.stepUp)[language]}</a> `}${signInHelps && html`<a class="button" href="/sign-in">${siteText.signIn[language]}</a> `}<a class="button${(signInHelps || stepUpPath !== undefined) && ' button-plain'}" href="/">${siteText.back[language]}</a></p>
</div>`,
  });
}

function titleOf(code: ErrorCode, status: number): Words {
  if (code === 'step-up-required') return words('需要更高的实名等级', 'A higher real-name level is needed');
  return titles[status] ?? (status >= 500 ? ours : fallback);
}

const fallback = words('办理不成功', 'That did not work');
const ours = words('系统出错', 'Something went wrong here');

const titles: Readonly<Record<number, Words>> = {
  401: words('请先登录', 'Please sign in'),
  403: words('没有权限', 'Not allowed'),
  404: words('没有找到', 'Not found'),
  405: words('不支持这种操作', 'Not possible here'),
  409: words('暂时不能办理', 'Not possible now'),
  410: words('页面已过期', 'This page has expired'),
  413: words('内容太大', 'Too large'),
  415: words('文件类型不支持', 'File type not supported'),
  429: words('操作太频繁', 'Too many attempts'),
  503: words('暂时无法办理', 'Not available now'),
};

const text = {
  code: words('错误代码', 'Code'),
  number: words('请求编号', 'Number to quote'),
  passkeyTitle: words('请用通行密钥登录', 'Sign in with a passkey'),
  passkey: words(
    '管理操作须在五分钟内用通行密钥登录。刚才填写的内容已保留；如还没有通行密钥，请先在“我的账号”里添加。',
    'What administrators do needs a sign-in by passkey of the last five minutes. What you filled in is kept. Without a passkey yet, add one in your account first.',
  ),
  byPasskey: words('用通行密钥登录后继续', 'Sign in with a passkey and go on'),
  stepUp: words('提升等级后继续', 'Raise your level and go on'),
} as const;

// Somebody came from another platform and no account here is linked with it: link one, or make one. Or the platform's answer was none.

import type { InteractionView } from '../../identity/engine/interactions.ts';
import { termsVersion } from '../../identity/accounts/terms.ts';
import type { UpstreamSource } from '../../identity/upstream/upstream-source.ts';
import { type Language, words } from '../../kernel/words/language.ts';
import { html, type SafeHtml } from './html.ts';
import { layout } from './layout.ts';
import { registerText } from './text/register.ts';

export interface NewcomerForm {
  readonly loginName: string;
  readonly password: string;
  /** The wording that the person accepted. */
  readonly termsVersion: string;
}

export interface UpstreamPage {
  readonly language: Language;
  readonly sandbox: boolean;
  readonly view: InteractionView;
  /** Where the person came from; absent when nothing came of it. */
  readonly source: UpstreamSource | undefined;
  readonly loginName?: string;
  /** The name is taken or the password unfit. */
  readonly refused?: true;
}

const text = {
  title: words('首次通过该平台登录', 'First sign-in through this platform'),
  failedTitle: words('没有通过该平台登录', 'You did not come through'),
  failed: words(
    '登录已取消，或该平台的答复无效。您可以重试，或换一种方式登录。',
    'The sign-in was cancelled, or what came back was no answer to it. Try again, or sign in another way.',
  ),
  back: words('返回登录页面', 'Back to signing in'),
  proven: words('您已通过以下平台登录：', 'You have signed in at: '),
  linkTitle: words('我在这里已有账号', 'I have an account here'),
  link: words(
    '登录已有账号后，两者将关联，以后可直接通过该平台登录。',
    'Sign in to it once more, and the two are linked: from then on signing in there is enough.',
  ),
  linkSubmit: words('登录并关联', 'Sign in and link'),
  newTitle: words('我还没有账号', 'I have none yet'),
  newAccount: words(
    '为新账号取一个用户名和密码；该平台不可用时，您仍可用它登录。',
    'Choose a user name and a password: with them you can sign in when that platform is out of reach.',
  ),
  loginName: words('用户名', 'User name'),
  loginNameHint: words(
    '2 到 32 个字符：小写字母、数字、点、横线、下划线',
    '2 to 32 of a-z, 0-9, dot, dash and underscore',
  ),
  password: words('密码', 'Password'),
  passwordHint: words('至少 10 个字符，不含用户名', 'At least 10 characters, without the user name in it'),
  newSubmit: words('创建账号', 'Make an account'),
  cancel: words('取消并返回该服务', 'Cancel and go back to the service'),
  refused: words(
    '该用户名已被使用，或用户名、密码不符合要求，或尚未同意服务协议。请改正后再试。',
    'The user name is taken, the name or password does not fit, or the terms were not accepted. Please try again.',
  ),
} as const;

export function upstreamPage({ language, sandbox, view, source, loginName, refused }: UpstreamPage): SafeHtml {
  const action = `/sign-in/${view.uid}`;
  const title = source === undefined ? text.failedTitle[language] : text.title[language];
  return layout({
    title,
    language,
    sandbox,
    plain: true,
    languagePath: `${action}/upstream`,
    body: html`<div class="narrow">
<h1>${title}</h1>
${
  source === undefined
    ? html`<p class="lead">${text.failed[language]}</p><p><a class="target" href="${action}">${text.back[language]}</a></p>`
    : html`<p class="lead">${text.proven[language]}<strong>${language === 'en' ? source.nameEn : source.name}</strong></p>
${refused && html`<div class="error-summary" id="fault" role="alert"><p>${text.refused[language]}</p></div>`}
<form class="card" method="post" action="${action}/upstream/link">
<h2>${text.linkTitle[language]}</h2>
<p>${text.link[language]}</p>
<p class="actions"><button class="button" type="submit">${text.linkSubmit[language]}</button></p>
</form>
<form class="card" method="post" action="${action}/upstream/account">
<h2>${text.newTitle[language]}</h2>
<p>${text.newAccount[language]}</p>
<div class="field">
<label for="loginName">${text.loginName[language]}</label>
<p class="hint" id="loginName-hint">${text.loginNameHint[language]}</p>
<input id="loginName" name="loginName" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="32" value="${loginName ?? ''}" aria-describedby="${refused ? 'fault loginName-hint' : 'loginName-hint'}">
</div>
<div class="field">
<label for="password">${text.password[language]}</label>
<p class="hint" id="password-hint">${text.passwordHint[language]}</p>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="10" maxlength="512" aria-describedby="password-hint">
</div>
<label class="choice"><input type="checkbox" name="terms" value="${termsVersion}" required> <span>${registerText.accept[language]}<a href="/terms">${registerText.terms[language]}</a></span></label>
<p class="actions"><button class="button" type="submit">${text.newSubmit[language]}</button></p>
</form>`
}
<form method="post" action="${action}/cancel"><button class="quiet" type="submit">${text.cancel[language]}</button></form>
</div>`,
  });
}

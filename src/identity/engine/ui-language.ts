// The language in which a client wants people to be spoken to (ui_locales), kept for the pages of one sign-in; OpenID Connect Core 1.0, section 3.1.2.1.

import type { KoaContextWithOIDC } from 'oidc-provider';
import { type Language, languageIn } from '../../kernel/words/language.ts';

/** With `__Secure-` before it over https. It goes to the pages of one sign-in only: what a client wants is no choice of the person's. */
export const uiLanguageCookie = 'yinxin-ui-language';
const longestLocales = 200;

/** The first of ours in a list of tags by spaces. */
export function uiLanguageOf(uiLocales: unknown): Language | undefined {
  return typeof uiLocales === 'string' ? languageIn(uiLocales.slice(0, longestLocales).split(' ')) : undefined;
}

/** Tells the pages below `path`, however many of them there are, and takes nothing away from the person's own choice. */
export function tellUiLanguage(ctx: KoaContextWithOIDC, path: string, { ttlSeconds }: { ttlSeconds: number }): void {
  const language = uiLanguageOf(ctx.oidc.params?.['ui_locales']);
  if (language === undefined) return;
  const secure = ctx.oidc.issuer.startsWith('https:');
  ctx.cookies.set(`${secure ? '__Secure-' : ''}${uiLanguageCookie}`, language, {
    path,
    secure,
    httpOnly: true,
    sameSite: 'lax',
    signed: false,
    maxAge: ttlSeconds * 1000,
  });
}

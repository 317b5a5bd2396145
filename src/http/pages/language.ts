// Which language a page speaks: ?lang=, the cookie `lang`, the client's ui_locales (OpenID Connect Core 3.1.2.1), Accept-Language (RFC 9110, 12.5.4), Chinese.

import type { RequestHandler } from 'express';
import { uiLanguageCookie, uiLanguageOf } from '../../identity/engine/ui-language.ts';
import { type Language, languageIn, languages } from '../../kernel/words/language.ts';

const cookieName = 'lang';
const cookieSeconds = 365 * 24 * 3600;
const longestAcceptLanguage = 200; // browsers send under 100 characters; more is nobody's preference

/** The part of a request that is read; an Express request is one. */
export interface LanguageRequest {
  readonly query: unknown;
  readonly headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined };
}

export function languageOf(request: LanguageRequest): Language {
  return (
    asked(request.query) ??
    inCookie(request.headers.cookie, cookieName) ??
    uiLanguageOf(memberOf(request.query, 'ui_locales')) ??
    inCookie(request.headers.cookie, uiLanguageCookie) ??
    accepted(request.headers['accept-language']) ??
    'zh-CN'
  );
}

/** Remembers a language chosen with ?lang=; put it before every page. The cookie says nothing about anybody. */
export const rememberLanguage: RequestHandler = (request, response, next) => {
  const language = asked(request.query);
  if (language !== undefined) {
    response.cookie(cookieName, language, { path: '/', maxAge: cookieSeconds * 1000, sameSite: 'lax', httpOnly: true });
  }
  response.vary('Accept-Language').vary('Cookie');
  next();
};

function asked(query: unknown): Language | undefined {
  return named(memberOf(query, 'lang'));
}

function memberOf(query: unknown, name: 'lang' | 'ui_locales'): unknown {
  return typeof query === 'object' && query !== null && name in query ? Reflect.get(query, name) : undefined;
}

function inCookie(cookies: string | undefined, name: string): Language | undefined {
  for (const pair of cookies?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=');
    if (key === name || key === `__Secure-${name}`) return named(value);
  }
  return undefined;
}

/** The first range that is one of ours wins: with two languages, weights change nothing that users notice. */
function accepted(header: string | undefined): Language | undefined {
  const ranges = (header ?? '').slice(0, longestAcceptLanguage).split(',');
  return languageIn(ranges.map((range) => range.split(';')[0]?.trim() ?? ''));
}

function named(value: unknown): Language | undefined {
  return languages.find((language) => language === value);
}

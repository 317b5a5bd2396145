// Which language a page speaks: ?lang=, then the cookie `lang`, then Accept-Language (RFC 9110, 12.5.4), then Chinese.

import type { RequestHandler } from 'express';
import type { Language } from '../../kernel/words/language.ts';
import { languages } from '../../kernel/words/language.ts';

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
    remembered(request.headers.cookie) ??
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
  if (typeof query !== 'object' || query === null || !('lang' in query)) return undefined;
  return named(query.lang);
}

function remembered(cookie: string | undefined): Language | undefined {
  return named(/(?:^|;\s*)lang=([A-Za-z-]{2,5})(?:;|$)/.exec(cookie ?? '')?.[1]);
}

/** The first range that is one of ours wins: with two languages, weights change nothing that users notice. */
function accepted(header: string | undefined): Language | undefined {
  for (const range of (header ?? '').slice(0, longestAcceptLanguage).split(',')) {
    const tag = range.split(';')[0]?.trim().toLowerCase() ?? '';
    if (tag === 'zh' || tag.startsWith('zh-')) return 'zh-CN';
    if (tag === 'en' || tag.startsWith('en-')) return 'en';
  }
  return undefined;
}

function named(value: unknown): Language | undefined {
  return languages.find((language) => language === value);
}

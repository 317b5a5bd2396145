// A cookie with a token that leads to nothing but the steps of one journey of this browser: registering, getting back in.

import type { Request, Response } from 'express';

export interface BrowserToken {
  /** Empty when the browser has none. */
  read(request: Request): string;
  keep(response: Response, token: string): void;
  forget(response: Response): void;
}

/** As long as the longest journey: a code of five minutes, and half an hour for the form after it. */
const cookieSeconds = 35 * 60;

export function browserToken(journey: 'register' | 'recover', publicUrl: string): BrowserToken {
  const secure = publicUrl.startsWith('https:');
  const name = `${secure ? '__Host-' : ''}yinxin-${journey}`;
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure } as const;
  return {
    // Our tokens have one form; what has another was not made here.
    read: (request) => {
      const cookies = (request.headers.cookie ?? '').split(/;\s*/);
      const value = cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
      return /^[\w-]{43}$/.test(value) ? value : '';
    },
    keep: (response, token) => {
      response.cookie(name, token, { ...attributes, maxAge: cookieSeconds * 1000 });
    },
    forget: (response) => {
      response.clearCookie(name, attributes);
    },
  };
}

// Sends a page, with the headers every page has.

import type { Response } from 'express';
import type { SafeHtml } from './html.ts';

/** Pages may hold what only their reader may see, and the next reader may speak another language: no cache keeps them. */
export function sendPage(response: Response, page: SafeHtml, status = 200): void {
  response.status(status).type('html').set('cache-control', 'no-store').send(String(page));
}

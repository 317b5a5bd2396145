// Reads the body of a request to a page when the page knows who asks, and how much it takes.

import type { Request, RequestHandler } from 'express';
import { TrustError } from '../../kernel/errors.ts';

/** Called only after the caller is known, so that a stranger cannot make us hold a document. `reader`: of Express, e.g. `raw({ limit })`. Throws what it throws. */
export function readBody(reader: RequestHandler, request: Request): Promise<void> {
  const { res: response } = request;
  return new Promise((resolve, reject) => {
    if (response === undefined) reject(new TrustError('internal', 'a request without its answer'));
    else reader(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}

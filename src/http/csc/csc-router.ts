// Everything below /csc: the calls, what is not there, and refusals in the standard's words.

import { Router } from 'express';
import { TrustError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import { type Binding, apiRouter } from '../api.ts';
import { cscRefusals } from './csc-errors.ts';

export function cscRouter(bindings: readonly Binding[], log: Log): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(apiRouter(bindings));
  router.use('/csc', () => {
    throw new TrustError('not-found', 'there is no such method; see info');
  });
  router.use('/csc', cscRefusals(log));
  return router;
}

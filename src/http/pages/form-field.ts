// One field of a posted form: a text that stands exactly once, else nothing.

import type { Request } from 'express';
import { asObject } from '../../kernel/words/members.ts';

export function formField(request: Pick<Request, 'body'>, name: string): string {
  const body: unknown = request.body;
  const value = asObject(body)?.[name];
  return typeof value === 'string' ? value : '';
}

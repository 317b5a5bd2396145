// Whether a request comes from a browser that wants a page, or from a program that wants a problem document.

import type { Request } from 'express';

export function wantsPage(request: Request): boolean {
  return (
    !request.path.startsWith('/api/') &&
    request.accepts(['application/problem+json', 'application/json', 'text/html']) === 'text/html'
  );
}

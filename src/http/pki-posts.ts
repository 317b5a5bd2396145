// The short way for what programs post in great numbers, certificate status and time stamps: read, answered, written without the page's machinery.

import type { Request, RequestHandler, Response } from 'express';
import type { PkiServices } from './pki-endpoints.ts';
import { ocspHeaders, ocspLimitBytes, ocspRequestType } from './ocsp.ts';
import { timestampLimitBytes, timestampReplyHeaders, timestampRequestType } from './timestamp-post.ts';

interface Reply {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

type Kind = Readonly<{ type: string; limitBytes: number; reply: (body: Uint8Array) => Promise<Reply> }>;

/**
 * Takes only what is plain in every respect: a POST to the very path, of the very type, its length declared and within the limit,
 * not compressed. All else goes on to the ordinary endpoints, which give the same answers and all the refusals. `pageHeaders` go
 * before an error, because an error may become a page.
 */
export function pkiPosts(
  { ocsp, timestamps }: Pick<PkiServices, 'ocsp' | 'timestamps'>,
  pageHeaders: RequestHandler,
): RequestHandler {
  const status = (ca: string): Kind => ({
    type: ocspRequestType,
    limitBytes: ocspLimitBytes,
    reply: async (body) => {
      const answer = await ocsp.respond(ca, body);
      return { headers: ocspHeaders(answer), body: answer.der };
    },
  });
  const stamp = (suite?: 'gm'): Kind => ({
    type: timestampRequestType,
    limitBytes: timestampLimitBytes,
    reply: async (body) => ({ headers: timestampReplyHeaders, body: await timestamps.respond(body, suite) }),
  });
  const stamps = new Map([
    ['/tsa', stamp()],
    ['/tsa/sm2', stamp('gm')],
  ]);
  const kindOf = (url: string): Kind | undefined => {
    const [, ca] = /^\/ocsp\/([a-z0-9-]+)$/.exec(url) ?? [];
    return ca === undefined ? stamps.get(url) : status(ca);
  };
  return async (request, response, next) => {
    const kind = request.method === 'POST' ? kindOf(request.url) : undefined;
    if (kind === undefined || !isPlain(request, kind)) {
      next();
      return;
    }
    const body = await collected(request);
    try {
      write(response, await kind.reply(body));
    } catch (error) {
      pageHeaders(request, response, () => undefined);
      throw error;
    }
  };
}

function isPlain({ headers }: Request, { type, limitBytes }: Kind): boolean {
  const length = headers['content-length'];
  if (length === undefined || headers['content-encoding'] !== undefined || headers['content-type'] !== type)
    return false;
  return Number(length) > 0 && Number(length) <= limitBytes;
}

/** The parser ends the body at the declared length, which was judged. A caller who goes away half-way is forgotten with the promise. */
function collected(request: Request): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
  });
}

function write(response: Response, { headers, body }: Reply): void {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  response
    .writeHead(200, { ...headers, 'x-content-type-options': 'nosniff', 'content-length': bytes.length })
    .end(bytes);
}

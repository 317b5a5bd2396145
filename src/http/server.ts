// The HTTP server itself: limits on what a connection may cost, and Express without its per-request change of prototypes.

import type { Express } from 'express';
import http from 'node:http';

/**
 * Express swaps the prototypes of request and response on every request, which costs Node 20 three quarters of the CPU of a small
 * answer. Creating them with Express's prototypes in the first place leaves nothing to swap. From Node 24 on the swap is cheap.
 */
function nativePrototypes(app: Express): http.ServerOptions {
  if (Number(process.versions.node.split('.')[0]) >= 24) return {};
  function Request(this: http.IncomingMessage, ...parts: ConstructorParameters<typeof http.IncomingMessage>) {
    Reflect.apply(http.IncomingMessage as unknown as (...all: unknown[]) => void, this, parts);
  }
  Request.prototype = app.request;
  function Response(this: http.ServerResponse, ...parts: ConstructorParameters<typeof http.ServerResponse>) {
    Reflect.apply(http.ServerResponse as unknown as (...all: unknown[]) => void, this, parts);
  }
  Response.prototype = app.response;
  return { IncomingMessage: Request, ServerResponse: Response } as unknown as http.ServerOptions;
}

export function createServer(app: Express): http.Server {
  const server = http.createServer(
    {
      ...nativePrototypes(app),
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 120_000, // a document of the allowed size over a slow line
      keepAliveTimeout: 5_000,
    },
    app,
  );
  server.maxRequestsPerSocket = 10_000;
  return server;
}

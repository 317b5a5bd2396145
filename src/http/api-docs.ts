// The API's own documents: /openapi.yaml, and /docs where Swagger UI, served by us, draws it.

import { Router } from 'express';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { OperationShape } from '../contract/operation.ts';
import { openApiYaml } from './openapi-document.ts';

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Yinxin 印信 API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<noscript>The API as text: <a href="/openapi.yaml">/openapi.yaml</a></noscript>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `window.ui = SwaggerUIBundle({ url: '/openapi.yaml', dom_id: '#api', deepLinking: true, validatorUrl: null });
`;

/** Swagger UI sets style attributes and data: pictures; both are allowed on this page only. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function apiDocs(operations: readonly OperationShape[]): Router {
  const router = Router();
  // Printing it takes longer than anything else at a start, and most processes are never asked for it.
  let yaml: string | undefined;
  router.get('/openapi.yaml', (_request, response) => {
    response
      .type('application/yaml')
      .set('cache-control', 'public, max-age=60')
      .send((yaml ??= openApiYaml(operations)));
  });
  router.get('/docs', (_request, response) => {
    response.set('content-security-policy', contentSecurityPolicy).type('html').send(page);
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('text/javascript').send(start);
  });
  for (const file of swaggerFiles) {
    router.get(`/docs/${file}`, (_request, response) => {
      response.sendFile(join(swaggerFolder, file), { maxAge: '1h' });
    });
  }
  return router;
}

// Sends a page or a file, with the headers that all of them have.

import type { Response } from 'express';
import type { FileReply } from '../api.ts';
import type { SafeHtml } from './html.ts';

/** Pages may hold what only their reader may see, and the next reader may speak another language: no cache keeps them. */
export function sendPage(response: Response, page: SafeHtml, status = 200): void {
  response.status(status).type('html').set('cache-control', 'no-store').send(String(page));
}

/** A file for keeping, made for this caller. */
export function sendFile(response: Response, { bytes, mediaType, fileName }: FileReply): void {
  response
    .type(mediaType)
    .set('cache-control', 'no-store')
    .set('content-disposition', `attachment; filename="${fileName}"`)
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

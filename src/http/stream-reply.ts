// A long answer that is made while it is sent: at the reader's pace, ended when the reader goes, and cut when it fails, never ended as if whole.

import type { Response } from 'express';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface StreamReply {
  readonly mediaType: string;
  /** ASCII name for the Content-Disposition header. */
  readonly fileName: string;
  /** `signal` is aborted when nobody reads any more. What it throws after its first chunk cuts the connection. */
  readonly chunks: (signal: AbortSignal) => AsyncIterable<string | Uint8Array>;
}

/**
 * Answers 200 with the first chunk, so that what fails before it is still an ordinary refusal. Without a length the end of the answer is
 * its last, empty chunk (RFC 9112, 7.1): a connection that is cut is an answer that every client knows to be incomplete.
 */
export async function sendStream(response: Response, { mediaType, fileName, chunks }: StreamReply): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const iterator = chunks(gone.signal)[Symbol.asyncIterator]();
  const first = await iterator.next();
  response
    .status(200)
    .type(mediaType)
    .set('cache-control', 'no-store')
    .set('content-disposition', `attachment; filename="${fileName}"`);
  async function* all() {
    try {
      if (first.done !== true) yield first.value;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  try {
    await pipeline(Readable.from(all(), { objectMode: false, highWaterMark: 64 * 1024 }), response);
  } catch (error) {
    // Nobody is left to be told; whatever failed on our side is for the error border to log.
    if (!gone.signal.aborted || !response.destroyed) throw error;
    if (!isPremature(error)) throw error;
  }
}

function isPremature(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

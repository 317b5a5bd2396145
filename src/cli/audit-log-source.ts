// Where a log is read from: the C2SP tlog-tiles resources of a URL, or the same tree of files in a directory.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface LogSource {
  /** `checkpoint`, `key`, or `tile/…`; `undefined` when it is not there. Throws SourceUnreadable. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** The source cannot be reached or does not behave: nothing can be said about the log. */
export class SourceUnreadable extends Error {}

/** 256 leaves of 65,535 bytes and their lengths: nothing in a log is larger. */
const maxResourceSizeBytes = 256 * 65_537;
const requestLimitMs = 30_000;

/** `url` is the log's own (`…/log`) or that of the service it belongs to. */
export function urlSource(url: string): LogSource {
  const trimmed = url.replace(/\/+$/, '');
  const prefix = trimmed.endsWith('/log') ? trimmed : `${trimmed}/log`;
  return {
    read: async (path) => {
      try {
        const response = await fetch(`${prefix}/${path}`, {
          redirect: 'error',
          signal: AbortSignal.timeout(requestLimitMs),
        });
        if (response.status === 404) return undefined;
        if (!response.ok) throw new SourceUnreadable(`${prefix}/${path} answers ${response.status}`);
        return await limited(response, `${prefix}/${path}`);
      } catch (error) {
        if (error instanceof SourceUnreadable) throw error;
        throw new SourceUnreadable(`${prefix}/${path} cannot be read: ${reasonOf(error)}`);
      }
    },
  };
}

export function directorySource(directory: string): LogSource {
  return {
    read: async (path) => {
      try {
        return await readFile(join(directory, ...path.split('/')));
      } catch (error) {
        const missing = error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code));
        if (missing) return undefined;
        throw new SourceUnreadable(`${path} cannot be read: ${reasonOf(error)}`);
      }
    },
  };
}

/** A server that never ends its answer must not fill our memory. */
async function limited(response: Response, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxResourceSizeBytes) throw new SourceUnreadable(`${name} is too large`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? error.cause.message : error.message;
}

// Where a log is read from: the C2SP tlog-tiles resources of a URL, or the same tree of files in a directory.

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../kernel/clock.ts';

export interface LogSource {
  /**
   * `checkpoint`, `key`, or `tile/…`; `undefined` when it is not there. Throws SourceUnreadable, also when it is larger than
   * `maxSizeBytes`: who asks knows how large it may be.
   */
  read(path: string, maxSizeBytes: number): Promise<Uint8Array | undefined>;
}

/** The source cannot be reached or does not behave: nothing can be said about the log. */
export class SourceUnreadable extends Error {}

export interface UrlSourceOptions {
  /** A server that trickles could hold us for ever. */
  readonly limitMinutes?: number;
}

const requestLimitMs = 30_000;
const defaultLimitMinutes = 720;
const attempts = 4;
const firstPauseMs = 250;

/** `url` is the log's own (`…/log`) or that of the service it belongs to. */
export function urlSource(url: string, { limitMinutes = defaultLimitMinutes }: UrlSourceOptions = {}): LogSource {
  const trimmed = url.replace(/\/+$/, '');
  const prefix = trimmed.endsWith('/log') ? trimmed : `${trimmed}/log`;
  const beganMs = monotonicMs();
  return {
    read: async (path, maxSizeBytes) => {
      const address = `${prefix}/${path}`;
      for (let attempt = 1; ; attempt++) {
        if (monotonicMs() - beganMs > limitMinutes * 60_000)
          throw new SourceUnreadable(`${prefix} took more than ${limitMinutes} minutes`);
        const answer = await ask(address, maxSizeBytes);
        if (!('trouble' in answer)) return answer.bytes;
        if (!answer.passing || attempt >= attempts) throw new SourceUnreadable(`${address} ${answer.trouble}`);
        await new Promise((resolve) => {
          setTimeout(resolve, firstPauseMs * 2 ** attempt);
        });
      }
    },
  };
}

/** Reads at once: of many thousand small files each would cost more to wait for than to read. */
export function directorySource(directory: string): LogSource {
  return {
    read: async (path, maxSizeBytes) => {
      try {
        return contentOf(join(directory, ...path.split('/')), path, maxSizeBytes);
      } catch (error) {
        if (error instanceof SourceUnreadable) throw error;
        const missing = error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code));
        if (missing) return undefined;
        throw new SourceUnreadable(`${path} cannot be read: ${reasonOf(error)}`);
      }
    },
  };
}

/** A mirror of somebody else may hold a pipe that never ends or a file of any size: looked at before it is read, and not waited for. */
function contentOf(file: string, path: string, maxSizeBytes: number): Uint8Array {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new SourceUnreadable(`${path} is no file`);
    if (found.size > maxSizeBytes) throw new SourceUnreadable(`${path} is too large`);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

type Answer =
  | { readonly bytes: Uint8Array | undefined }
  | { readonly trouble: string /** It may be better soon. */; readonly passing: boolean };

async function ask(address: string, maxSizeBytes: number): Promise<Answer> {
  try {
    const response = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(requestLimitMs) });
    if (response.ok) return await limited(response, maxSizeBytes);
    await response.body?.cancel();
    if (response.status === 404) return { bytes: undefined };
    return { trouble: `answers ${response.status}`, passing: response.status === 429 || response.status >= 500 };
  } catch (error) {
    return { trouble: `cannot be read: ${reasonOf(error)}`, passing: true };
  }
}

/** Counted after any decompression: neither an endless answer nor a small one that unpacks to gigabytes fills our memory. */
async function limited(response: Response, maxSizeBytes: number): Promise<Answer> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxSizeBytes) return { trouble: 'is too large', passing: false };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? error.cause.message : error.message;
}

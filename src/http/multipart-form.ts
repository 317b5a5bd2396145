// A posted form with files, read part by part as it arrives, so that no more than one file is held; RFC 7578 over RFC 2046, 5.1.1.

import type { Request } from 'express';
import { fromUtf8 } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';

export interface FormPart {
  readonly name: string;
  /** As the browser told it, without a folder; absent: it is no file. */
  readonly fileName: string | undefined;
  readonly bytes: Uint8Array;
}

export interface FormLimits {
  readonly partSizeBytes: number;
  readonly formSizeBytes: number;
  readonly parts: number;
}

const maxHeaderBytes = 4096;
const lineEnd = Buffer.from('\r\n');
const blankLine = Buffer.from('\r\n\r\n');

/** Throws unsupported-media-type, request-too-large, malformed-request; also when the form ends before its end. */
export async function* formParts(request: Request, limits: FormLimits): AsyncGenerator<FormPart> {
  const delimiter = Buffer.from(`\r\n--${boundaryOf(request)}`);
  const reader = new DelimitedReader(request, limits.formSizeBytes);
  await reader.until(delimiter, maxHeaderBytes);
  for (let count = 0; !(await reader.next('--')); count++) {
    if (count === limits.parts) throw tooLarge(`a form of more than ${limits.parts} parts`);
    await reader.until(lineEnd, 0);
    const headers = fromUtf8(await reader.until(blankLine, maxHeaderBytes));
    const bytes = await reader.until(delimiter, limits.partSizeBytes);
    yield { ...namesIn(headers), bytes };
  }
}

function boundaryOf(request: Request): string {
  const boundary = /^multipart\/form-data *; *boundary="?([A-Za-z0-9'()+_,./:=?-]{1,70})"?$/i.exec(
    request.get('content-type') ?? '',
  )?.[1];
  if (boundary === undefined)
    throw new TrustError('unsupported-media-type', 'the body must be multipart/form-data', {
      details: { mediaTypes: ['multipart/form-data'] },
    });
  return boundary;
}

/** Browsers write quotes and line ends in names as %22, %0D and %0A (HTML, 4.10.22.8), and nothing else encoded. */
function namesIn(headers: string | undefined): { name: string; fileName: string | undefined } {
  const disposition = headers?.split('\r\n').find((line) => /^content-disposition:/i.test(line));
  const [, name, fileName] =
    /^content-disposition: *form-data; *name="([^"]{1,200})"(?:; *filename="([^"]*)")?$/i.exec(disposition ?? '') ?? [];
  if (name === undefined) throw malformed('a part of the form has no name');
  return { name, fileName: fileName?.split(/[/\\]/).at(-1) };
}

class DelimitedReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #maxBytes: number;
  /** As if a line had ended before the first byte, since the first delimiter may stand there. */
  #window: Buffer = lineEnd;
  #readBytes = 0;

  constructor(source: AsyncIterable<Buffer>, maxBytes: number) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#maxBytes = maxBytes;
  }

  /** What stands before the delimiter, which is passed over. Looks at every byte once, however it arrives. */
  async until(delimiter: Buffer, maxBytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    for (;;) {
      const at = this.#window.indexOf(delimiter);
      const found = at >= 0;
      // The delimiter may have begun in the last bytes.
      const safe = found ? at : Math.max(0, this.#window.length - delimiter.length + 1);
      parts.push(this.#window.subarray(0, safe));
      sizeBytes += safe;
      if (sizeBytes > maxBytes) throw tooLarge(`a part of the form has more than ${maxBytes} bytes`);
      this.#window = this.#window.subarray(found ? at + delimiter.length : safe);
      if (found) return Buffer.concat(parts);
      await this.#more();
    }
  }

  /** Whether these come next; if so they are passed over. */
  async next(text: string): Promise<boolean> {
    while (this.#window.length < text.length) await this.#more();
    if (this.#window.toString('latin1', 0, text.length) !== text) return false;
    this.#window = this.#window.subarray(text.length);
    return true;
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) throw malformed('the form ends before its end');
    this.#readBytes += next.value.length;
    if (this.#readBytes > this.#maxBytes) throw tooLarge(`a form has at most ${this.#maxBytes} bytes`);
    this.#window = Buffer.concat([this.#window, next.value]);
  }
}

function malformed(message: string): TrustError {
  return new TrustError('malformed-request', message);
}

function tooLarge(message: string): TrustError {
  return new TrustError('request-too-large', message);
}

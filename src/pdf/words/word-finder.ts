// Finds words in PDFs by a thread of its own, started on demand, with limits of time and memory; one file after the other.

import { Worker } from 'node:worker_threads';
import { TrustError } from '../../kernel/errors.ts';
import type { PdfWordQuery, PdfWords } from './find-words.ts';
import type { WordAnswer, WordTask } from './word-worker.ts';

const defaultTimeLimitMs = 20_000;
const defaultIdleMs = 30_000;
const maxWaiting = 32;
const maxBytes = 64 * 1024 * 1024;
const memory = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 };

interface Thread {
  readonly worker: Worker;
  /** Gets the answer to the present task, or why there is none. */
  answered: ((answer: WordAnswer) => void) | undefined;
}

export class WordFinder {
  readonly #timeLimitMs: number;
  readonly #idleMs: number;
  #thread: Thread | undefined;
  #idle: NodeJS.Timeout | undefined;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** A thread without work ends after `idleMs`; it never keeps the process alive. */
  constructor({ timeLimitMs = defaultTimeLimitMs, idleMs = defaultIdleMs } = {}) {
    this.#timeLimitMs = timeLimitMs;
    this.#idleMs = idleMs;
  }

  /** `bytes` is a document that the strict reader has accepted. Throws keyword-search-refused. */
  async find(bytes: Uint8Array, queries: readonly PdfWordQuery[]): Promise<PdfWords> {
    if (bytes.length > maxBytes) throw refused(`words are found in files of ${maxBytes} bytes at most`);
    if (this.#waiting >= maxWaiting) throw refused('too many files are being searched');
    this.#waiting += 1;
    const turn = this.#last.then(() => this.#run(bytes, queries)).finally(() => (this.#waiting -= 1));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run(bytes: Uint8Array, queries: readonly PdfWordQuery[]): Promise<PdfWords> {
    clearTimeout(this.#idle);
    const thread = (this.#thread ??= this.#started());
    thread.worker.ref();
    // A copy that is given away: the caller keeps its bytes, and nothing else of the memory they lie in is copied.
    const copy = new ArrayBuffer(bytes.length);
    const task: WordTask = { bytes: new Uint8Array(copy), queries };
    task.bytes.set(bytes);
    const answer = await new Promise<WordAnswer>((resolve) => {
      const limit = setTimeout(() => this.#end(thread, 'reading the text takes too long'), this.#timeLimitMs);
      thread.answered = (given) => {
        clearTimeout(limit);
        resolve(given);
      };
      thread.worker.postMessage(task, [copy]);
    });
    thread.answered = undefined;
    if (this.#thread === thread) {
      thread.worker.unref();
      this.#idle = setTimeout(() => this.#end(thread, ''), this.#idleMs).unref();
    }
    if ('words' in answer) return answer.words;
    throw refused(answer.refused);
  }

  #started(): Thread {
    const worker = new Worker(new URL('./word-worker.js', import.meta.url), { resourceLimits: memory });
    const thread: Thread = { worker, answered: undefined };
    worker.on('message', (answer: WordAnswer) => thread.answered?.(answer));
    worker.on('error', () => this.#end(thread, 'the text takes too much memory'));
    worker.on('exit', () => this.#end(thread, 'the text could not be read'));
    return thread;
  }

  #end(thread: Thread, reason: string): void {
    if (this.#thread === thread) this.#thread = undefined;
    void thread.worker.terminate();
    thread.answered?.({ refused: reason });
  }
}

function refused(reason: string): TrustError {
  return new TrustError('keyword-search-refused', `PDF: ${reason}`);
}

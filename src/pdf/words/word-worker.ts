// The thread in which the text of PDFs is read: what a hostile file makes of it ends with the thread, not with the service.

import { parentPort } from 'node:worker_threads';
import { findPdfWords, type PdfWordQuery, type PdfWords } from './find-words.ts';

export interface WordTask {
  readonly bytes: Uint8Array;
  readonly queries: readonly PdfWordQuery[];
}

export type WordAnswer = { readonly words: PdfWords } | { readonly refused: string };

parentPort?.on('message', ({ bytes, queries }: WordTask) => {
  findPdfWords(bytes, queries)
    .then((words): WordAnswer => ({ words }))
    .catch((error: unknown): WordAnswer => ({ refused: error instanceof Error ? error.message : 'unknown' }))
    .then((answer) => parentPort?.postMessage(answer, []))
    .catch(() => process.exit(1));
});

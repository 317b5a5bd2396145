// Asks the API for a verification and turns whatever comes back, or does not, into a view; it never rejects.

import { documentView } from '../../kernel/words/document-view.ts';
import { failedView, type Subject } from '../../kernel/words/failed-view.ts';
import type { Language } from '../../kernel/words/language.ts';
import { licenceView } from '../../kernel/words/licence-view.ts';
import { asObject, textAt } from '../../kernel/words/members.ts';
import type { ReportView } from '../../kernel/words/report-view.ts';

export interface Asking {
  readonly answer: Promise<ReportView>;
  cancel(): void;
}

/** `onProgress`: share of the file that has gone out, 0 to 1. */
export function askAboutDocument(file: Blob, onProgress: (share: number) => void): Asking {
  return ask('document', '/api/v1/verifications', onProgress, async () => ({
    body: file,
    contentType: await mediaTypeOf(file),
  }));
}

export function askAboutLicence(text: string): Asking {
  return ask(
    'licence',
    '/api/v1/licence-verifications',
    () => undefined,
    async () => ({
      body: JSON.stringify({ text }),
      contentType: 'application/json',
    }),
  );
}

/** The same report to be printed; the file is judged again, because nothing of it was kept. `undefined` when it could not be had. */
export async function printedReport(file: Blob, language: Language): Promise<Blob | undefined> {
  try {
    const headers = {
      'content-type': await mediaTypeOf(file),
      accept: 'application/pdf',
      'accept-language': language,
    };
    const response = await fetch('/api/v1/verifications', { method: 'POST', headers, body: file });
    return response.ok ? await response.blob() : undefined;
  } catch {
    return undefined;
  }
}

/** By content, never by name; the server decides again by itself. */
async function mediaTypeOf(file: Blob): Promise<string> {
  const head = new Uint8Array(await file.slice(0, 5).arrayBuffer());
  return String.fromCharCode(...head) === '%PDF-' ? 'application/pdf' : 'application/octet-stream';
}

const patienceMs = 120_000;

type Body = { body: Blob | string; contentType: string };

/** XMLHttpRequest, because fetch tells nothing of the progress of an upload. */
function ask(
  subject: Subject,
  path: string,
  onProgress: (share: number) => void,
  prepare: () => Promise<Body>,
): Asking {
  const request = new XMLHttpRequest();
  let cancelled = false;
  const answer = prepare().then(
    ({ body, contentType }) =>
      new Promise<ReportView>((resolve) => {
        const fail = () => resolve(failedView(subject, 'no-answer'));
        if (cancelled) {
          fail();
          return;
        }
        request.upload.addEventListener('progress', (event) => {
          onProgress(event.lengthComputable ? event.loaded / event.total : 0);
        });
        for (const trouble of ['error', 'abort', 'timeout']) request.addEventListener(trouble, fail);
        request.addEventListener('load', () => resolve(read(subject, request.status, request.responseText)));
        request.timeout = patienceMs;
        request.open('POST', path);
        request.setRequestHeader('content-type', contentType);
        request.setRequestHeader('accept', 'application/json, application/problem+json');
        request.send(body);
      }),
    () => failedView(subject, 'document-unreadable'), // the file vanished or changed under us
  );
  return {
    answer,
    cancel: () => {
      cancelled = true;
      request.abort();
    },
  };
}

function read(subject: Subject, status: number, text: string): ReportView {
  const json = parsed(text);
  if (status === 200) return subject === 'document' ? documentView(json) : licenceView(json);
  const problem = asObject(json);
  return failedView(subject, textAt(problem, 'code') ?? codeOfStatus(status), textAt(problem, 'requestId'));
}

/** A proxy in front of us answers without a problem document. */
function codeOfStatus(status: number): string {
  if (status === 413) return 'request-too-large';
  return status === 429 ? 'too-many-requests' : 'no-answer';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

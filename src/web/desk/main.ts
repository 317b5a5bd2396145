// Sends the desk's form: first the file as it is, then the order to stamp it; the page of the stamping comes next.

import { failedView } from '../../kernel/words/failed-view.ts';
import { faultWords } from '../../kernel/words/fault.ts';
import { asObject, type JsonObject, textAt } from '../../kernel/words/members.ts';
import { pageLanguage } from '../page-language.ts';
import { placeByHand } from './place-by-hand.ts';

class Refused extends Error {
  readonly code: string;
  /** The problem document, whose members say more. */
  readonly problem: JsonObject | undefined;

  constructor(code: string, problem?: JsonObject) {
    super(code);
    this.code = code;
    this.problem = problem;
  }
}

const form = document.querySelector<HTMLFormElement>('#stamp-form');
if (form !== null) {
  followSeal(form);
  previewOf(form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit(form);
  });
}

async function submit(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>('button[type=submit]');
  const state = form.querySelector('#stamp-state');
  const say = (text: string) => {
    if (state !== null) state.textContent = text;
  };
  if (button === null || button.disabled) return;
  button.disabled = true;
  tellFault(form, undefined);
  try {
    say(form.dataset['uploading'] ?? '');
    const documentId = await upload(chosenFile(form));
    say(form.dataset['stamping'] ?? '');
    location.assign(await stamp(form, documentId));
  } catch (error) {
    say('');
    tellFault(form, error instanceof Refused ? error : new Refused('no-answer'));
    button.disabled = false;
  }
}

function chosenSeal(form: HTMLFormElement): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>('input[name=seal]:checked');
}

function needsApproval(form: HTMLFormElement): boolean {
  return Number(chosenSeal(form)?.dataset['approvers'] ?? 0) > 0;
}

/** What the button does, and which purposes there are, depends on the seal. */
function followSeal(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>('button[type=submit]');
  const notice = form.querySelector<HTMLElement>('#needs-approval');
  const purposes = form.querySelector('#purposes');
  const show = () => {
    const asks = needsApproval(form);
    if (button !== null) button.textContent = (asks ? button.dataset['ask'] : button.dataset['stamp']) ?? '';
    if (notice !== null) notice.hidden = !asks;
    const allowed: unknown = JSON.parse(chosenSeal(form)?.dataset['purposes'] ?? '[]');
    purposes?.replaceChildren(
      ...(Array.isArray(allowed) ? allowed : []).map((purpose) => new Option(undefined, String(purpose))),
    );
  };
  form.addEventListener('change', show);
  show();
}

/** Where there is a PDF to be seen, the seal is placed on it. */
function previewOf(form: HTMLFormElement): void {
  const box = form.querySelector<HTMLElement>('#desk-preview');
  const file = form.querySelector<HTMLInputElement>('#file');
  if (box !== null && file !== null) placeByHand({ form, box, file, chosenSeal: () => chosenSeal(form) });
}

function chosenFile(form: HTMLFormElement): File {
  const file = form.querySelector<HTMLInputElement>('#file')?.files?.[0];
  if (file === undefined || file.size === 0) throw new Refused('malformed-request');
  if (file.size > Number(form.dataset['maxBytes'])) throw new Refused('request-too-large');
  return file;
}

function upload(file: File): Promise<string> {
  return post('/desk/documents', 'application/octet-stream', file, 'documentId');
}

/** Stamps, or asks for it where others must approve; the page of what came of it. */
async function stamp(form: HTMLFormElement, documentId: string): Promise<string> {
  const fields = [...new FormData(form)].filter(([, value]) => typeof value === 'string');
  const order = { ...Object.fromEntries(fields), documentId };
  const body = JSON.stringify(order);
  if (needsApproval(form))
    return `/desk/requests/${encodeURIComponent(await post('/desk/requests', 'application/json', body, 'requestId'))}`;
  return `/desk/stampings/${encodeURIComponent(await post('/desk/stampings', 'application/json', body, 'stampingId'))}`;
}

/** Answers one text member of the reply. The key makes a request that the network lost safe to send once more. */
async function post(path: string, contentType: string, body: Blob | string, member: string): Promise<string> {
  const headers = {
    'content-type': contentType,
    accept: 'application/json, application/problem+json',
    'idempotency-key': crypto.randomUUID(),
  };
  const send = () => fetch(path, { method: 'POST', headers, body });
  const response = await send().catch(send);
  const json = asObject(await response.json().catch(() => undefined));
  const answer = textAt(json, member);
  if (response.ok && answer !== undefined) return answer;
  throw new Refused(textAt(json, 'code') ?? 'no-answer', json);
}

function tellFault(form: HTMLFormElement, fault: Refused | undefined): void {
  const summary = form.querySelector<HTMLElement>('#stamp-fault');
  const line = summary?.querySelector('p');
  if (!summary || !line) return;
  summary.hidden = fault === undefined;
  line.textContent = fault === undefined ? '' : told(fault);
  if (fault !== undefined) summary.focus();
}

function told({ code, problem }: Refused): string {
  if (code !== 'no-answer') return faultWords(code, problem, pageLanguage());
  return failedView('document', code).findings[0]?.words[pageLanguage()] ?? code;
}

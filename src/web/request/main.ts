// Shows the document of a request with the seal where it will be; what is shown is hashed first, and another document cannot be approved.

import { asObject, numberAt, objectAt } from '../../kernel/words/members.ts';
import type { PlacedSeal, SealPicture } from '../preview/seal-on-page.ts';

const box = document.querySelector<HTMLElement>('#preview');
if (box !== null) void show(box);

/** More on one page are a wall that nobody looks at. */
const maxPages = 200;

async function show(box: HTMLElement): Promise<void> {
  const { dataset } = box;
  say(dataset['loading']);
  try {
    const response = await fetch(dataset['document'] ?? '', { credentials: 'same-origin' });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if ((await digestOf(bytes)) !== dataset['sha256']) {
      forbid();
      say(dataset['mismatch']);
      return;
    }
    const { PdfPages, putSeals } = await import('../preview/pdf-pages.ts');
    const pages = await PdfPages.open(bytes);
    const places = placesIn(dataset['places']);
    const draw = async (page: number) => {
      const element = document.createElement('div');
      element.className = 'preview-page';
      box.append(element);
      const shown = await pages.show(element, { page, label: `${dataset['page'] ?? ''} ${page}` });
      putSeals(
        shown,
        places.filter((place) => place.page === page),
        pictureOf(box),
      );
    };
    const all = Array.from({ length: pages.count }, (_, index) => index + 1);
    const sealed = all.filter((page) => places.some((place) => place.page === page));
    const first = (sealed.length > 0 ? sealed : all.slice(0, 1)).slice(0, maxPages);
    for (const page of first) await draw(page);
    say(dataset['checked']);
    if (first.length < pages.count)
      offerAll(box, dataset['all'] ?? '', () => drawAll(box, all.slice(0, maxPages), draw));
  } catch {
    say(dataset['failed']);
  }
}

/** In their order, instead of those with a seal only. */
async function drawAll(
  box: HTMLElement,
  pages: readonly number[],
  draw: (page: number) => Promise<void>,
): Promise<void> {
  box.replaceChildren();
  for (const page of pages) await draw(page);
}

function offerAll(box: HTMLElement, label: string, does: () => Promise<void>): void {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button button-plain';
  button.textContent = label;
  button.addEventListener('click', () => {
    button.remove();
    void does();
  });
  box.after(button);
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function forbid(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('#approve-form button')) button.disabled = true;
}

function say(text: string | undefined): void {
  const state = document.querySelector('#preview-state');
  if (state !== null) state.textContent = text ?? '';
}

function pictureOf({ dataset }: HTMLElement): SealPicture {
  return {
    url: dataset['picture'] ?? '',
    name: dataset['seal'] ?? '',
    widthMm: Number(dataset['widthMm']),
    heightMm: Number(dataset['heightMm']),
  };
}

function placesIn(text: string | undefined): PlacedSeal[] {
  const list: unknown = JSON.parse(text ?? '[]');
  return (Array.isArray(list) ? list : []).flatMap((item) => {
    const place = asObject(item);
    const [page, xMm, yMm] = [numberAt(place, 'page'), numberAt(place, 'xMm'), numberAt(place, 'yMm')];
    if (page === undefined || xMm === undefined || yMm === undefined) return [];
    const clip = areaIn(objectAt(place, 'clip'));
    return [{ page, xMm, yMm, ...(clip !== undefined && { clip }) }];
  });
}

function areaIn(area: ReturnType<typeof objectAt>): PlacedSeal['clip'] {
  const [xMm, yMm] = [numberAt(area, 'xMm'), numberAt(area, 'yMm')];
  const [widthMm, heightMm] = [numberAt(area, 'widthMm'), numberAt(area, 'heightMm')];
  if (xMm === undefined || yMm === undefined || widthMm === undefined || heightMm === undefined) return undefined;
  return { xMm, yMm, widthMm, heightMm };
}

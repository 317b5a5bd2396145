// Placing a seal on the page that is seen: by a press, by arrow keys, or by typing millimetres, all of them the same three fields; WCAG 2.2, 2.5.7.

import type { PdfPages } from '../preview/pdf-pages.ts';
import { moveTo } from '../preview/seal-on-page.ts';

export interface PlacingForm {
  readonly form: HTMLFormElement;
  readonly box: HTMLElement;
  readonly file: HTMLInputElement;
  readonly chosenSeal: () => HTMLInputElement | null;
}

const stepMm = 1;
const fineStepMm = 0.1;
const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function placeByHand({ form, box, file, chosenSeal }: PlacingForm): void {
  const sheet = box.querySelector<HTMLElement>('.preview-page');
  const state = box.querySelector('[role=status]');
  const [page, x, y] = ['#page', '#x', '#y'].map((id) => form.querySelector<HTMLInputElement>(id));
  if (sheet === null || !page || !x || !y) return;
  const handle = document.createElement('button');
  handle.type = 'button';
  handle.className = 'placed-seal seal-handle';
  handle.setAttribute('aria-label', box.dataset['handle'] ?? '');
  const image = document.createElement('img');
  image.alt = '';
  handle.append(image);
  let pages: PdfPages | undefined;
  let size = { widthMm: 1, heightMm: 1 };
  /** One page after the other, so that the last that was asked for stays. */
  let drawn: Promise<void> = Promise.resolve();

  const draw = () => {
    const seal = chosenSeal();
    const [widthMm, heightMm] = [Number(seal?.dataset['widthMm']), Number(seal?.dataset['heightMm'])];
    image.src = seal?.closest('label')?.querySelector('img')?.src ?? '';
    moveTo(image, { widthMm, heightMm }, { leftMm: 0, topMm: 0, widthMm, heightMm });
    const [centreX, centreY] = [x.valueAsNumber || 0, y.valueAsNumber || 0];
    moveTo(handle, size, { leftMm: centreX - widthMm / 2, topMm: centreY - heightMm / 2, widthMm, heightMm });
  };
  const place = (xMm: number, yMm: number) => {
    x.valueAsNumber = rounded(Math.min(Math.max(xMm, 0), size.widthMm));
    y.valueAsNumber = rounded(Math.min(Math.max(yMm, 0), size.heightMm));
    draw();
  };
  const show = async () => {
    const number = page.valueAsNumber;
    if (pages === undefined || !(number >= 1 && number <= pages.count)) return;
    const shown = await pages.show(sheet, { page: number, label: `${box.dataset['page'] ?? ''} ${number}` });
    size = shown;
    sheet.append(handle);
    draw();
  };
  const open = async () => {
    pages = undefined;
    const chosen = file.files?.[0];
    box.hidden = true;
    if (chosen === undefined || !(await isPdf(chosen))) return;
    box.hidden = false;
    try {
      const { PdfPages } = await import('../preview/pdf-pages.ts');
      pages = await PdfPages.open(new Uint8Array(await chosen.arrayBuffer()));
      page.max = String(pages.count);
      if (state !== null) state.textContent = '';
      drawn = drawn.then(show);
      await drawn;
    } catch {
      sheet.replaceChildren();
      if (state !== null) state.textContent = box.dataset['failed'] ?? '';
    }
  };

  file.addEventListener('change', () => void open());
  page.addEventListener('change', () => {
    drawn = drawn.then(show);
  });
  form.addEventListener('change', draw);
  for (const field of [x, y]) field.addEventListener('input', draw);
  sheet.addEventListener('click', (event) => {
    if (handle.contains(event.target instanceof Node ? event.target : null)) return;
    const { left, top, width, height } = sheet.getBoundingClientRect();
    place(((event.clientX - left) / width) * size.widthMm, ((event.clientY - top) / height) * size.heightMm);
    handle.focus();
  });
  handle.addEventListener('keydown', (event) => {
    const arrow = arrows[event.key];
    if (arrow === undefined) return;
    event.preventDefault();
    const step = event.shiftKey ? fineStepMm : stepMm;
    place((x.valueAsNumber || 0) + arrow[0] * step, (y.valueAsNumber || 0) + arrow[1] * step);
  });
}

function rounded(mm: number): number {
  return Math.round(mm * 10) / 10;
}

/** By content: the name says nothing. */
async function isPdf(file: File): Promise<boolean> {
  return (await file.slice(0, 5).text()) === '%PDF-';
}

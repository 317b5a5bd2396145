// Pages of a PDF drawn in the browser, with pictures of seals where they will be; pdf.js from our own origin, without code from the document.

import { AnnotationMode, getDocument, GlobalWorkerOptions, type PDFDocumentProxy, version } from 'pdfjs-dist';
import { type PlacedSeal, type SealPicture, sealElement } from './seal-on-page.ts';

/** Character maps, fonts and the worker, as the build put them there. */
const files = `/assets/pdfjs-${version}/`;
/** A4 at 200 dots per inch; more than an eye sees on a screen, less than a page of metres costs. */
const maxPixels = 4_000_000;
const pointsPerMm = 72 / 25.4;

export interface ShownPage {
  /** Holds the page and the seals on it; as wide as its place. */
  readonly element: HTMLElement;
  readonly widthMm: number;
  readonly heightMm: number;
}

export class PdfPages {
  readonly #document: PDFDocumentProxy;

  private constructor(document: PDFDocumentProxy) {
    this.#document = document;
  }

  /** Rejects for what pdf.js does not read. */
  static async open(bytes: Uint8Array): Promise<PdfPages> {
    GlobalWorkerOptions.workerSrc = `${files}pdf.worker.min.mjs`;
    const task = getDocument({
      // The worker takes the bytes away.
      data: bytes.slice(),
      cMapUrl: `${files}cmaps/`,
      cMapPacked: true,
      standardFontDataUrl: `${files}standard_fonts/`,
      wasmUrl: `${files}wasm/`,
      iccUrl: `${files}iccs/`,
      // Our pages allow no code that is compiled from data: pictures are decoded by scripts.
      useWasm: false,
      // A font of ours instead of one that this computer has: everybody sees the same, and no style loads a file.
      useSystemFonts: false,
      isEvalSupported: false,
      enableXfa: false,
    });
    return new PdfPages(await task.promise);
  }

  get count(): number {
    return this.#document.numPages;
  }

  /** Draws a page, as it is shown, into `element`, which stands in the document already. `label`: for who does not see it. */
  async show(element: HTMLElement, { page: number, label }: { page: number; label: string }): Promise<ShownPage> {
    const page = await this.#document.getPage(number);
    const whole = page.getViewport({ scale: 1 });
    const wanted = (element.clientWidth * window.devicePixelRatio) / whole.width;
    const scale = Math.min(wanted, Math.sqrt(maxPixels / (whole.width * whole.height)));
    const viewport = page.getViewport({ scale });
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = Math.max(1, Math.floor(viewport.height));
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label);
    // Earlier seals are annotations, and must be seen.
    await page.render({ canvas, viewport, annotationMode: AnnotationMode.ENABLE }).promise;
    element.replaceChildren(canvas);
    return { element, widthMm: whole.width / pointsPerMm, heightMm: whole.height / pointsPerMm };
  }
}

/** The seals of one page, above what is drawn of it. */
export function putSeals(page: ShownPage, seals: readonly PlacedSeal[], picture: SealPicture): void {
  for (const seal of seals) page.element.append(sealElement(page, seal, picture));
}

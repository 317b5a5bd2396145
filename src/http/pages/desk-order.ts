// What the desk's form asks for, whether its script sends it or the browser: texts, of which those of the chosen way of placing count.

import { TrustError } from '../../kernel/errors.ts';
import { edges } from '../../seal/placing/seam.ts';
import { documentClasses } from '../../seal/use/document-class.ts';
import type { Placement, StampRequest } from '../../seal/stamp-request.ts';

export const placementKinds = ['position', 'keyword', 'seam', 'field'] as const;

/** Throws malformed-request. */
export function deskOrder(values: Readonly<Record<string, unknown>>, documentId: string): StampRequest {
  const form = new Values(values);
  return {
    sealId: form.optional('sealId') ?? form.text('seal'),
    documentId,
    purpose: form.text('purpose'),
    placements: [placementOf(form)],
    policy: 'intl',
    level: 'B-T',
    documentClass: documentClasses.find((name) => name === form.optional('documentClass')),
  };
}

function placementOf(form: Values): Placement {
  switch (form.optional('kind') ?? 'position') {
    case 'position':
      return { kind: 'position', page: form.number('page'), xMm: form.number('xMm'), yMm: form.number('yMm') };
    case 'keyword': {
      const all = form.optional('occurrence') === 'all';
      return {
        kind: 'keyword',
        text: form.text('text'),
        occurrence: all ? 'all' : form.number('occurrence', 1),
        dxMm: form.number('dxMm', 0),
        dyMm: form.number('dyMm', 0),
      };
    }
    case 'seam': {
      const edge = edges.find((one) => one === form.text('edge'));
      if (edge === undefined) throw incomplete();
      const every = form.optional('every') === undefined ? undefined : form.number('every');
      const offsetMm = form.optional('offsetMm') === undefined ? undefined : form.number('offsetMm');
      const facing = form.optional('facing') !== undefined;
      const pages = form.optional('pages')?.replaceAll(/\s/g, '').replaceAll('，', ',');
      return { kind: 'seam', edge, pages, offsetMm, ...(facing ? { facing } : { every }) };
    }
    case 'field':
      return { kind: 'field', name: form.text('field') };
    default:
      throw incomplete();
  }
}

class Values {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  /** `undefined` when it was left empty. */
  optional(name: string): string | undefined {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
  }

  text(name: string): string {
    const text = this.optional(name);
    if (text === undefined) throw incomplete();
    return text;
  }

  number(name: string, otherwise?: number): number {
    const text = this.optional(name);
    const value = text === undefined ? otherwise : Number(text);
    if (value === undefined || !Number.isFinite(value)) throw incomplete();
    return value;
  }
}

function incomplete(): TrustError {
  return new TrustError('malformed-request', 'the order is not complete');
}

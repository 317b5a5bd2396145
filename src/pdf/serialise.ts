// Writing PDF objects (ISO 32000-2, 7.3), each in one spelling.

import { PdfArray, PdfDict, PdfName, PdfRef, PdfStream, PdfString } from './objects.ts';
import type { PdfObject } from './objects.ts';

/** The bytes of an object, without `obj` and `endobj`. */
export function serialise(object: PdfObject): Buffer {
  if (!(object instanceof PdfStream)) return Buffer.from(textOfObject(object), 'latin1');
  const dict = object.dict.with({ Length: object.data.length });
  return Buffer.concat([
    Buffer.from(`${textOfObject(dict)}\nstream\n`, 'latin1'),
    object.data,
    Buffer.from('\nendstream', 'latin1'),
  ]);
}

/** One character a byte. */
function textOfObject(object: PdfObject): string {
  if (object === null) return 'null';
  if (typeof object === 'boolean') return String(object);
  if (typeof object === 'number') return numberText(object);
  if (object instanceof PdfName) return nameText(object.value);
  if (object instanceof PdfString) return stringText(object.bytes);
  if (object instanceof PdfRef) return object.toString();
  if (object instanceof PdfArray) return `[${object.items.map(textOfObject).join(' ')}]`;
  if (object instanceof PdfDict)
    return `<<${Array.from(object.entries, ([key, value]) => `${nameText(key)} ${textOfObject(value)}`).join(' ')}>>`;
  throw new TypeError('a stream cannot stand inside another object');
}

/** Without exponents (7.3.3) and without loss, so that a dictionary that is written again still says the same. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

function nameText(value: string): string {
  const escaped = value.replace(
    /[^!-~]|[#()<>[\]{}/%]/g,
    (character) => `#${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `/${escaped}`;
}

function stringText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes);
  if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) return `<${buffer.toString('hex')}>`;
  return `(${buffer.toString('latin1').replace(/[\\()]/g, (character) => `\\${character}`)})`;
}

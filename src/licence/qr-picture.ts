// The picture of a QR text as PNG (ISO/IEC 18004): mixed segments, level M for paper, quiet zone of four modules.

import { create, type QRCodeSegment, toBuffer } from 'qrcode';
import { utf8 } from '../kernel/bytes.ts';

const quietZoneModules = 4;
/** With fewer, a printer that scales the picture blurs the modules. */
const pixelsPerModule = 8;
/** Level M: what paper needs; a higher level makes smaller modules at the same size, which scan worse. */
const errorCorrectionLevel = 'M';

export interface QrSize {
  /** 1 to 40. */
  readonly version: number;
  readonly modules: number;
}

/** PNG; the encoder throws for a text beyond version 40, which no code of ours comes near. */
export async function qrPng(text: string): Promise<Uint8Array> {
  const png = await toBuffer(segments(text), {
    type: 'png',
    errorCorrectionLevel,
    margin: quietZoneModules,
    scale: pixelsPerModule,
  });
  return new Uint8Array(png);
}

/** How large the symbol of a text is, without drawing it. */
export function qrSize(text: string, level: 'L' | 'M' | 'Q' = errorCorrectionLevel): QrSize {
  const symbol = create(segments(text), { errorCorrectionLevel: level });
  return { version: symbol.version, modules: symbol.modules.size };
}

/**
 * A link is lower case up to its fragment and QR alphanumeric in it; two segments cost 5.5 bits a character there instead
 * of 8. The encoder splits texts by itself, but this split is known to be the best one and needs no search.
 */
function segments(text: string): QRCodeSegment[] {
  const start = text.indexOf('#') + 1;
  const [head, tail] = [text.slice(0, start), text.slice(start)];
  if (!/^[0-9A-Z $%*+\-./:]+$/.test(tail)) return [byteSegment(text)];
  const rest: QRCodeSegment = { data: tail, mode: 'alphanumeric' };
  return head === '' ? [rest] : [byteSegment(head), rest];
}

function byteSegment(text: string): QRCodeSegment {
  return { data: utf8(text), mode: 'byte' };
}

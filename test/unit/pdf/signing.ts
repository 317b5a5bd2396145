// Signing in tests: a picture whose only ink is its upper left quarter, and a value that is DER but no signature.

import type { VectorPicture } from '../../../src/codec/picture.ts';
import { segmentsFromSvgPath } from '../../../src/codec/picture.ts';
import { moment } from '../../../src/kernel/clock.ts';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import type { SignatureRequest } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';

export const quarterPicture: VectorPicture = {
  widthMm: 40,
  heightMm: 40,
  shapes: [{ path: segmentsFromSvgPath('M0 0H20V20H0Z'), fill: { red: 215, green: 0, blue: 15 }, rule: 'nonzero' }],
};

export const derValue = Uint8Array.from([0x30, 0x03, 0x02, 0x01, 0x05]);

export function request(bytes: Uint8Array, more: Partial<SignatureRequest> = {}): SignatureRequest {
  return {
    document: openPdf(bytes),
    stamps: [{ page: 1, xMm: 60, yMm: 60 }],
    picture: quarterPicture,
    signingTime: moment('2026-11-21T08:00:00Z'),
    contentsSizeBytes: 512,
    ...more,
  };
}

export function signed(bytes: Uint8Array, more: Partial<SignatureRequest> = {}): Uint8Array {
  return prepareSignature(request(bytes, more)).embed(derValue);
}

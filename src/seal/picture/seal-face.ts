// The face of a seal by its class: round with star (公章, 专用章), oval (发票专用章), square or rectangular (名章), and the sizes each has; 国发〔1999〕25号.

import type { Rgb, VectorPicture } from '../../codec/picture.ts';
import { TrustError } from '../../kernel/errors.ts';
import { titleOf, type SealWish } from '../life/wish.ts';
import type { SealType } from '../seal-record.ts';
import { encodeFace, type SealFace } from './face.ts';
import { ovalSeal } from './oval-seal.ts';
import { roundSeal, sealRed } from './round-seal.ts';
import { nameSeal } from './square-seal.ts';

/** Millimetres: the diameter of a round seal, width and height of others. The first of its class is the usual one. */
export const faceSizes = {
  round: { unit: [42, 45, 50], special: [40, 42] },
  oval: [
    { widthMm: 30, heightMm: 20 },
    { widthMm: 40, heightMm: 30 },
  ],
  name: [18, 20, 25],
} as const;

export type FaceForm = 'round' | 'oval' | 'square' | 'rectangle';

/** The forms a class can have; the first is the usual one. */
export const faceForms: Readonly<Record<SealType, readonly FaceForm[]>> = {
  unit: ['round'],
  finance: ['round'],
  contract: ['round'],
  special: ['round'],
  invoice: ['oval'],
  'legal-representative': ['square', 'rectangle'],
  person: ['square', 'rectangle'],
};

export interface FaceWords {
  readonly organisationName: string;
  readonly uscc: string;
  /** Absent before the application is approved: the code at the foot is then not drawn. */
  readonly sealCode?: string;
}

/** Throws `glyph-missing`, and `malformed-request` for a form or size that the class does not have. */
export function drawSealFace(wish: SealWish, words: FaceWords, colour: Rgb = sealRed): SealFace {
  const picture = drawn(wish, words, colour);
  return { picture, stored: encodeFace(picture) };
}

function drawn(wish: SealWish, { organisationName, uscc, sealCode }: FaceWords, colour: Rgb): VectorPicture {
  const { type, bearer = '' } = wish;
  const form = wish.form ?? faceForms[type][0] ?? 'round';
  if (!faceForms[type].includes(form)) throw refused(`a ${type} seal is not ${form}`);
  const title = titleOf(wish);
  if (form === 'round') {
    const diameterMm = sizeIn(type === 'unit' ? faceSizes.round.unit : faceSizes.round.special, wish.sizeMm);
    const lines = { ...(title === undefined ? {} : { title }), ...(sealCode === undefined ? {} : { code: sealCode }) };
    return roundSeal({ name: organisationName, diameterMm, colour, ...lines });
  }
  if (form === 'oval') {
    const widthMm = sizeIn(
      faceSizes.oval.map((size) => size.widthMm),
      wish.sizeMm,
    );
    const size = faceSizes.oval.find((known) => known.widthMm === widthMm) ?? faceSizes.oval[0];
    return ovalSeal({ name: organisationName, code: uscc, title: title ?? '', ...size, colour });
  }
  return nameSeal({ name: bearer, form, heightMm: sizeIn(faceSizes.name, wish.sizeMm), colour });
}

function sizeIn(sizes: readonly number[], wanted: number | undefined): number {
  const [usual = 42] = sizes;
  if (wanted === undefined) return usual;
  if (sizes.includes(wanted)) return wanted;
  throw refused(`such a seal has ${sizes.join(', ')} mm`);
}

function refused(reason: string): TrustError {
  return new TrustError('malformed-request', `seal face: ${reason}`);
}

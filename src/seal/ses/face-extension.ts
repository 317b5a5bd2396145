// The extension of our seals that binds the outlines shown in documents to the seal maker's signature (SES ExtData, own arc).

import { yinxinArc } from '../../codec/oids.ts';
import { faceDigest } from '../picture/face.ts';
import type { SesExtension } from './ses-value.ts';

/** Value: SHA-256 of the stored outlines, 32 octets. Not critical: other verifiers judge the PNG, which the maker signs too. */
export const faceExtensionOid = `${yinxinArc}.3.1`;

export function faceExtension(face: Uint8Array): SesExtension {
  return { oid: faceExtensionOid, critical: false, value: faceDigest(face) };
}

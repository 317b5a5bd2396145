// The trust anchors of other authorities, by what they are trusted for: certs/anchors/<purpose>/*.pem (or .crt, .cer, .der).

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from './certificate-files.ts';
import { isTrustError, TrustError } from './kernel/errors.ts';
import type { Certificate } from './pki/certificate.ts';
import {
  type AnchorPurpose,
  anchorPurposes,
  anchorsFromFile,
  isAnchorPurpose,
  type TrustAnchors,
} from './pki/trust-anchor.ts';

/**
 * Reads them all. An anchor is trusted for nothing but its folder's purpose. Whatever is not understood, be it a folder, a file
 * outside of them or a file that cannot be read, is `configuration-invalid`: it was put there to be trusted, and silence would hide
 * that it is not.
 */
export function readAnchors(directory: string): TrustAnchors {
  for (const { name } of listing(directory)) {
    const known = isAnchorPurpose(name) || name.startsWith('.') || name === 'README.md';
    if (!known) throw refused(`${name} in ${directory} is none of the folders ${anchorPurposes.join(', ')}`);
  }
  const read = (purpose: AnchorPurpose): Certificate[] => readFolder(directory, purpose);
  return {
    seal: read('seal'),
    'time-stamp': read('time-stamp'),
    licence: read('licence'),
    'seal-maker': read('seal-maker'),
  };
}

function readFolder(parent: string, purpose: AnchorPurpose): Certificate[] {
  const directory = join(parent, purpose);
  if (listing(directory).length === 0) return [];
  return filesOf(directory, 'certificates').flatMap(({ path, bytes }) => {
    try {
      return anchorsFromFile(bytes, [purpose]);
    } catch (error) {
      if (!isTrustError(error)) throw error;
      throw refused(`${path}: ${error.message}`);
    }
  });
}

/** Empty when there is no such folder: nothing is trusted then. */
function listing(directory: string): { name: string }[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw refused(`${directory} cannot be read`);
  }
}

function refused(detail: string): TrustError {
  return new TrustError('configuration-invalid', `trust anchors: ${detail}`);
}

// What a seal looks like and the seal as its maker signed it: both never change under one certificate, and are too large to be read at every use.

import type { Queryable } from '../db/database.ts';
import { toHex } from '../kernel/bytes.ts';
import type { Uuid } from '../kernel/ids.ts';

export interface SealForm {
  /** As its maker signed it; GM/T 0031-2025, SESeal. */
  readonly sesSeal: Uint8Array;
  /** Stored form of the outlines; see picture/face.ts. */
  readonly face: Uint8Array;
}

/** Of some 100 kB each. */
const mostKnown = 200;

export class SealForms {
  readonly #known = new Map<string, SealForm>();

  /** `undefined`: the seal has another certificate by now. */
  async of(on: Queryable, sealUuid: Uuid, certificateSha256: Uint8Array): Promise<SealForm | undefined> {
    const name = toHex(certificateSha256);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { rows } = await on.query<{ ses_seal: Uint8Array; face: Uint8Array }>({
      name: 'seal-form',
      text: 'SELECT ses_seal, face FROM seal.seal WHERE seal_id = $1 AND certificate_sha256 = $2',
      values: [sealUuid, certificateSha256],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const form = { sesSeal: row.ses_seal, face: row.face };
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(name, form);
    return form;
  }
}

// The picture that an organisation brings with its application for a seal: taken while nothing is decided, and approved as it was seen.

import type { AuditLog } from '../../audit/audit-log.ts';
import { sha256 } from '../../crypto/digest.ts';
import type { Database, Queryable } from '../../db/database.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { TrustError } from '../../kernel/errors.ts';
import { idFromUuid, uuidFromId } from '../../kernel/ids.ts';
import type { Principal } from '../../kernel/principal.ts';
import { decodeFace, encodeFace, type SealFace } from '../picture/face.ts';
import { picturePng } from '../picture/render-png.ts';
import type { FaceWords } from '../picture/seal-face.ts';
import { readUploadedPicture } from '../picture/uploaded-picture.ts';
import { type ApplicationRow, applicationOf, heldApplication, type SealApplication } from './application-store.ts';
import { requireApplicant } from './rights.ts';
import type { SealWish } from './wish.ts';

export interface ApplicationPicturesOptions {
  readonly database: Database;
  readonly audit: AuditLog;
  /** Draws the face, whose size the picture has. Throws glyph-missing, malformed-request. */
  readonly faceOf: (wish: SealWish, words: FaceWords) => SealFace;
  /** Throws `scope-missing`, `seal-not-found`. */
  readonly application: (principal: Principal, sealId: string) => Promise<SealApplication>;
}

const pictureDpi = 192;

export class ApplicationPictures {
  readonly #options: ApplicationPicturesOptions;

  constructor(options: ApplicationPicturesOptions) {
    this.#options = options;
  }

  /**
   * In place of the face that would be drawn, and of a picture brought before. Throws `scope-missing`, `forbidden`, `seal-not-found`,
   * `seal-transition-forbidden` once something is decided, `malformed-image`.
   */
  async bring(principal: Principal, sealId: string, file: Uint8Array): Promise<SealApplication> {
    requireApplicant(principal);
    const { wish, organisation } = await this.#options.application(principal, sealId);
    const { picture: drawn } = this.#options.faceOf(wish, {
      organisationName: organisation.name,
      uscc: organisation.uscc,
    });
    return this.#keep(principal, sealId, encodeFace(await readUploadedPicture(file, drawn)));
  }

  /** The face is drawn again. Throws as `bring` does. */
  async takeAway(principal: Principal, sealId: string): Promise<SealApplication> {
    requireApplicant(principal);
    await this.#options.application(principal, sealId);
    return this.#keep(principal, sealId, null);
  }

  /** What the seal would show: the picture that was brought, or the face as drawn. Throws `scope-missing`, `seal-not-found`. */
  async png(principal: Principal, sealId: string): Promise<Uint8Array> {
    const { wish, organisation } = await this.#options.application(principal, sealId);
    const brought = await broughtFace(this.#options.database, sealId);
    const { picture } =
      brought ?? this.#options.faceOf(wish, { organisationName: organisation.name, uscc: organisation.uscc });
    return picturePng(picture, pictureDpi);
  }

  async #keep(principal: Principal, sealId: string, face: Uint8Array | null): Promise<SealApplication> {
    const { database, audit } = this.#options;
    return database.transaction(async (tx) => {
      const row = await heldApplication(tx, sealId);
      if (row.status !== 'applied')
        throw new TrustError('seal-transition-forbidden', 'the application was decided already', {
          details: { status: row.status },
        });
      const objectSha256 = face === null ? null : sha256(face);
      await tx.query({
        name: 'seal-application-picture',
        text: 'UPDATE seal.application SET picture = $2, picture_sha256 = $3 WHERE seal_id = $1',
        values: [row.seal_id, face, objectSha256],
      });
      await audit.record(tx, principal, {
        action: 'seal.picture',
        outcome: 'done',
        objectId: idFromUuid('seal', row.seal_id),
        subjectId: idFromUuid('organisation', row.organisation_id),
        ...(objectSha256 !== null && { objectSha256 }),
        facts: { deed: face === null ? 'taken-away' : 'brought' },
      });
      return applicationOf({ ...row, picture_sha256: objectSha256 });
    });
  }
}

/** `undefined`: the seal's face is drawn. */
export async function broughtFace(on: Queryable, sealId: string): Promise<SealFace | undefined> {
  const { rows } = await on.query<{ picture: Uint8Array | null }>({
    name: 'seal-application-face',
    text: 'SELECT picture FROM seal.application WHERE seal_id = $1',
    values: [uuidFromId('seal', sealId) ?? null],
  });
  const stored = rows[0]?.picture ?? undefined;
  return stored === undefined ? undefined : { picture: decodeFace(stored), stored };
}

/** What is approved is what was seen. Throws `seal-picture-changed`. */
export function requireSeenPicture({ picture_sha256: present }: ApplicationRow, seen: Uint8Array | undefined): void {
  const isSame = present === null ? seen === undefined : seen !== undefined && equalBytes(present, seen);
  if (isSame) return;
  throw new TrustError('seal-picture-changed', 'the application has another picture than was looked at');
}

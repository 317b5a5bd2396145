// A row of the OIDC engine's state: identifiers as digests, the payload sealed, and in the open only what rows hang on each other by.

import type { AdapterPayload } from 'oidc-provider';
import { digest } from '../../crypto/digest.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { fromUtf8, toHex, utf8 } from '../../kernel/bytes.ts';
import { type Uuid, uuidFromId } from '../../kernel/ids.ts';

export interface EngineRow {
  readonly model: string;
  readonly id_digest: Uint8Array;
  readonly payload: Uint8Array;
}

/** Of all models that are saved; what a model lacks is null. */
export interface EngineLinks {
  readonly accountUuid: Uuid | null;
  readonly grantDigest: Uint8Array | null;
  /** Of the session itself. */
  readonly uidDigest: Uint8Array | null;
  /** Of the session that the row hangs on. */
  readonly sessionDigest: Uint8Array | null;
  readonly grantDigests: readonly Uint8Array[] | null;
}

export function digestOf(id: string): Uint8Array {
  return digest('SHA-256', utf8(id));
}

/** A payload opens in its own row only. */
function contextOf(model: string, idDigest: Uint8Array): string {
  return `identity.oidc_model.payload:${model}:${toHex(idDigest)}`;
}

export function sealedPayload(
  cipher: FieldCipher,
  row: Pick<EngineRow, 'model' | 'id_digest'>,
  payload: AdapterPayload,
): Uint8Array {
  return cipher.seal(utf8(JSON.stringify(payload)), contextOf(row.model, row.id_digest));
}

export function openedPayload(cipher: FieldCipher, { model, id_digest: id, payload }: EngineRow): AdapterPayload {
  const opened: AdapterPayload = JSON.parse(fromUtf8(cipher.open(payload, contextOf(model, id))) ?? '');
  return opened;
}

export function linksOf(model: string, payload: AdapterPayload): EngineLinks {
  const accountId = payload.accountId ?? payload.result?.login?.accountId ?? payload.session?.accountId;
  const grants = [
    ...Object.values(payload.authorizations ?? {}).map(({ grantId }) => grantId),
    ...(model === 'Interaction' ? [payload.grantId, payload.result?.consent?.grantId] : []),
  ].filter((grantId) => grantId !== undefined);
  return {
    accountUuid: (accountId === undefined ? undefined : uuidFromId('account', accountId)) ?? null,
    grantDigest: payload.grantId === undefined || model === 'Interaction' ? null : digestOf(payload.grantId),
    uidDigest: model === 'Session' && payload.uid !== undefined ? digestOf(payload.uid) : null,
    sessionDigest: payload.sessionUid === undefined ? null : digestOf(payload.sessionUid),
    grantDigests: grants.length === 0 ? null : grants.map(digestOf),
  };
}

/** The driver writes only Buffers as bytea inside an array. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

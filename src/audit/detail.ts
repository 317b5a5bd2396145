// The personal part of an entry: sealed beside the leaf, committed to in the leaf by SHA-256(salt ‖ detail), erasable without touching the tree.

import { concatBytes } from '../kernel/bytes.ts';
import { randomBytes } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Principal } from '../kernel/principal.ts';
import { sha256 } from '../crypto/digest.ts';
import type { FieldCipher } from '../crypto/field-cipher.ts';
import { canonicalJson, type PlainObject, parseCanonicalJson } from './canonical-json.ts';
import type { AuditEvent } from './events.ts';

const saltSizeBytes = 32;
const maxDetailSizeBytes = 65_535;

export interface SealedDetail {
  readonly sealed: Uint8Array;
  /** Hides the detail even from one who can guess it, as long as the salt is secret; hides it from all once the salt is gone. */
  readonly commitment: Uint8Array;
}

export interface Detail {
  readonly accountId: string | undefined;
  readonly subjectId: string | undefined;
  readonly objectId: string | undefined;
  readonly purpose: string | undefined;
  readonly personal: PlainObject;
}

/** `undefined` when there is nothing personal to keep. Throws `request-too-large`. */
export function sealDetail(
  cipher: FieldCipher,
  entryId: Uuid,
  principal: Principal,
  event: AuditEvent,
): SealedDetail | undefined {
  const detail = canonicalJson({
    account: principal.accountId,
    subject: event.subjectId,
    object: isAccount(event.objectId) ? event.objectId : undefined,
    origin: principal.origin,
    requestId: principal.requestId,
    purpose: event.purpose,
    personal: event.personal,
  });
  if (detail.length <= '{}'.length) return undefined;
  if (detail.length > maxDetailSizeBytes) throw new TrustError('request-too-large', 'the audit detail is too large');
  const salted = concatBytes(randomBytes(saltSizeBytes), detail);
  return { sealed: cipher.seal(salted, contextOf(entryId)), commitment: sha256(salted) };
}

/** `undefined` when it was erased or was sealed under a key that is no more. */
export function openDetail(cipher: FieldCipher, entryId: Uuid, sealed: Uint8Array | null): Detail | undefined {
  if (sealed === null) return undefined;
  const salted = tryOpen(cipher, sealed, contextOf(entryId));
  const json = salted === undefined ? undefined : parseCanonicalJson(salted.subarray(saltSizeBytes));
  if (json === undefined) return undefined;
  const text = (name: string): string | undefined => {
    const value = json[name];
    return typeof value === 'string' ? value : undefined;
  };
  const { personal } = json;
  return {
    accountId: text('account'),
    subjectId: text('subject'),
    objectId: text('object'),
    purpose: text('purpose'),
    personal: typeof personal === 'object' ? personal : {},
  };
}

/** Accounts stand for persons: their identifiers link what a person did, so they are personal data. */
export function isAccount(id: string | undefined): id is string {
  return id?.startsWith('acc_') === true;
}

function tryOpen(cipher: FieldCipher, sealed: Uint8Array, context: string): Uint8Array | undefined {
  try {
    return cipher.open(sealed, context);
  } catch {
    return undefined;
  }
}

/** Bound to its entry: a detail that is moved to another row does not open there. */
function contextOf(entryId: Uuid): string {
  return `audit.entry.detail:${entryId}`;
}

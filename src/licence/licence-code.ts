// The EL1 code of one licence: what of it goes into the QR code, signed by the issuing authority's key.

import { dayNumber, startOfDayInChina } from '../credential/calendar-day.ts';
import type { El1Claims } from '../credential/el1-claims.ts';
import { makeEl1Code, readEl1Code } from '../credential/el1-code.ts';
import type { Signer } from '../crypto/signer.ts';
import { verifySignature } from '../crypto/verify.ts';
import { epochSeconds } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type Holder, maskedName } from './holder.ts';
import type { SigningIssuer } from './issuers.ts';
import type { LicenceRow } from './licence-record.ts';
import type { LicenceType } from './licence-type.ts';

/** A printed code of a licence without end is good for so long; then a new one is asked for. */
const endlessCodeSeconds = 3 * 365 * 86_400;

export interface CodeToMake {
  readonly row: LicenceRow;
  readonly type: LicenceType;
  readonly holder: Holder;
  readonly issuer: SigningIssuer;
  readonly signer: Signer;
  readonly issuedAt: Date;
}

/** Throws what the signer throws, and `key-unavailable` when its signature is not good: nothing unreadable is released. */
export async function makeLicenceCode(making: CodeToMake): Promise<Uint8Array> {
  const { issuer, signer } = making;
  const { algorithm, kid } = issuer;
  const code = await makeEl1Code(codeClaims(making), { algorithm, kid, sign: (data) => signer.sign(data, 'raw') });
  const reading = readEl1Code(code);
  if (!reading.ok) throw new TrustError('internal', `the code made cannot be read: ${reading.fault.code}`);
  const { signedBytes: data, signature } = reading.value;
  if (!verifySignature({ algorithm, spki: signer.spki, data, signature, form: 'raw' })) {
    throw new TrustError('key-unavailable', 'the licence issuer key made a signature that does not verify');
  }
  return code;
}

function codeClaims({ row, type, holder, issuer, issuedAt }: CodeToMake): El1Claims {
  const issuedAtSeconds = epochSeconds(issuedAt);
  const validUntilDay = row.valid_until === null ? undefined : dayNumber(row.valid_until);
  return {
    expiresAtSeconds:
      validUntilDay === undefined ? issuedAtSeconds + endlessCodeSeconds : startOfDayInChina(validUntilDay + 1),
    issuedAtSeconds,
    catalogueNumber: type.catalogueNumber,
    issuerCode: issuer.issuerCode,
    serial: row.serial_number,
    version: row.version,
    holderName: type.holderNameInCode === 'masked' ? maskedName(holder.name) : holder.name,
    holderNumberTail: holder.idNumber.slice(-4),
    validFromDay: dayNumber(row.valid_from) ?? 0,
    ...(validUntilDay !== undefined && { validUntilDay }),
    status: { list: row.status_list, index: row.status_index },
  };
}

// The licence identifier (电子证照标识) of GB/T 36904-2018: five parts after a fixed OID and a check character of ISO 7064 MOD 37,36.

import { TrustError } from '../kernel/errors.ts';

/** Arc of electronic licences; every identifier begins with it. */
const oid = '1.2.156.3005.2';
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export interface LicenceIdentifierParts {
  /** 21 characters: social credit code of the defining authority (18) and a number of three digits. */
  readonly typeCode: string;
  /** Social credit code of the issuing authority. */
  readonly issuerCode: string;
  /** Chosen by the issuer: digits and upper-case letters. */
  readonly serial: string;
  /** 1 to 999; a change of the licence makes a new version. */
  readonly version: number;
}

export const maxSerialLength = 32; // the longest seen in the field: a UUID without hyphens

/** The check character over type, issuer, serial and version written together, without dots and without the OID. */
export function licenceCheckCharacter(body: string): string {
  if (body === '' || !/^[0-9A-Z]*$/.test(body)) throw malformed('character outside 0-9 and A-Z');
  let product = 36;
  for (const character of body) {
    product = (product + alphabet.indexOf(character)) % 36 || 36;
    product = (product * 2) % 37;
  }
  return alphabet.charAt((37 - product) % 36);
}

/** The whole identifier; `malformed-identifier` when a part is not of its form. */
export function licenceIdentifier(parts: LicenceIdentifierParts): string {
  checkParts(parts);
  const { typeCode, issuerCode, serial } = parts;
  const version = versionText(parts.version);
  const check = licenceCheckCharacter(typeCode + issuerCode + serial + version);
  return [oid, typeCode, issuerCode, serial, version, check].join('.');
}

/** The parts of an identifier, or `undefined` when it is none, its check character included. */
export function parseLicenceIdentifier(identifier: string): LicenceIdentifierParts | undefined {
  const match = pattern.exec(identifier);
  if (match === null) return undefined;
  const [, typeCode = '', issuerCode = '', serial = '', version = '', check] = match;
  if (licenceCheckCharacter(typeCode + issuerCode + serial + version) !== check) return undefined;
  return { typeCode, issuerCode, serial, version: Number(version) };
}

const pattern = new RegExp(
  `^${oid.replaceAll('.', '\\.')}\\.([0-9A-Z]{18}[0-9]{3})\\.([0-9A-Z]{18})\\.([0-9A-Z]{1,${maxSerialLength}})\\.(?!000)([0-9]{3})\\.([0-9A-Z])$`,
);

function checkParts(parts: LicenceIdentifierParts): void {
  if (!/^[0-9A-Z]{18}[0-9]{3}$/.test(parts.typeCode)) throw malformed('type code');
  if (!/^[0-9A-Z]{18}$/.test(parts.issuerCode)) throw malformed('issuer code');
  if (!/^[0-9A-Z]+$/.test(parts.serial) || parts.serial.length > maxSerialLength) throw malformed('serial');
  if (!Number.isInteger(parts.version) || parts.version < 1 || parts.version > 999) throw malformed('version');
}

function versionText(version: number): string {
  return version.toString().padStart(3, '0');
}

function malformed(what: string): TrustError {
  return new TrustError('malformed-identifier', `not a licence identifier: ${what}`);
}

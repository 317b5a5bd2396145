// Resident identity numbers (公民身份号码, GB 11643-1999) and unified social credit codes (统一社会信用代码, GB 32100-2015): parsing and check characters.

/** What a resident identity number says about its holder. */
export interface ResidentId {
  /** The canonical spelling: 17 digits and a digit or upper-case X. */
  readonly number: string;
  /** Six digits of the administrative division (GB/T 2260). Region 99 exists nowhere and is our sandbox. */
  readonly regionCode: string;
  /** ISO 8601 date of birth. */
  readonly birthdate: string;
  readonly sex: 'male' | 'female';
}

/** The parts of a unified social credit code. */
export interface SocialCreditCode {
  /** The canonical spelling: 18 upper-case characters. */
  readonly code: string;
  /** Registering authority and kind of organisation, GB 32100 positions 1 and 2. */
  readonly registration: string;
  readonly regionCode: string;
  /** The organisation code of GB 11714 inside: eight characters and its own check character. */
  readonly organisationCode: string;
}

const residentWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const residentCheckCharacters = '10X98765432';

/** GB 11643 annex A (ISO 7064 MOD 11-2): the check character of 17 digits. */
export function residentIdCheckCharacter(seventeen: string): string {
  return residentCheckCharacters.charAt(weightedSum(seventeen, '0123456789', residentWeights) % 11);
}

/**
 * A resident identity number, or `undefined` when the text is none: wrong length or characters, a date that never was, or a
 * wrong check character. A lower-case x is accepted and stored as X. Whether the region exists is not judged.
 */
export function parseResidentId(text: string): ResidentId | undefined {
  if (!/^[0-9]{17}[0-9Xx]$/.test(text)) return undefined;
  const number = text.toUpperCase();
  const birthdate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isCalendarDate(birthdate)) return undefined;
  if (residentIdCheckCharacter(number.slice(0, 17)) !== number.charAt(17)) return undefined;
  const sex = Number(number.charAt(16)) % 2 === 1 ? 'male' : 'female';
  return { number, regionCode: number.slice(0, 6), birthdate, sex };
}

/** GB 32100 clause 5 leaves out I, O, S, V and Z, which are misread as digits and one another. */
const creditAlphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const creditWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

/** GB 32100 annex A: the check character of 17 characters. A remainder of 0 gives 0, not the character 31 that does not exist. */
export function socialCreditCheckCharacter(seventeen: string): string {
  return creditAlphabet.charAt((31 - (weightedSum(seventeen, creditAlphabet, creditWeights) % 31)) % 31);
}

const organisationAlphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

/** GB 11714: the check character of an eight-character organisation code. */
export function organisationCheckCharacter(eight: string): string {
  const check = 11 - (weightedSum(eight, organisationAlphabet, organisationWeights) % 11);
  if (check === 10) return 'X';
  return check === 11 ? '0' : String(check);
}

/**
 * A unified social credit code, or `undefined` when the text is none: wrong length, alphabet, inner or outer check character.
 * Lower case is accepted and stored as upper case.
 */
export function parseSocialCreditCode(text: string): SocialCreditCode | undefined {
  // ASCII is required before the case is changed: toUpperCase turns some foreign letters into ASCII ones.
  if (!/^[0-9A-Za-z]{18}$/.test(text)) return undefined;
  const code = text.toUpperCase();
  if (!/^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(code)) return undefined;
  const organisationCode = code.slice(8, 17);
  if (organisationCheckCharacter(organisationCode.slice(0, 8)) !== organisationCode.charAt(8)) return undefined;
  if (socialCreditCheckCharacter(code.slice(0, 17)) !== code.charAt(17)) return undefined;
  return { code, registration: code.slice(0, 2), regionCode: code.slice(2, 8), organisationCode };
}

function weightedSum(text: string, alphabet: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + alphabet.indexOf(text.charAt(i)) * weight, 0);
}

function isCalendarDate(iso: string): boolean {
  const year = Number(iso.slice(0, 4));
  const month = Number(iso.slice(5, 7));
  const day = Number(iso.slice(8, 10));
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lastDay = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year >= 1800 && lastDay !== undefined && day >= 1 && day <= lastDay;
}

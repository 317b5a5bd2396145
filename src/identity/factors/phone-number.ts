// Telephone numbers that codes are sent to: mobile numbers of the mainland, in one spelling (ITU-T E.164).

/**
 * `+86` and eleven digits, whichever way it was typed: full-width digits, spaces, dashes, 0086. `undefined` for every other text:
 * numbers abroad and of other services cost a multiple, and fraud with SMS lives on them.
 */
export function parsePhoneNumber(text: string): string | undefined {
  if (text.length > 40) return undefined;
  const compact = text.normalize('NFKC').replace(/[ ()-]/g, '');
  const national = /^(?:\+86|0086|86)?(1[3-9][0-9]{9})$/.exec(compact)?.[1];
  return national === undefined ? undefined : `+86${national}`;
}

/** For pages and the log of the person: `138****0001`. */
export function maskedNumber(number: string): string {
  const national = number.replace(/^\+86/, '');
  return `${national.slice(0, 3)}****${national.slice(-4)}`;
}

// Members of a registration request as they come from outside: of the right type and length, or refused by the errors of RFC 7591 section 3.2.2.

import { TrustError } from '../../kernel/errors.ts';
import { asObject, type JsonObject, objectsAt } from '../../kernel/words/members.ts';
import { type ClientKey, type ClientKeys } from '../clients/client-keys.ts';

export type RegistrationError =
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'unapproved_software_statement';

/** `error` stands in the details, for whoever answers. */
export function refused(error: RegistrationError, reason: string): TrustError {
  return new TrustError('malformed-request', reason, { details: { error } });
}

const maxTextLength = 2000;
/** A certificate in base64. */
const maxKeyTextLength = 8192;
const maxTexts = 20;

/** `undefined`: absent, or `null`, which says the same (RFC 7592, 2.2). */
export function textIn(metadata: JsonObject, member: string): string | undefined {
  const value = metadata[member] ?? undefined;
  if (value === undefined || isText(value)) return value;
  throw refused('invalid_client_metadata', `${member}: a text of 1 to ${maxTextLength} characters`);
}

export function textsIn(
  metadata: JsonObject,
  member: string,
  error: RegistrationError = 'invalid_client_metadata',
): string[] | undefined {
  const value: unknown = metadata[member] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > maxTexts || !value.every((one) => isText(one)))
    throw refused(error, `${member}: a list of at most ${maxTexts} texts`);
  return value;
}

/** The first of `known` when nothing is said. */
export function oneOf<T extends string>(
  metadata: JsonObject,
  member: string,
  known: readonly [T, ...T[]] | readonly T[],
): T {
  const said = textIn(metadata, member);
  const found = said === undefined ? known[0] : known.find((one) => one === said);
  if (found === undefined) throw refused('invalid_client_metadata', `${member}: ${known.join(' or ')}`);
  return found;
}

/** RFC 7591, 2.2: people read it. The first of the members that is there. */
export function wishedName(metadata: JsonObject, members: readonly string[]): string | undefined {
  const name = members.map((member) => textIn(metadata, member)).find((text) => text !== undefined);
  const written = name?.normalize('NFC').trim();
  // No control, format or bidirectional characters: a name must not look like another or turn the page around.
  if (written === undefined || /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,100}$/u.test(written)) return written;
  throw refused('invalid_client_metadata', 'client_name: 1 to 100 characters that can be read');
}

/** Which keys are good is the registration's matter (client-keys.ts); here they are texts that are not too long. */
export function wishedKeys(metadata: JsonObject): ClientKeys | undefined {
  const value = metadata['jwks'] ?? undefined;
  if (value === undefined) return undefined;
  const keys = objectsAt(asObject(value), 'keys');
  if (keys === undefined || keys.length > 8)
    throw refused('invalid_client_metadata', 'jwks: a set of 1 to 8 public keys');
  return { keys: keys.map(wishedKey) };
}

function wishedKey(key: JsonObject): ClientKey {
  const { kty, x5c, ...rest } = key;
  const texts = Object.entries(rest);
  const areTexts = texts.every((entry): entry is [string, string] => isText(entry[1]));
  const areCertificates =
    x5c === undefined || (Array.isArray(x5c) && x5c.every((one) => isText(one, maxKeyTextLength)));
  if (!isText(kty) || !areTexts || !areCertificates)
    throw refused('invalid_client_metadata', 'jwks: members of a key are texts');
  return { kty, ...Object.fromEntries(texts), ...(Array.isArray(x5c) && { x5c }) };
}

function isText(value: unknown, maxLength = maxTextLength): value is string {
  return typeof value === 'string' && value !== '' && value.length <= maxLength;
}

// What a person is called towards a client: the account, or where it is registered so a pairwise subject that no other sector knows; OpenID Connect Core 1.0 section 8.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import { fromBase64url, fromUtf8, toBase64url, utf8 } from '../../kernel/bytes.ts';
import { uuidFromId } from '../../kernel/ids.ts';

/** The part of a client's registration that decides; `sector` and `redirectUris` as the engine has them. */
export interface SubjectClient {
  readonly subjectType?: string | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  metadata(): { readonly [name: string]: unknown };
}

/**
 * HMAC with a key of the house over sector and account: the same for ever and for every client of a sector, and without the key
 * nobody can tell whose it is, or that two of them are of one person.
 */
export class Subjects {
  readonly #cipher: FieldCipher;

  constructor({ cipher }: { readonly cipher: FieldCipher }) {
    this.#cipher = cipher;
  }

  /** The subject in everything that the client gets to see. */
  of(accountId: string, client: SubjectClient): string {
    return client.subjectType === 'pairwise' ? this.pairwise(accountId, sectorOf(client)) : accountId;
  }

  pairwise(accountId: string, sector: string): string {
    return `pw-${toBase64url(this.#cipher.blindIndex(`${sector}\n${accountId}`, 'identity.pairwise-subject'))}`;
  }
}

/** The registered host, else that of the redirect URIs, which registration keeps to one. Throws TypeError when there is neither. */
export function sectorOf(client: SubjectClient): string {
  const { sector } = client.metadata();
  if (typeof sector === 'string') return sector;
  const [uri] = client.redirectUris ?? [];
  if (uri === undefined) throw new TypeError('a client with pairwise subjects has a sector');
  return new URL(uri).hostname;
}

/**
 * Our API must know the account, and whoever reads the token must not. It stands sealed in the token, under the token's own id: what
 * was cut out of one opens in no other.
 */
export function sealedAccount(accountId: string, tokenId: string, cipher: FieldCipher): string {
  return toBase64url(cipher.seal(utf8(accountId), contextOf(tokenId)));
}

/** The account of a token that verified: `sub` itself, or what is sealed beside a pairwise one. Never looked up from a subject. */
export function accountOfSubject(claims: Readonly<Record<string, unknown>>, cipher: FieldCipher): string | undefined {
  const { sub, jti, account } = claims;
  if (account === undefined) return typeof sub === 'string' && isAccount(sub) ? sub : undefined;
  const sealed = typeof account === 'string' ? fromBase64url(account) : undefined;
  if (sealed === undefined || typeof jti !== 'string') return undefined;
  const accountId = fromUtf8(cipher.open(sealed, contextOf(jti)));
  return accountId !== undefined && isAccount(accountId) ? accountId : undefined;
}

function isAccount(text: string): boolean {
  return uuidFromId('account', text) !== undefined;
}

const contextOf = (tokenId: string): string => `access-token.account:${tokenId}`;

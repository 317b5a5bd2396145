// To which key or certificate a token is bound, as its claim `cnf` says; RFC 7800, RFC 9449 section 6.1, RFC 8705 section 3.1.

import { TrustError } from '../../kernel/errors.ts';

export interface Binding {
  readonly kind: 'key' | 'certificate';
  /** RFC 7638 of the key, or of the certificate's DER: SHA-256, base64url. */
  readonly thumbprint: string;
}

/** `undefined`: to nothing. A confirmation that we do not know confirms nothing: throws `token-invalid`. */
export function bindingIn(confirmation: unknown): Binding | undefined {
  if (confirmation === undefined) return undefined;
  const given = typeof confirmation === 'object' && confirmation !== null ? Object.entries(confirmation) : [];
  const [[name, thumbprint] = ['', ''], ...more] = given;
  if (more.length > 0 || typeof thumbprint !== 'string') throw new TrustError('token-invalid', 'unreadable binding');
  if (name === 'jkt') return { kind: 'key', thumbprint };
  if (name === 'x5t#S256') return { kind: 'certificate', thumbprint };
  throw new TrustError('token-invalid', 'unreadable binding');
}

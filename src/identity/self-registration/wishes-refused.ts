// What a system cannot ask for when it registers itself, and why; RFC 7591 sections 2.3 and 3.2.2. Everything unknown is left out, as the standard says.

import type { JsonObject } from '../../kernel/words/members.ts';
import { refused } from './wished-members.ts';

/**
 * Members that would change what is protected or where we look: leaving them out in silence would have the system believe in something
 * that is not so. A logo is left out: no page of ours shows a picture that a stranger can exchange.
 */
const reasons: Readonly<Record<string, string>> = {
  jwks_uri: 'no address of a client is ever fetched: register keys by value (jwks)',
  sector_identifier_uri: 'no address of a client is ever fetched: the sector is the host of the redirect URIs',
  request_uris: 'request objects are sent by value, or pushed (RFC 9126)',
  userinfo_signed_response_alg: 'userinfo is answered as JSON',
  userinfo_encrypted_response_alg: 'nothing is encrypted for clients',
  id_token_encrypted_response_alg: 'nothing is encrypted for clients',
  introspection_signed_response_alg: 'introspection is answered as JSON',
  introspection_encrypted_response_alg: 'nothing is encrypted for clients',
  authorization_encrypted_response_alg: 'nothing is encrypted for clients',
  request_object_encryption_alg: 'encrypted request objects are not read',
  frontchannel_logout_uri: 'relying parties are told by back channel',
  backchannel_token_delivery_mode: 'CIBA is registered by administrators',
  authorization_details_types: 'registered by administrators',
  require_pushed_authorization_requests: 'the FAPI profiles demand it, and are registered by administrators',
  require_signed_request_object: 'the FAPI profiles demand it, and are registered by administrators',
  tls_client_auth_san_dns: 'certificates are compared by their subject (tls_client_auth_subject_dn)',
  tls_client_auth_san_uri: 'certificates are compared by their subject (tls_client_auth_subject_dn)',
  tls_client_auth_san_ip: 'certificates are compared by their subject (tls_client_auth_subject_dn)',
  tls_client_auth_san_email: 'certificates are compared by their subject (tls_client_auth_subject_dn)',
};

/** Throws `malformed-request`. What is `null` or `false` is not asked for. */
export function refuseForeignMembers(metadata: JsonObject): void {
  const { software_statement: statement } = metadata;
  if (statement !== undefined && statement !== null) {
    const isJwt = typeof statement === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(statement);
    throw isJwt
      ? refused('unapproved_software_statement', 'no issuer of software statements is approved here')
      : refused('invalid_software_statement', 'a software statement is a signed JWT');
  }
  for (const [member, reason] of Object.entries(reasons)) {
    const value = metadata[member];
    if (value === undefined || value === null || value === false) continue;
    throw refused('invalid_client_metadata', `${member}: ${reason}`);
  }
}

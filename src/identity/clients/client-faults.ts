// What can be wrong with the registration of a business system: a code for pages and programs, and a sentence for whoever connects it.

import { TrustError } from '../../kernel/errors.ts';

export const clientFaults = {
  'client-id': 'an id is 3 to 64 of a-z, 0-9 and dash',
  owner: 'the owner is no organisation',
  contacts: 'at most 10 contacts of at most 254 characters',
  'page-uri': 'a page of the client is https, or http on a loopback name',
  'public-proof': 'public clients, and no others, prove nothing',
  'secret-method': 'clients that prove themselves by a secret, and no others, have one',
  'secret-short': 'the secret is too short',
  'keys-missing': 'the method needs keys',
  'tls-subject-missing': 'tls_client_auth, and no other method, needs the subject of the certificate',
  'tls-subject': 'the subject of the certificate is a distinguished name as in RFC 4514',
  'grant-types': 'grant types are named once',
  'system-grants': 'systems, and no others, do without people',
  'public-introspects': 'public clients introspect nothing',
  'public-grants': 'public clients use the code flow and the device flow only',
  'redirect-missing': 'clients with the code flow, and no others, have redirect URIs',
  'response-modes': 'response modes are named once',
  'redirect-uri': 'a redirect URI is https, or http on a loopback name, without fragment or credentials',
  'backchannel-uri':
    'a back-channel logout URI belongs to clients with people and is https, or http on a loopback name',
  'exchange-grant': 'targets of token exchange need the grant type',
  'exchange-targets': 'targets of token exchange are client ids',
  'sector-pairwise': 'a sector belongs to pairwise subjects',
  sector: 'a sector is a host name',
  'sector-missing': 'redirect URIs on several hosts, or none, need a sector',
  'fapi-proof': 'FAPI clients prove themselves by a key of their own',
  'fapi-binding': 'tokens of FAPI clients are bound to a key: DPoP or TLS',
  'fapi-rs256': 'FAPI knows no RS256',
  'fapi-keys': 'signed requests need keys',
  'fapi-modes': 'answers under message signing are signed',
  'key-count': 'a key set has 1 to 8 keys',
  'key-ids': 'keys of a set have different key ids',
  'key-private': 'a key has members of public keys only',
  'key-use': 'keys are for signatures',
  'key-algorithm': 'keys are for ES256, PS256 or EdDSA',
  'key-type': 'keys are P-256, Ed25519 or RSA of 2048 to 4096 bits',
  'key-x5c': 'a key of a self-signed certificate has it as its only x5c',
  'key-certificate': 'a certificate has another key',
  'certificate-unreadable': 'a certificate cannot be read',
  'keys-unreadable': 'a key set is JSON with a list of keys',
} as const;

export type ClientFault = keyof typeof clientFaults;

/** `details.fault` is the code. */
export function faultyClient(fault: ClientFault, clientId = ''): TrustError {
  const who = clientId === '' ? 'client' : `client ${clientId}`;
  return new TrustError('malformed-request', `${who}: ${clientFaults[fault]}`, { details: { fault } });
}

/** Which fault an error tells of, if one. */
export function clientFaultOf({ details }: TrustError): ClientFault | undefined {
  const fault = details?.['fault'];
  return typeof fault === 'string' && isClientFault(fault) ? fault : undefined;
}

function isClientFault(text: string): text is ClientFault {
  return Object.hasOwn(clientFaults, text);
}

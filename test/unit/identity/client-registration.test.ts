// What may be registered about a client, and the words in which the engine hears it; RFC 7591, RFC 8705, RFC 9449, FAPI 2.0 Security Profile 5.3.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type ClientRegistration, fullRegistration } from '../../../src/identity/clients/client-registration.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
const key = { kty, crv, x, y, kid: 'one' };
const { d = '' } = privateKey.export({ format: 'jwk' });

const web: ClientRegistration = {
  clientId: 'office-web',
  kind: 'confidential',
  name: '办事系统',
  nameEn: 'Office',
  secret: 'sixteen characters',
  redirectUris: ['https://office.example/callback'],
  apiScopes: [],
};
const { secret: _secret, ...withoutSecret } = web;
const keyed: ClientRegistration = { ...withoutSecret, authMethod: 'private_key_jwt', jwks: { keys: [key] } };
const fapi: ClientRegistration = { ...keyed, profile: 'fapi2', dpopBound: true };
const system: ClientRegistration = {
  clientId: 'office-system',
  kind: 'system',
  name: '办事系统',
  nameEn: 'Office',
  secret: 'sixteen characters',
  apiScopes: ['seal.read'],
};

describe('RFC 7591, section 2: what a client registers', () => {
  it('leaves what is not said to defaults that ask least of the client', () => {
    const { authMethod, profile, grantTypes, responseModes } = fullRegistration(web);
    assert.deepEqual(
      { authMethod, profile, grantTypes, responseModes },
      {
        authMethod: 'client_secret_basic',
        profile: 'standard',
        grantTypes: ['authorization_code'],
        responseModes: ['query'],
      },
    );
    assert.deepEqual(fullRegistration(system).grantTypes, ['client_credentials']);
    assert.deepEqual(fullRegistration({ ...fapi, profile: 'fapi2-message-signing' }).responseModes, ['jwt']);
  });

  const faults: readonly [string, ClientRegistration, RegExp][] = [
    ['an id with capitals', { ...web, clientId: 'Office' }, /an id is/],
    ['a secret of 15 characters', { ...web, secret: 'fifteen charact' }, /too short/],
    ['a confidential client that proves nothing', { ...withoutSecret, authMethod: 'none' }, /public clients/],
    ['a public client with a secret', { ...web, kind: 'public' }, /by a secret/],
    ['a secret beside a key', { ...keyed, secret: 'sixteen characters' }, /by a secret/],
    ['private_key_jwt without keys', { ...withoutSecret, authMethod: 'private_key_jwt' }, /needs keys/],
    ['a private key', { ...keyed, jwks: { keys: [Object.assign({ d }, key)] } }, /public keys only/],
    ['two keys of one id', { ...keyed, jwks: { keys: [key, key] } }, /different key ids/],
    ['no key', { ...keyed, jwks: { keys: [] } }, /1 to 8 keys/],
    ['a symmetric key', { ...keyed, jwks: { keys: [{ kty: 'oct' }] } }, /P-256/],
    ['a key for RS256', { ...keyed, jwks: { keys: [{ ...key, alg: 'RS256' }] } }, /ES256, PS256 or EdDSA/],
    ['a certificate that is none', { ...keyed, authMethod: 'self_signed_tls_client_auth' }, /only x5c/],
    ['tls_client_auth without a subject', { ...withoutSecret, authMethod: 'tls_client_auth' }, /needs the subject/],
    [
      'a subject that is no name',
      { ...withoutSecret, authMethod: 'tls_client_auth', tlsSubjectDn: 'office' },
      /distinguished name/,
    ],
    ['no redirect URI', { ...web, redirectUris: [] }, /have redirect URIs/],
    ['plain http', { ...web, redirectUris: ['http://office.example/cb'] }, /a redirect URI is https/],
    ['a fragment', { ...web, redirectUris: ['https://office.example/cb#'] }, /a redirect URI is https/],
    ['a back channel of a system', { ...system, backchannelLogoutUri: 'https://office.example/out' }, /back-channel/],
    ['a system with people', { ...system, grantTypes: ['authorization_code'] }, /do without people/],
    ['a grant type twice', { ...web, grantTypes: ['authorization_code', 'authorization_code'] }, /named once/],
    ['exchange without its grant type', { ...web, exchangeTargets: ['tax-web'] }, /need the grant type/],
    ['a sector of a public subject', { ...web, sector: 'office.example' }, /belongs to pairwise/],
    [
      'pairwise over two hosts without a sector',
      { ...web, subjectType: 'pairwise', redirectUris: ['https://a.example/', 'https://b.example/'] },
      /need a sector/,
    ],
    ['an owner that is a person', { ...web, ownerOrganisationId: 'acc_1' }, /no organisation/],
    ['an empty contact', { ...web, contacts: [' '] }, /contacts/],
    ['FAPI with a secret', { ...web, profile: 'fapi2', dpopBound: true }, /key of their own/],
    ['FAPI with tokens that anybody can use', { ...keyed, profile: 'fapi2' }, /bound to a key/],
    ['FAPI with RS256', { ...fapi, idTokenAlg: 'RS256' }, /no RS256/],
    ['signed messages in plain', { ...fapi, profile: 'fapi2-message-signing', responseModes: ['query'] }, /are signed/],
  ];
  for (const [what, request, reason] of faults) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => fullRegistration(request),
        (error) => isTrustError(error, 'malformed-request') && reason.test(error.message),
      );
    });
  }

  it('takes what each method needs', () => {
    for (const request of [
      keyed,
      fapi,
      { ...withoutSecret, authMethod: 'tls_client_auth', tlsSubjectDn: 'CN=办事,O=XTEXT', profile: 'fapi2' },
      { ...web, subjectType: 'pairwise' },
      { ...keyed, jwks: { keys: [key, { ...key, kid: 'two' }] } },
    ] satisfies ClientRegistration[]) {
      assert.equal(fullRegistration(request).clientId, 'office-web');
    }
  });
});

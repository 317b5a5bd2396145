// What FAPI 2.0 clients must prove with each use of a token: the OpenID Foundation's modules about DPoP proofs at a resource, here userinfo; RFC 9449, sections 4.3 and 7.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Browser } from './browser.ts';
import { type Changes, FapiClient, keyPair, now, unique } from './fapi-client.ts';
import { person, type Service, startService } from './service.ts';

describe('FAPI 2.0 Security Profile, proofs at a resource: fapi2-security-profile-final-*', () => {
  let service: Service;
  let client: FapiClient;
  let browser: Browser;
  let token: string;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 3);
    client = await new FapiClient(service, 'fapi-web').register();
    browser = service.browser();
    const { json } = await client.token({ code: await client.code(browser) });
    token = String(json['access_token']);
  });
  after(() => service.close());

  const me = () => `${client.issuer}/me`;
  const ath = () => createHash('sha256').update(token).digest('base64url');
  const proof = (changes: Changes = {}, keys = client.dpopKeys) =>
    client.proof('GET', me(), { ...changes, claims: { ath: ath(), ...changes.claims } }, keys);
  const ask = (dpop: string | undefined, { address = me(), name = 'dpop', scheme = 'DPoP' } = {}) =>
    fetch(address, {
      headers: { authorization: `${scheme} ${token}`, ...(dpop === undefined ? {} : { [name]: dpop }) },
    });

  const refused: readonly [string, () => Promise<string | undefined>][] = [
    ['no proof', async () => undefined],
    ['two proofs', async () => `${await proof()}, ${await proof()}`],
    ['what is no JWT', async () => (await proof()).split('.').slice(0, 2).join('.')],
    ['no typ', () => proof({ header: { typ: undefined } })],
    ['another typ', () => proof({ header: { typ: 'JWT' } })],
    ['no alg', async () => withoutAlg(await proof())],
    ['alg none', () => proof({ header: { alg: 'none' } })],
    ['no jwk', () => proof({ header: { jwk: undefined } })],
    ['a private key', () => proof({ header: { jwk: client.dpopKeys.privateKey.export({ format: 'jwk' }) } })],
    ['no jti', () => proof({ claims: { jti: undefined } })],
    ['no htm', () => proof({ claims: { htm: undefined } })],
    ['no htu', () => proof({ claims: { htu: undefined } })],
    ['no iat', () => proof({ claims: { iat: undefined } })],
    ['no ath', () => proof({ claims: { ath: undefined } })],
    ['another htm', () => proof({ claims: { htm: 'PUT' } })],
    ['another htu', () => proof({ claims: { htu: `${client.issuer}/other` } })],
    ['an iat of an hour ago', () => proof({ claims: { iat: now() - 3600 } })],
    ['an iat of an hour ahead', () => proof({ claims: { iat: now() + 3600 } })],
    ['another ath', () => proof({ claims: { ath: ath().split('').reverse().join('') } })],
    ['another key', () => proof({}, keyPair())],
    ['a signature of another key', () => proof({ key: keyPair().privateKey })],
  ];
  it('dpop-negative-tests: each of these is refused, and the token is still good', async () => {
    for (const [what, made] of refused) {
      const { status } = await ask(await made());
      assert.ok(status === 400 || status === 401, `${what}: ${status}`);
    }
    const bearer = await ask(undefined, { scheme: 'Bearer' });
    assert.equal(bearer.status, 401, 'not as a bearer token either');
    assert.equal((await ask(await proof())).status, 200);
  });

  it('dpop-negative-tests: a jti is taken once', async () => {
    const claims = { jti: unique() };
    assert.equal((await ask(await proof({ claims }))).status, 200);
    assert.equal((await ask(await proof({ claims }))).status, 401);
  });

  it('dpop-negative-tests: what must not matter does not', async () => {
    const { host } = new URL(me());
    const upper = me().replace('http:', 'HTTP:').replace(host, host.toUpperCase());
    for (const [what, made] of [
      ['a query and a fragment in htu', proof({ claims: { htu: `${me()}?a=b#c` } })],
      ['scheme and host in capitals', proof({ claims: { htu: upper } })],
      ['members that nobody knows', proof({ header: { extra: 'x' }, claims: { extra: 'x' } })],
    ] as const)
      assert.equal((await ask(await made)).status, 200, what);
    assert.equal((await ask(await proof(), { name: 'DPOP' })).status, 200, 'the name of the header in capitals');
    assert.equal((await ask(await proof(), { address: `${me()}?a=b` })).status, 200, 'a query that htu does not have');
  });

  it('check-dpop-proof-nbf-exp: a proof that says from when and until when it is good', async () => {
    const claims = { nbf: now(), exp: now() + 300 };
    const atToken = await client.proof('POST', `${client.issuer}/token`, { claims });
    const { status } = await client.token({ code: await client.code(browser) }, { proof: atToken });
    assert.equal(status, 200);
    assert.equal((await ask(await proof({ claims }))).status, 200);
  });
});

function withoutAlg(proof: string): string {
  const [header = '', ...rest] = proof.split('.');
  const { alg: _, ...others }: Record<string, unknown> = JSON.parse(Buffer.from(header, 'base64url').toString());
  return [Buffer.from(JSON.stringify(others)).toString('base64url'), ...rest].join('.');
}

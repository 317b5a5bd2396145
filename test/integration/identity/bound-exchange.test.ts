// Bound tokens are exchanged for bound tokens: with the very key by whom they were given to, with a key of its own by whom they were made for; RFC 8693, RFC 9449, RFC 8705.

import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { FapiClient, keyPair, type Members, post } from './fapi-client.ts';
import { person, type Service, startService } from './service.ts';

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

describe('RFC 9449, section 5: token exchange of bound tokens', () => {
  let service: Service;
  let portal: FapiClient;
  let archive: FapiClient;
  let loose: FapiClient;
  let bound: string;

  before(async () => {
    service = await startService();
    await person(service.identity, 'alice', 3);
    const grantTypes = ['authorization_code', exchangeGrant] as const;
    portal = await new FapiClient(service, 'portal').register({ grantTypes, exchangeTargets: ['archive', 'loose'] });
    archive = await new FapiClient(service, 'archive').register({ grantTypes, introspects: true });
    // Its own tokens need not be bound, so it may come without a proof.
    loose = await new FapiClient(service, 'loose').register({
      grantTypes,
      profile: 'standard',
      dpopBound: false,
      exchangeTargets: ['archive'],
    });
    const { json } = await portal.token({
      code: await portal.code(service.browser(), { scope: 'openid licence.read' }),
    });
    bound = String(json['access_token']);
  });
  after(() => service.close());

  async function exchange(client: FapiClient, parameters: Members, { proof }: { readonly proof?: string } = {}) {
    const body = {
      grant_type: exchangeGrant,
      subject_token_type: accessTokenType,
      ...(await client.proven()),
      ...parameters,
    };
    return post(`${client.issuer}/token`, body, proof === undefined ? {} : { proof });
  }
  const proofOf = (client: FapiClient, keys = client.dpopKeys) =>
    client.proof('POST', `${client.issuer}/token`, {}, keys);
  const cnf = (token: unknown) => decodeJwt(String(token))['cnf'];

  it('binds what it gives to the key of whom the token was given to, and refuses another key, no key, and a proof twice', async () => {
    const ask = { subject_token: bound, audience: 'archive' };
    const proof = await proofOf(portal);
    const good = await exchange(portal, ask, { proof });
    assert.deepEqual([good.status, good.json['token_type']], [200, 'DPoP'], JSON.stringify(good.json));
    assert.deepEqual(cnf(good.json['access_token']), { jkt: await portal.thumbprint() });
    assert.equal((await exchange(portal, ask, { proof })).json['error'], 'invalid_grant', 'the same proof');
    const other = await exchange(portal, ask, { proof: await proofOf(portal, keyPair()) });
    assert.deepEqual([other.status, other.json['error']], [400, 'invalid_request']);
    assert.equal((await exchange(portal, ask)).json['error'], 'invalid_grant', 'it is registered for bound tokens');
    const elsewhere = await portal.proof('POST', `${portal.issuer}/request`);
    assert.equal((await exchange(portal, ask, { proof: elsewhere })).json['error'], 'invalid_dpop_proof');
  });

  it('lets whom it was made for go on with a key of its own, which introspection names, and never without one', async () => {
    const proof = await proofOf(portal);
    const forLoose = await exchange(portal, { subject_token: bound, audience: 'loose' }, { proof });
    const subject = String(forLoose.json['access_token']);
    const ask = { subject_token: subject, audience: 'archive' };
    const bare = await exchange(loose, ask);
    assert.deepEqual([bare.json['error'], bare.json['access_token']], ['invalid_request', undefined]);
    const onward = await exchange(loose, ask, { proof: await proofOf(loose) });
    const jkt = await loose.thumbprint();
    assert.deepEqual(cnf(onward.json['access_token']), { jkt }, JSON.stringify(onward.json));
    const told = await post(`${archive.issuer}/token/introspection`, {
      token: onward.json['access_token'],
      ...(await archive.proven()),
    });
    assert.deepEqual([told.json['active'], told.json['cnf'], told.json['token_type']], [true, { jkt }, 'DPoP']);
  });

  it('binds a token for our API, which takes it with its proof only', async () => {
    const resource = `${service.publicUrl}/api`;
    const { json } = await exchange(portal, { subject_token: bound, resource }, { proof: await proofOf(portal) });
    const { accessTokens } = service.identity;
    await assert.rejects(accessTokens.principalOf(`Bearer ${String(json['access_token'])}`, {}), {
      code: 'token-invalid',
    });
    assert.deepEqual(cnf(json['access_token']), { jkt: await portal.thumbprint() });
  });

  it('binds what came unbound when a proof comes with it', async () => {
    const code = await loose.code(service.browser(), { scope: 'openid licence.read' });
    const { json } = await loose.token({ code }, { proof: undefined });
    const ask = { subject_token: json['access_token'], audience: 'archive' };
    const plain = await exchange(loose, ask);
    assert.deepEqual([plain.json['token_type'], cnf(plain.json['access_token'])], ['Bearer', undefined]);
    const tied = await exchange(loose, ask, { proof: await proofOf(loose) });
    assert.deepEqual(cnf(tied.json['access_token']), { jkt: await loose.thumbprint() });
  });
});

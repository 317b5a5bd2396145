// Bound tokens at the border of the API, with the challenge that tells a client what was wrong; RFC 9449 section 7.1, RFC 8705 section 3.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { startServer, type TestServer } from '../../support/server.ts';
import { FapiClient, post } from '../identity/fapi-client.ts';

describe('RFC 9449, 7.1: the API and bound tokens', () => {
  let server: TestServer;
  let client: FapiClient;
  let token: string;

  before(async () => {
    server = await startServer();
    const { identity } = server.services;
    client = await new FapiClient({ identity, publicUrl: server.url }, 'bound-system').register({
      kind: 'system',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      offlineAccess: false,
      apiScopes: ['seal.read'],
    });
    const proof = await client.proof('POST', `${client.issuer}/token`);
    const body = { grant_type: 'client_credentials', scope: 'seal.read', ...(await client.proven()) };
    const { json } = await post(`${client.issuer}/token`, body, { proof });
    assert.equal(json['token_type'], 'DPoP');
    token = String(json['access_token']);
  });
  after(() => server.stop());

  async function seals(authorization: string, dpop?: string) {
    const headers = { authorization, ...(dpop === undefined ? {} : { dpop }) };
    const response = await fetch(`${server.url}/api/v1/seals?limit=1`, { headers });
    return { status: response.status, challenge: response.headers.get('www-authenticate') };
  }

  const challenge = 'DPoP realm="yinxin", error="invalid_dpop_proof", algs="ES256 PS256 EdDSA"';

  it('answers with a proof, once, and with a challenge without', async () => {
    const ath = createHash('sha256').update(token).digest('base64url');
    const dpop = await client.proof('GET', `${server.url}/api/v1/seals`, { claims: { ath } });
    assert.deepEqual(await seals(`DPoP ${token}`, dpop), { status: 200, challenge: null });
    assert.deepEqual(await seals(`DPoP ${token}`, dpop), { status: 401, challenge });
    assert.deepEqual(await seals(`DPoP ${token}`), { status: 401, challenge });
    assert.deepEqual(await seals(`Bearer ${token}`), { status: 401, challenge });
  });

  it('keeps its challenge for tokens of the other kind', async () => {
    assert.deepEqual(await seals('Bearer x'), {
      status: 401,
      challenge: 'Bearer realm="yinxin", error="invalid_token"',
    });
  });
});

// Access tokens of systems, and tokens that must not be taken; RFC 6749 4.4, RFC 9068 section 4, RFC 8725.

import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { AccessTokens } from '../../../src/identity/tokens/access-tokens.ts';
import { frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { begin, jsonOf, jwksOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

/** Of accounts under pairwise subjects, of which these tokens have none. */
const cipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32) });

describe('RFC 9068: access tokens for the API', () => {
  let service: Service;
  let token: string;

  before(async () => {
    service = await startService();
    const config = await service.client('sandbox-system', 'sandbox-system-secret');
    token = (await oidc.clientCredentialsGrant(config, { scope: 'seal.read seal.stamp' })).access_token;
  });
  after(() => service.close());

  const codeOf = async (authorization: string | undefined, tokens = service.identity.accessTokens): Promise<string> => {
    try {
      await tokens.principalOf(authorization, {});
      return 'accepted';
    } catch (error) {
      assert.ok(isTrustError(error));
      return error.code;
    }
  };

  it('makes a system with its scopes out of a client_credentials token', async () => {
    const principal = await service.identity.accessTokens.principalOf(`Bearer ${token}`, { origin: '127.0.0.0/24' });
    assert.equal(principal.kind, 'system');
    assert.equal(principal.clientId, 'sandbox-system');
    assert.deepEqual([...principal.scopes], ['seal.read', 'seal.stamp']);
    assert.equal(principal.level, 0);
    assert.equal(principal.origin, '127.0.0.0/24');
    assert.deepEqual(Object.keys(decodeProtectedHeader(token)).sort(), ['alg', 'kid', 'typ']);
    assert.equal(decodeJwt(token).aud, `${service.publicUrl}/api`);
    const [issued] = await service.entries('token.issued');
    assert.deepEqual(issued?.facts, {
      client: 'sandbox-system',
      grant: 'client_credentials',
      scope: 'seal.read seal.stamp',
      level: 0,
      keyName: 'oidc-es256',
    });
  });

  it('takes the secret in the body too, and refuses a wrong one, a foreign scope and a public client', async () => {
    const post = async (body: Record<string, string>) => {
      const response = await fetch(`${service.publicUrl}/oidc/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'sandbox-system', ...body }),
      });
      const json = await jsonOf(response);
      return json.error ?? (json.access_token === undefined ? 'nothing' : 'token');
    };
    const secret = { client_secret: 'sandbox-system-secret' };
    assert.equal(await post({ ...secret, scope: 'verify' }), 'token');
    assert.equal(await post({ client_secret: 'sandbox-system-secreT', scope: 'verify' }), 'invalid_client');
    assert.equal(await post({ ...secret, scope: 'licence.issue' }), 'invalid_scope');
    assert.equal(await post({ ...secret, resource: 'https://elsewhere.example/' }), 'invalid_target');
    assert.equal(await post({ scope: 'verify' }), 'invalid_client');
    assert.equal(await post({ client_id: 'sandbox-web', scope: 'licence.read' }), 'invalid_request');
    assert.equal(await post({ client_id: 'unknown', ...secret }), 'invalid_client');
    assert.equal(await post({ ...secret, grant_type: '张三' }), 'unsupported_grant_type');
    const refused = await service.entries('token.refused');
    assert.deepEqual(
      refused.map(({ clientId, facts }) => [clientId, facts['error'], facts['grant']]),
      [
        ['sandbox-system', 'invalid_client', 'client_credentials'],
        ['sandbox-system', 'invalid_scope', 'client_credentials'],
        ['sandbox-system', 'invalid_target', 'client_credentials'],
        ['sandbox-system', 'invalid_client', 'client_credentials'],
        ['sandbox-web', 'invalid_request', 'client_credentials'],
        [null, 'invalid_client', 'client_credentials'],
        ['sandbox-system', 'unsupported_grant_type', 'other'],
      ],
    );
  });

  it('records a refresh, its revocation and what comes after, and a flood of refusals sixty times a minute at most', async () => {
    const dora = await person(service.identity, 'dora', 2);
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser, { scope: 'openid offline_access', prompt: 'consent' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'dora'));
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    await oidc.tokenRevocation(config, refreshed.refresh_token ?? '');
    await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token ?? ''));
    const { items } = await service.audit.entries({ subjectId: dora.accountId, limit: 20 });
    const grants = items.filter(({ action }) => action === 'token.issued').map(({ facts }) => facts['grant']);
    assert.deepEqual(grants, ['refresh_token', 'authorization_code']);
    assert.deepEqual(
      items.slice(0, 1).map(({ action, clientId }) => [action, clientId]),
      [['token.revoked', 'sandbox-web']],
    );
    for (let i = 0; i < 80; i++)
      await fetch(`${service.publicUrl}/oidc/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'unknown' }),
      });
    assert.equal((await service.entries('token.refused')).length, 60);
  });

  it('tells missing, expired and invalid apart', async () => {
    const publicUrl = service.publicUrl;
    const key = await ownKey();
    const later = frozenClock(systemClock.now());
    later.advance(301_000);
    const tokens = new AccessTokens({ ...service.identity, cipher, publicUrl, keys: key, clock: later });
    assert.equal(await codeOf(undefined), 'token-missing');
    assert.equal(await codeOf(`Bearer ${token}`, tokens), 'token-expired');
    assert.equal(await codeOf('Basic YTpi'), 'token-invalid');
    assert.equal(await codeOf(`Bearer ${token}x`, tokens), 'token-invalid');
  });

  it('refuses every token that is not spelled and signed as ours', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [head = '', body = '', signature = ''] = token.split('.');
    const header = decodeProtectedHeader(token);
    const claims = decodeJwt(token);
    const encode = (value: unknown) =>
      Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
    const signed = (protectedHeader: Record<string, unknown>, payload: Record<string, unknown> = claims) =>
      new SignJWT(payload).setProtectedHeader({ ...protectedHeader, alg: 'ES256' }).sign(privateKey);
    const spare =
      signature.slice(0, -1) +
      (signature.endsWith('A') ? 'B' : String.fromCharCode(signature.charCodeAt(signature.length - 1) + 1));
    const hostile: Record<string, string> = {
      'alg none': `${encode({ ...header, alg: 'none' })}.${body}.`,
      'alg none with a signature': `${encode({ ...header, alg: 'none' })}.${body}.${signature}`,
      'HS256 with the public key': `${encode({ ...header, alg: 'HS256' })}.${body}.${signature}`,
      'a foreign key under our kid': await signed(header),
      'a key in the header': await signed({ ...header, jwk: publicKey.export({ format: 'jwk' }) }),
      'a jku': await signed({ ...header, jku: 'https://evil.example/jwks' }),
      'an unknown kid': await signed({ ...header, kid: 'other' }),
      'no kid': await signed({ typ: 'at+jwt' }),
      'typ JWT': `${encode({ ...header, typ: 'JWT' })}.${body}.${signature}`,
      'other claims': `${head}.${encode({ ...claims, scope: 'audit.read' })}.${signature}`,
      'a duplicate member': `${head}.${encode(JSON.stringify(claims).replace('{', '{"scope":"audit.read",'))}.${signature}`,
      'a blank in the JSON': `${head}.${encode(JSON.stringify(claims).replace('{', '{ '))}.${signature}`,
      padding: `${head}.${body}.${signature}=`,
      'a line break': `${head}.${body}.${signature}\n`,
      'spare bits': `${head}.${body}.${spare}`,
      'two parts': `${head}.${body}`,
      'four parts': `${token}.${signature}`,
      'five parts': `${token}.x.y`,
      'eight kilobytes': `${head}.${encode({ ...claims, x: 'y'.repeat(8000) })}.${signature}`,
    };
    for (const [name, value] of Object.entries(hostile))
      assert.equal(await codeOf(`Bearer ${value}`), 'token-invalid', name);
    assert.equal(await codeOf(`Bearer ${token}`), 'accepted');
  });

  it('refuses what our own key signed for another purpose: an ID token, another audience, another issuer, a long life', async () => {
    await person(service.identity, 'alice', 3);
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'alice'));
    assert.equal(await codeOf(`Bearer ${tokens.id_token}`), 'token-invalid');
    assert.equal(await codeOf(`Bearer ${tokens.access_token}`), 'token-invalid', 'the opaque one is for userinfo');
    const keys = await ownKey();
    const elsewhere = new AccessTokens({
      ...service.identity,
      cipher,
      publicUrl: 'https://elsewhere.example',
      keys,
      clock: systemClock,
    });
    assert.equal(await codeOf(`Bearer ${token}`, elsewhere), 'token-invalid');
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const own = new AccessTokens({
      ...service.identity,
      cipher,
      publicUrl: service.publicUrl,
      keys: new Map([['k', publicKey]]),
      clock: systemClock,
    });
    const claims = decodeJwt(token);
    const make = (change: Record<string, unknown>) =>
      new SignJWT({ ...claims, ...change })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
        .sign(privateKey);
    assert.equal(await codeOf(`Bearer ${await make({})}`, own), 'accepted');
    for (const change of [
      { exp: (claims.exp ?? 0) + 3600 },
      { aud: [`${service.publicUrl}/api`, 'other'] },
      { sub: 'somebody-else' },
      { sub: 7 },
      { admin: true },
      { nbf: (claims.exp ?? 0) + 60 },
    ]) {
      assert.equal(await codeOf(`Bearer ${await make(change)}`, own), 'token-invalid', JSON.stringify(change));
    }
  });

  it('introspects and revokes a client’s own tokens only', async () => {
    await person(service.identity, 'carol', 3);
    const web = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(web, browser);
    const tokens = await redeem(web, started, await signInAndAgree(browser, started.page, 'carol'));
    const system = await service.client('sandbox-system', 'sandbox-system-secret');
    assert.equal((await oidc.tokenIntrospection(system, tokens.access_token)).active, false);
    await oidc.tokenRevocation(system, tokens.access_token);
    await oidc.fetchUserInfo(web, tokens.access_token, oidc.skipSubjectCheck);
    await oidc.tokenRevocation(web, tokens.access_token);
    await assert.rejects(oidc.fetchUserInfo(web, tokens.access_token, oidc.skipSubjectCheck));
  });

  async function ownKey() {
    const jwks = await jwksOf(service);
    return new Map(
      jwks
        .filter(({ kty }) => kty === 'EC')
        .map((jwk) => [jwk.kid, createPublicKey({ key: { ...jwk }, format: 'jwk' })]),
    );
  }
});

// OpenID Connect Core 1.0, 10.1.1: signing keys are rotated while tokens are issued and verified, on two nodes, without a restart.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import { randomBytes, systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { begin, jwksOf, person, redeem, type Service, signInAndAgree, startService } from './service.ts';

describe('OpenID Connect Core 1.0, 10.1.1: rotation of signing keys', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-rotation-'));
  const keyEncryptionKey = randomBytes(32);
  const call = { origin: 'test', requestId: 'r' };
  let service: Service;
  /** What an operator's command does, in a process of its own. */
  const operator = () => new FileKeyStore({ directory, keyEncryptionKey, clock: systemClock });
  const kidOf = (token: string) => decodeProtectedHeader(token).kid;

  async function accessToken(): Promise<string> {
    const response = await fetch(`${service.publicUrl}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: 'sandbox-system',
        client_secret: 'sandbox-system-secret',
        scope: 'verify',
      }),
    });
    const { access_token: token }: { access_token: string } = JSON.parse(await response.text());
    return token;
  }

  async function code(token: string): Promise<string> {
    try {
      await service.identity.accessTokens.principalOf(`Bearer ${token}`, call);
      return 'accepted';
    } catch (error) {
      return isTrustError(error) ? error.code : 'unknown';
    }
  }

  before(async () => {
    service = await startService({ keyStore: { directory, keyEncryptionKey } });
  });
  after(async () => {
    await service?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('publishes the next key before it signs, and the former one as long as it is retiring', async () => {
    const first = await accessToken();
    assert.equal((await jwksOf(service)).length, 2);
    await operator().prepare('oidc-es256');
    assert.equal((await jwksOf(service)).length, 3);
    assert.equal(kidOf(await accessToken()), kidOf(first));
    await operator().change('oidc-es256.v2', 'activate');
    const second = await accessToken();
    assert.notEqual(kidOf(second), kidOf(first));
    assert.deepEqual([await code(first), await code(second)], ['accepted', 'accepted']);
    const published = createLocalJWKSet({ keys: await jwksOf(service) });
    for (const token of [first, second]) await jwtVerify(token, published);
    for (const key of await jwksOf(service)) assert.ok(!('d' in key));
  });

  it('refuses what a retired key signed, and publishes it no more', async () => {
    const published = await jwksOf(service);
    const held = await accessToken();
    await operator().prepare('oidc-es256');
    await operator().change('oidc-es256.v3', 'activate');
    await accessToken();
    await operator().change('oidc-es256.v2', 'retire');
    while ((await code(held)) === 'accepted') await pause(20); // the folder is looked at now and then
    assert.equal(await code(held), 'token-invalid');
    const kids = (await jwksOf(service)).map(({ kid }) => kid);
    assert.ok(!kids.includes(kidOf(held) ?? ''));
    assert.equal(kids.length, published.length);
  });

  it('fails no request and no verification while tokens are asked for all the time', async () => {
    const rotation = { done: false, verified: 0 };
    const seen = new Set<string | undefined>();
    const asking = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!rotation.done) {
          const token = await accessToken();
          assert.equal(await code(token), 'accepted');
          seen.add(kidOf(token));
          rotation.verified++;
        }
      }),
    );
    const another = async (known: number) => {
      while (seen.size <= known && !rotation.done) await pause(20);
    };
    await Promise.race([another(0), asking]);
    for (let round = 0; round < 3; round++) {
      const next = await operator().prepare('oidc-es256');
      const known = seen.size;
      await operator().change(next.name, 'activate');
      await Promise.race([another(known), asking]);
    }
    while (rotation.verified <= 10) await Promise.race([pause(20), asking]);
    rotation.done = true;
    await asking;
    assert.ok(seen.size >= 3, `${seen.size} keys were seen`);
    assert.ok(rotation.verified > 10);
  });

  it('signs ID tokens with the key that the audit entry named before', async () => {
    await person(service.identity, 'rotator', 3);
    const next = await operator().prepare('oidc-rs256');
    const config = await service.client('sandbox-web');
    const browser = service.browser();
    const started = await begin(config, browser);
    await operator().change(next.name, 'activate');
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, 'rotator'));
    const published = createLocalJWKSet({ keys: await jwksOf(service) });
    const { protectedHeader } = await jwtVerify(tokens.id_token ?? '', published);
    const entry = (await service.entries('token.issued')).at(-1);
    const family = protectedHeader.alg === 'RS256' ? 'oidc-rs256' : 'oidc-es256';
    const active = (await operator().family(family)).find(({ state }) => state === 'active');
    assert.equal(entry?.facts?.['idTokenKeyName'], active?.name);
    assert.equal(entry?.facts?.['keyName'], undefined);
  });

  it('names in the audit entry the key of every access token for the API', async () => {
    await accessToken();
    const entry = (await service.entries('token.issued')).at(-1);
    const active = (await operator().family('oidc-es256')).find(({ state }) => state === 'active');
    assert.equal(entry?.facts?.['keyName'], active?.name);
  });
});

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

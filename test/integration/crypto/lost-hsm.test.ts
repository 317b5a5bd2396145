// The whole service with its keys in a hardware token: a lost token is a 503 with a code and nothing half done, and the service goes on by itself.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiClient } from '../../support/api-client.ts';
import { Pkcs11Token } from '../../../src/crypto/pkcs11-token.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { needSoftHsm, type SoftHsm } from '../../support/softhsm.ts';
import { sealOf, stampOrder, upload } from '../http/deeds.ts';

describe('A service whose keys are in a hardware token', () => {
  let hsm: SoftHsm | undefined;
  let server: TestServer;
  let api: ApiClient;
  let token: string;

  before(async function () {
    hsm = needSoftHsm(this);
    const pinFile = join(hsm.directory, 'pin');
    writeFileSync(pinFile, `${hsm.pin}\n`, { mode: 0o600 });
    server = await startServer({
      KEY_STORE: 'pkcs11',
      PKCS11_MODULE: hsm.module,
      PKCS11_TOKEN: hsm.token,
      PKCS11_PIN_FILE: pinFile,
    });
    api = await server.api();
    token = await server.systemToken();
  });
  after(async () => {
    await server?.stop();
    if (hsm === undefined) return;
    (await Pkcs11Token.open({ ...hsm, log: silentLog })).close();
    hsm.remove();
  });

  async function order(): Promise<Response> {
    const { documentId } = await upload(api);
    const { sealId } = await sealOf(api);
    return fetch(`${server.url}/api/v1/stampings`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(stampOrder(sealId, documentId)),
    });
  }

  it('stamps with a key that is in no file', async () => {
    const { status } = await order();
    assert.equal(status, 201);
    const unsealed = await server.services.keyKeeping.list();
    assert.ok(unsealed.filter(({ algorithm }) => algorithm === 'ES256').length > 5);
  });

  it('answers 503 key-unavailable while the token is away, voids the stamping, and stamps again when it is back', async () => {
    assert.ok(hsm !== undefined);
    hsm.unplug();
    let problem: Record<string, unknown>;
    try {
      const refused = await order();
      assert.equal(refused.status, 503);
      problem = JSON.parse(await refused.text());
      assert.equal(problem['code'], 'key-unavailable');
      assert.ok(!JSON.stringify(problem).includes('CKR_'));
      const { items } = await server.services.audit.entries({ action: 'stamping', limit: 2 });
      assert.deepEqual(
        items.map(({ outcome, code }) => ({ outcome, code })),
        [
          { outcome: 'voided', code: 'key-unavailable' },
          { outcome: 'intended', code: null },
        ],
      );
      const ready = await fetch(`${server.url}/api/v1/seals`, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(ready.status, 200); // what needs no key goes on
    } finally {
      hsm.plugIn();
    }
    for (;;) {
      const { status } = await order();
      if (status === 201) break;
      assert.equal(status, 503);
      await new Promise((resolve) => {
        setTimeout(resolve, 250);
      });
    }
  });
});

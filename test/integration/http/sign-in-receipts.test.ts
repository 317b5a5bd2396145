// Receipts of sign-ins over HTTP, judged by other programs: the JWS by jose, the SM2 signature by the openssl command line; RFC 7515, GB/T 32918.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { compactVerify, decodeJwt, decodeProtectedHeader, importSPKI } from 'jose';
import * as oidc from 'openid-client';
import * as audit from '../../../src/contract/audit.ts';
import * as contract from '../../../src/contract/sign-in-receipts.ts';
import { ApiClient } from '../../support/api-client.ts';
import { needOpenssl } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { Browser } from '../identity/browser.ts';
import { begin, callback, redeem, signInAndAgree } from '../identity/service.ts';

describe('receipts of sign-ins over HTTP', () => {
  let server: TestServer;
  let citizen: ApiClient;
  let idToken: string;
  before(async () => {
    server = await startServer();
    [citizen, idToken] = await as('citizen1');
  });
  after(() => server?.stop());

  async function as(loginName: string): Promise<[ApiClient, string]> {
    const config = await oidc.discovery(new URL(`${server.url}/oidc`), 'sandbox-web', undefined, oidc.None(), {
      execute: [oidc.allowInsecureRequests],
    });
    const browser = new Browser({ stopAt: callback });
    const started = await begin(config, browser, { scope: 'openid licence.read' });
    const tokens = await redeem(config, started, await signInAndAgree(browser, started.page, loginName));
    return [new ApiClient({ url: server.url, token: tokens.access_token }), tokens.id_token ?? ''];
  }
  const keyOf = async (kid: unknown) => {
    const { items } = await server.nobody.json(contract.listSignInReceiptKeys);
    return items.find((key) => key.kid === kid) ?? assert.fail(`no key ${String(kid)}`);
  };

  it('RFC 7515: says what the ID token said, under a published key, and names its entry in the log', async () => {
    const { receipt, entryId, sm2 } = await citizen.json(contract.issueSignInReceipt, { json: { idToken } });
    assert.equal(sm2, null);
    const { kid, alg, typ } = decodeProtectedHeader(receipt);
    assert.deepEqual([alg, typ], ['ES256', 'yinxin-sign-in-receipt+jwt']);
    const { pem, algorithm } = await keyOf(kid);
    const { payload } = await compactVerify(receipt, await importSPKI(pem, algorithm));
    const said: Record<string, unknown> = JSON.parse(new TextDecoder().decode(payload));
    const { sub, acr, amr, auth_time: authTime } = decodeJwt(idToken);
    assert.deepEqual(said, {
      iss: `${server.url}/oidc`,
      jti: entryId,
      iat: said['iat'],
      client_id: 'sandbox-web',
      sub,
      acr,
      amr,
      auth_time: authTime,
      id_token_sha256: createHash('sha256').update(idToken).digest('base64url'),
    });
    const intended = await server.services.audit.entries({ action: 'identity-receipt.issued', limit: 2 });
    assert.deepEqual(
      intended.items.map(({ outcome, facts }) => [outcome, facts['keyName'], facts['client']]),
      [
        ['done', 'identity-receipt-es256', 'sandbox-web'],
        ['intended', 'identity-receipt-es256', 'sandbox-web'],
      ],
    );
    assert.equal(intended.items[1]?.entryId, entryId);
    assert.match(
      new TextDecoder().decode((await citizen.file(audit.getReceipt, { params: { entry: entryId } })).bytes),
      /c2sp/,
    );
  });

  it('GB/T 32918.2: has an SM2 signature beside it that openssl verifies over the very bytes, and over no others', async function () {
    const bench = needOpenssl(this);
    try {
      const { receipt, sm2 } = await citizen.json(contract.issueSignInReceipt, { json: { idToken, withSm2: true } });
      const { pem, algorithm } = await keyOf(sm2?.kid);
      assert.equal(algorithm, 'SM2');
      const key = bench.write('key.pem', pem);
      const signature = bench.write('signature', Buffer.from(sm2?.signature ?? '', 'base64'));
      const judged = (text: string) => {
        const options = ['dgst', '-sm3', '-sigopt', 'distid:1234567812345678', '-verify', key];
        return bench.run(...options, '-signature', signature, bench.write('receipt', text)).good;
      };
      assert.equal(judged(receipt), true);
      assert.equal(judged(`${receipt.slice(0, -1)}${receipt.endsWith('A') ? 'B' : 'A'}`), false);
    } finally {
      bench.remove();
    }
  });

  it('is for the person and the client of the sign-in, and for ID tokens only', async () => {
    const [other] = await as('clerk1');
    const refused = async (caller: ApiClient, token: string) => {
      const { status, code } = await caller.refusal(contract.issueSignInReceipt, { json: { idToken: token } });
      return [status, code];
    };
    assert.deepEqual(await refused(other, idToken), [403, 'forbidden']);
    assert.deepEqual(await refused(await server.api('verify'), idToken), [403, 'forbidden']);
    assert.deepEqual(await refused(server.nobody, idToken), [401, 'token-missing']);
    const { receipt } = await citizen.json(contract.issueSignInReceipt, { json: { idToken } });
    const [head, body, signature = ''] = idToken.split('.');
    const changed = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const wrong of [receipt, await server.systemToken(['verify']), changed, 'a.b.c', 'x'])
      assert.deepEqual(await refused(citizen, wrong), [400, 'malformed-request'], wrong);
  });
});

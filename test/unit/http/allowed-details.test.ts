// A token with authorization details does the one thing, and headers of a proxy are believed from it alone; RFC 9396 section 8, RFC 8705 section 6.5.

import assert from 'node:assert/strict';
import express from 'express';
import { readConfig } from '../../../src/config.ts';
import { requireSealInDetails, requireWithinDetails } from '../../../src/http/allowed-details.ts';
import { proxyHeaders } from '../../../src/http/proxy-headers.ts';
import type { AuthorizationDetail } from '../../../src/kernel/authorization-details.ts';
import { toHex } from '../../../src/kernel/bytes.ts';
import { randomBytes } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { anonymous, type Principal } from '../../../src/kernel/principal.ts';

describe('RFC 9396, section 8: authorization details bound what a token does', () => {
  const person = (...authorizationDetails: AuthorizationDetail[]): Principal => ({
    ...anonymous,
    kind: 'person',
    scopes: new Set(['seal.stamp', 'licence.read']),
    authorizationDetails,
  });
  const use = { type: 'seal_use', identifier: 'seal_a', purpose: '合同' } as const;
  const show = { type: 'licence_show', identifier: 'lic_a', purpose: '入学' } as const;
  const order = { sealId: 'seal_a', documentId: 'doc_a', purpose: '合同', placements: [] };
  const allows = (principal: Principal, operation: string, { params = {}, json = {} } = {}) => {
    try {
      requireWithinDetails(principal, { operation, params, json });
      return true;
    } catch (error) {
      assert.ok(isTrustError(error, 'scope-missing'));
      return false;
    }
  };

  it('seal_use: that seal, that purpose, and that document where one is named', () => {
    assert.ok(allows(person(use), 'uploadDocument'));
    assert.ok(allows(person(use), 'createStamping', { json: order }));
    assert.ok(!allows(person(use), 'createStamping', { json: { ...order, sealId: 'seal_b' } }));
    assert.ok(!allows(person(use), 'createStamping', { json: { ...order, purpose: '别的' } }));
    assert.ok(allows(person({ ...use, document: 'doc_a' }), 'createStamping', { json: order }));
    assert.ok(!allows(person({ ...use, document: 'doc_b' }), 'createStamping', { json: order }));
    assert.ok(!allows(person(use), 'listSeals'));
    assert.ok(!allows(person(use), 'getLicence', { params: { licenceId: 'lic_a' } }));
  });

  it('seal_use: a digest of any document, but not where one is named, since nobody can tell of which it is', () => {
    assert.ok(allows(person(use), 'createDigestStamping', { json: order }));
    assert.ok(!allows(person(use), 'createDigestStamping', { json: { ...order, purpose: '别的' } }));
    assert.ok(!allows(person({ ...use, document: 'doc_a' }), 'createDigestStamping', { json: order }));
    for (const operation of ['signDigestStamping', 'getDigestStamping']) {
      assert.ok(allows(person(use), operation));
      assert.ok(!allows(person(show), operation));
    }
  });

  it('seal_use: the stamped document of that seal', () => {
    assert.ok(allows(person(use), 'getStampedDocument'));
    requireSealInDetails(person(use), 'seal_a');
    requireSealInDetails(anonymous, 'seal_b');
    assert.throws(
      () => requireSealInDetails(person(use, show), 'seal_b'),
      (error) => isTrustError(error, 'scope-missing'),
    );
  });

  it('licence_show: that licence and its code', () => {
    for (const operation of ['getLicence', 'getLicenceQr']) {
      assert.ok(allows(person(show), operation, { params: { licenceId: 'lic_a' } }));
      assert.ok(!allows(person(show), operation, { params: { licenceId: 'lic_b' } }));
    }
    assert.ok(!allows(person(show), 'listLicenceTypes'));
    assert.ok(!allows(person(show), 'createStamping', { json: order }));
  });

  it('each of several, and no more', () => {
    const both = person(use, show);
    assert.ok(allows(both, 'createStamping', { json: order }));
    assert.ok(allows(both, 'getLicence', { params: { licenceId: 'lic_a' } }));
    assert.ok(!allows(both, 'issueLicence'));
  });

  it('callers without details go by their scopes', () => {
    assert.ok(allows(anonymous, 'issueLicence'));
  });
});

describe('RFC 8705, section 6.5: a certificate in a header is believed from our proxies only', () => {
  async function seen(trusted: boolean): Promise<unknown> {
    const app = express();
    app.use(proxyHeaders({ names: ['x-client-certificate'], trusts: () => trusted }));
    app.get('/', (request, response) => {
      response.json(request.get('x-client-certificate') ?? null);
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'X-Client-Certificate': 'mine' } });
    const value: unknown = JSON.parse(await answer.text());
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return value;
  }

  it('takes it from strangers and leaves it to proxies', async () => {
    assert.deepEqual([await seen(false), await seen(true)], [null, 'mine']);
  });

  const base = { KEY_ENCRYPTION_KEY: toHex(randomBytes(32)) };
  it('is set up with the proxies that give it, and not without', () => {
    const given = { ...base, CLIENT_CERTIFICATE_HEADER: 'X-Client-Cert', TRUSTED_PROXIES: '10.0.0.1' };
    assert.equal(readConfig(base).clientCertificateHeaders, undefined);
    assert.deepEqual(readConfig(given).clientCertificateHeaders, { certificate: 'x-client-cert' });
    assert.deepEqual(
      readConfig({ ...given, CLIENT_CERTIFICATE_VERIFIED_HEADER: 'X-Verify' }).clientCertificateHeaders,
      {
        certificate: 'x-client-cert',
        verified: 'x-verify',
      },
    );
    for (const bad of [
      { ...given, TRUSTED_PROXIES: '' },
      { ...given, CLIENT_CERTIFICATE_VERIFIED_HEADER: 'X-Client-Cert' },
      { ...given, CLIENT_CERTIFICATE_HEADER: '', CLIENT_CERTIFICATE_VERIFIED_HEADER: 'X-Verify' },
      { ...given, CLIENT_CERTIFICATE_HEADER: 'X Client' },
    ]) {
      assert.throws(
        () => readConfig(bad),
        (error) => isTrustError(error, 'configuration-invalid'),
      );
    }
  });
});

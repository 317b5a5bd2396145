// A seal whose certificate is suspended (certificateHold): the register says so, a stamping is refused for that reason, and resumed it stamps; RFC 5280, 5.3.1.

import assert from 'node:assert/strict';
import * as pki from '../../../src/contract/authority.ts';
import * as seals from '../../../src/contract/seals.ts';
import { house } from '../../../src/kernel/principal.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { fresh, sealOf, stampOrder, upload } from './deeds.ts';

describe('RFC 5280, 5.3.1: a seal whose certificate is on hold', () => {
  let server: TestServer;
  let api: ApiClient;
  let office: ApiClient;
  before(async () => {
    server = await startServer();
    [api, office] = [await server.api(), await server.api('pki.read', 'pki.manage')];
  });
  after(() => server?.stop());

  const told = async (sealId: string) => {
    const one = await api.json(seals.getSeal, { params: { sealId } });
    const { items } = await api.json(seals.listSeals);
    const listed = items.find((item) => item.sealId === sealId);
    assert.equal(listed?.certificateStatus, one.certificateStatus);
    return [one.status, one.certificateStatus];
  };
  const stamping = async (sealId: string) => {
    const { documentId } = await upload(api);
    return { json: stampOrder(sealId, documentId), headers: fresh() };
  };

  it('says so in the register and in the refusal, not that it is revoked, and stamps again when it is resumed', async () => {
    const { sealId, sealCode } = await sealOf(api);
    assert.deepEqual(await told(sealId), ['active', 'good']);
    const { certificate } = await server.services.authority.certificateOf(`seal-${sealCode}`);
    const params = { serial: certificate.serialHex };
    await office.json(pki.suspendCertificate, { params });
    assert.deepEqual(await told(sealId), ['active', 'on-hold']);
    const refusal = await api.refusal(seals.createStamping, await stamping(sealId));
    assert.deepEqual([refusal.status, refusal.code], [409, 'seal-not-active']);
    assert.equal(refusal.problem['reason'], 'certificate-on-hold');
    assert.match(String(refusal.problem['detail']), /its certificate is suspended since/);
    await office.json(pki.resumeCertificate, { params });
    assert.deepEqual(await told(sealId), ['active', 'good']);
    assert.equal((await api.json(seals.createStamping, await stamping(sealId))).status, 'done');
  });

  it('and one whose authority is on hold is refused for that; a revoked one is told as revoked', async () => {
    const { sealId, sealCode } = await sealOf(api);
    const { authority } = server.services;
    const ca = (await authority.certificateOf('seal-ca')).certificate.serialHex;
    await authority.suspend(ca, house);
    const held = await api.refusal(seals.createStamping, await stamping(sealId));
    assert.equal(held.problem['reason'], 'certificate-on-hold');
    assert.match(String(held.problem['detail']), /the certificate of its authority is suspended/);
    await authority.resume(ca, house);
    const { certificate } = await authority.certificateOf(`seal-${sealCode}`);
    const revoke = { params: { serial: certificate.serialHex }, json: { reason: 'superseded' } };
    await office.json(pki.revokeCertificate, revoke);
    assert.deepEqual(await told(sealId), ['active', 'revoked']);
    const refusal = await api.refusal(seals.createStamping, await stamping(sealId));
    assert.equal(refusal.code, 'seal-not-active');
    assert.notEqual(refusal.problem['reason'], 'certificate-on-hold');
  });
});

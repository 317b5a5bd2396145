// What a stamping asks of the database: counted, so that it does not grow unseen; docs/scale.md.

import assert from 'node:assert/strict';
import { systemClock } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { statementsOf } from '../../support/statements.ts';
import { requestKey, type SealHouse, sealHouse, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');

function reasonOf(error: unknown): string {
  const reason = isTrustError(error) ? error.details?.['reason'] : undefined;
  return typeof reason === 'string' ? reason : String(error);
}

describe('the cost of a stamping (docs/scale.md)', () => {
  let of: SealHouse;
  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('is nineteen statements when the seal and the authorities are known', async () => {
    const stamps = of.stamps();
    const stamp = async (documentId: string) =>
      stamps.stamp(caller, stampRequest(of, documentId, { level: 'B-B' }), requestKey(newId('stamping', systemClock)));
    await stamp(await uploaded(of, caller));
    const documentId = await uploaded(of, caller);
    const statements = await statementsOf(() => stamp(documentId));
    assert.deepEqual(statements.toSorted(), [
      'audit-head',
      'audit-index-of',
      'audit-record',
      'audit-record',
      'pki-anchors-in-force',
      'pki-anchors-in-force',
      'pki-bound',
      'pki-state',
      'pki-state',
      'pki-state',
      'seal-by-certificate',
      'seal-document-content',
      'seal-document-insert',
      'seal-for-use',
      'seal-hold',
      'seal-stamping-begin',
      'seal-stamping-by-key',
      'seal-stamping-done',
      'seal-use-still',
    ]);
  });

  it('a certificate revoked or suspended through another node makes the seal unusable at once, however well it is known here', async () => {
    const stamps = of.stamps();
    const stamp = async (): Promise<string> =>
      stamps
        .stamp(
          caller,
          stampRequest(of, await uploaded(of, caller), { level: 'B-B' }),
          requestKey(newId('stamping', systemClock)),
        )
        .then(({ status }) => status, reasonOf);
    assert.equal(await stamp(), 'done');
    const { certificate, chain } = await of.authority.certificateOf(of.seal.keyName);
    const there = await of.anotherNode();
    try {
      await there.authority.suspend(certificate.serialHex, house);
      assert.equal(await stamp(), 'certificate-on-hold');
      await there.authority.resume(certificate.serialHex, house);
      assert.equal(await stamp(), 'done');
      await there.authority.suspend(chain[0]?.serialHex ?? '', house);
      assert.equal(await stamp(), 'certificate-on-hold');
      await there.authority.resume(chain[0]?.serialHex ?? '', house);
      assert.equal(await stamp(), 'done');
      await there.authority.revoke(certificate.serialHex, 'keyCompromise', house);
      assert.equal(await stamp(), 'revoked');
    } finally {
      await there.close();
    }
  });
});

// FIPS 186-5, 6.4.2: a signature found good before is good again for exactly the same octets, and for nothing else.

import assert from 'node:assert/strict';
import { verifiedBefore } from '../../../src/crypto/verified-before.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';

describe('FIPS 186-5, 6.4.2: signatures found good before', () => {
  const given = { scheme: 'ES256', spki: utf8('key'), data: utf8('data'), signature: utf8('signature') };
  const never = (): boolean => assert.fail('it was asked again');

  it('asks once for a good one, and every time for a bad one', () => {
    assert.equal(
      verifiedBefore(given, () => false),
      false,
    );
    assert.equal(
      verifiedBefore(given, () => false),
      false,
    );
    assert.equal(
      verifiedBefore(given, () => true),
      true,
    );
    assert.equal(verifiedBefore(given, never), true);
  });

  it('takes no other scheme, key, data or signature for it, also when all of them in a row are the same octets', () => {
    verifiedBefore(given, () => true);
    for (const other of [
      { ...given, scheme: 'SM2' },
      { ...given, spki: utf8('kez') },
      { ...given, data: utf8('data ') },
      { ...given, signature: utf8('signaturf') },
      { ...given, spki: utf8('keys'), signature: utf8('ignature') },
      { ...given, signature: utf8('signatured'), data: utf8('ata') },
    ])
      assert.equal(
        verifiedBefore(other, () => false),
        false,
      );
  });

  it('forgets the oldest of many, and does not read what is too large for it', () => {
    verifiedBefore(given, () => true);
    for (let i = 0; i < 4096; i++) verifiedBefore({ ...given, data: utf8(`data ${i}`) }, () => true);
    assert.equal(
      verifiedBefore(given, () => false),
      false,
    );
    const large = { ...given, data: new Uint8Array(256 * 1024 + 1) };
    assert.equal(
      verifiedBefore(large, () => true),
      true,
    );
    assert.equal(
      verifiedBefore(large, () => false),
      false,
    );
  });
});

// Embedded certificates that all bear one name: each could be the issuer of each, and a signature must not buy that many checks.

import assert from 'node:assert/strict';
import { randomBytes } from '../../../src/kernel/clock.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { embeddedCertificatesHold } from '../../../src/verification/embedded-certificates.ts';

describe('what embedded certificates may cost', () => {
  it('forty of one name that nobody signed are refused after a hundred checks', () => {
    let reads = 0;
    const name = new Uint8Array([0x30, 0]);
    const doctored = Array.from({ length: 40 }, () => {
      const parts = { der: randomBytes(8), tbs: randomBytes(8), subjectDer: name, issuerDer: name };
      // The signature of a certificate is looked at once a check.
      const counted = { get: () => (reads++, randomBytes(64)) };
      return Object.defineProperty({ ...parts, spki: randomBytes(8) }, 'signature', counted) as unknown as Certificate;
    });
    assert.equal(embeddedCertificatesHold(doctored, []), false);
    assert.ok(reads <= 300, `${reads}`);
  });
});

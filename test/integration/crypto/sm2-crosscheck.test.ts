// A sample of `npm run crosscheck`: SM2 signatures of random keys, both ways, against the openssl command line; GB/T 32918.2-2016.

import assert from 'node:assert/strict';
import { needOpenssl } from '../../support/openssl.ts';
import { crosscheckSm2 } from '../../support/sm2-crosscheck.ts';

describe('GB/T 32918.2-2016: 200 random SM2 signatures', () => {
  it('are judged the same here and by openssl, in both directions', async function () {
    needOpenssl(this).remove();
    const { compared, damaged, disagreements } = await crosscheckSm2({ count: 200, atOnce: 2 });
    assert.deepEqual(disagreements, []);
    assert.deepEqual([compared, damaged], [200, 40]);
  });
});

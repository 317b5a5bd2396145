// Who ordered a batch is looked at again for each document: a system that lost its scope since goes on with none.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import { ordererOf, presentOrderer } from '../../../src/seal/batch/orderer.ts';
import { ordererNow } from '../../../src/stamping-people.ts';

const caller: Principal = {
  kind: 'system',
  clientId: 'client-one',
  scopes: new Set(['seal.stamp']),
  roles: new Set(),
  level: 0,
};

/** With what the system is registered for at this moment. */
const present = (scopes: readonly string[]) =>
  presentOrderer(
    ordererOf(caller),
    ordererNow({
      accessTokens: { asOfNow: async (principal) => principal },
      clients: { metadataOf: async () => ({ api_scopes: scopes }) },
    }),
  );

describe('docs/stamping.md: each document of a batch under the rights of its moment', () => {
  it('goes on for a system that is still registered for stamping', async () => {
    assert.deepEqual([...(await present(['seal.read', 'seal.stamp'])).scopes], ['seal.stamp']);
  });

  it('ends for a system that is registered for stamping no more', async () => {
    await assert.rejects(present(['seal.read']), (error) => isTrustError(error, 'forbidden'));
  });
});

// The register as a source of status, and what of its answers is kept for the next question of the same state.

import assert from 'node:assert/strict';
import { registerRevocation } from '../../../src/authority/register-revocation.ts';
import type { RegisteredStatus, StatusStore } from '../../../src/authority/status-store.ts';
import type { Queryable } from '../../../src/db/database.ts';
import type { RevocationSource } from '../../../src/pki/revocation.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';

const { root, seal, tsa } = await sandboxPki();
const elsewhere: RevocationSource = { check: () => ({ status: 'unknown', detail: 'nobody else is asked here' }) };

describe('the status of our own certificates', () => {
  it('is not lost when another question empties the memory while the database answers', async () => {
    const of = ({ serialHex, der }: { serialHex: string; der: Uint8Array }): RegisteredStatus => ({
      serialHex,
      der,
      revocation: undefined,
    });
    const known = new Map([[seal.certificate.serialHex, of(seal.certificate)]]);
    const asked: (readonly string[])[] = [];
    const statuses = {
      registered: async (_: unknown, serials: readonly string[]) => {
        asked.push(serials);
        await Promise.resolve();
        known.clear();
        return [of(tsa.certificate)];
      },
    } as unknown as StatusStore;
    const own = { statuses, db: {} as Queryable, elsewhere, own: [], known };
    const source = await registerRevocation(own, [seal.certificate, tsa.certificate]);
    assert.deepEqual(asked, [[tsa.certificate.serialHex]], 'what is known is not asked again');
    for (const { certificate } of [seal, tsa])
      assert.deepEqual(source.check(certificate, root.certificate), { status: 'good' });
  });
});

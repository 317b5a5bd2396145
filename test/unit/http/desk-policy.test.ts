// Proves which signing policy the desk takes for a seal and its documents.

import assert from 'node:assert/strict';
import { deskPolicy } from '../../../src/http/pages/desk-policy.ts';
import { anonymous } from '../../../src/kernel/principal.ts';
import type { SigningPolicy } from '../../../src/seal/seal-record.ts';

describe('the signing policy of the desk', () => {
  const chosen = (policies: readonly SigningPolicy[], ...mediaTypes: string[]) =>
    deskPolicy({ mediaTypes: async () => mediaTypes }, anonymous, { seal: { policies }, documentIds: [] });
  const both = ['gm', 'intl', 'dual'] as const;

  it('is both suites for PDF where the seal has them, and SM2 for OFD', async () => {
    assert.equal(await chosen(both, 'application/pdf'), 'dual');
    assert.equal(await chosen(both, 'application/ofd'), 'gm');
    assert.equal(await chosen(both, 'application/pdf', 'application/ofd'), 'gm');
  });

  it('is the only one of a seal of one suite, which refuses what it cannot sign', async () => {
    assert.equal(await chosen(['intl'], 'application/pdf'), 'intl');
    assert.equal(await chosen(['gm'], 'application/pdf'), 'gm');
    assert.equal(await chosen(['intl'], 'application/ofd'), 'intl');
  });
});

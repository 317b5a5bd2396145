// The page of a request for a stamping tells all that is approved with it.

import assert from 'node:assert/strict';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { requestPage } from '../../../src/http/pages/stamping-request-pages.ts';
import type { StampRequest } from '../../../src/seal/stamp-request.ts';

const at = systemClock.now();
const sealId = newId('seal', systemClock);
const organisation = { organisationId: newId('organisation', systemClock), name: 'XTEXT', uscc: '91990000XTEST00012' };

function page(change: Partial<StampRequest>): string {
  const documentId = newId('document', systemClock);
  const digest = new Uint8Array(32);
  const order: StampRequest = { sealId, documentId, placements: [], purpose: '出具证明', policy: 'gm', level: 'B-T' };
  return requestPage({
    frame: { language: 'en', sandbox: true, principalName: 'approver' },
    request: {
      requestId: newId('stampingRequest', systemClock),
      owner: `account:${newId('account', systemClock)}`,
      sealId,
      documentId,
      documentSha256: digest,
      contentSha256: digest,
      order: { ...order, ...change },
      policyVersion: 1,
      approvers: 1,
      approvals: [],
      state: 'waiting',
      askedAt: at,
      expiresAt: at,
      decidedAt: null,
      reason: null,
      stampingId: null,
      failureCode: null,
    },
    requesterName: 'somebody',
    approverNames: [],
    preview: {
      places: [],
      field: undefined,
      pageCount: 1,
      mediaType: 'application/pdf',
      sizeBytes: 1000,
      seal: {
        sealId,
        sealCode: '99010000000001',
        name: 'a seal',
        type: 'unit',
        organisation,
        status: 'active',
        validFrom: at,
        validUntil: at,
        widthMm: 42,
        heightMm: 42,
        policies: ['gm'],
        keyName: 'seal-1',
        edition: 1,
      },
    },
    isOwn: false,
    mayDecide: true,
    hasApproved: false,
    isDone: false,
    script: undefined,
  }).toString();
}

describe('docs/seals.md: who approves a stamping is told', () => {
  it('what it forbids others, which fields it locks, that it shows no seal, and under which policy', () => {
    const told = page({ certify: 'no-changes', lock: { include: ['Payee'] }, form: 'signature' });
    for (const words of ['Allows no change and no signature', 'Payee', 'shows no seal', 'gm, B-T'])
      assert.ok(told.includes(words), words);
    assert.ok(page({ lock: 'all' }).includes('<dd>All</dd>'));
  });

  it('nothing of it where it forbids nothing', () => {
    const told = page({});
    for (const words of ['After it the document', 'locks', 'shows no seal']) assert.ok(!told.includes(words), words);
  });
});

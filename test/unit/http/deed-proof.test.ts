// What administrators change wants a person who signed in just now, in production by passkey; RFC 9470, GB/T 22239-2019 8.1.4.1 d.

import assert from 'node:assert/strict';
import express from 'express';
import { operations } from '../../../src/contract/api.ts';
import { isAdministratorsDeed, type OperationShape } from '../../../src/contract/operation.ts';
import { apiRouter, binder } from '../../../src/http/api.ts';
import { problemHandler } from '../../../src/http/problem.ts';
import { isOvertaken } from '../../../src/identity/accounts/accounts.ts';
import { addSeconds, epochSeconds, moment } from '../../../src/kernel/clock.ts';
import { isTrustError, TrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { requireRecentProof } from '../../../src/kernel/permissions.ts';
import { anonymous, house, type Principal, scopes } from '../../../src/kernel/principal.ts';

const now = moment('2026-11-22T08:00:00Z');
const signedIn = (agoSeconds: number, more: Partial<Principal> = {}): Principal => ({
  ...anonymous,
  kind: 'person',
  accountId: 'acc_01jd0000000000000000000000',
  scopes: new Set(scopes),
  roles: new Set(['administrator']),
  level: 4,
  amr: ['pwd'],
  authenticatedAt: addSeconds(now, -agoSeconds),
  ...more,
});

describe('RFC 9470: deeds of administrators at our API', () => {
  /** The operation over HTTP, answered by whether its handler was reached. */
  async function called(operation: OperationShape, principal: Principal, passkey = false) {
    const bind = binder({
      principalOf: async () => principal,
      maxDocumentBytes: 1000,
      deedProof: () => ({ now, passkey }),
    });
    const reached = async (): Promise<never> => {
      throw new TrustError('shutting-down', 'the handler was reached');
    };
    const { json: _body, params: _path, ...bare } = operation;
    const app = express();
    app.use(apiRouter([bind({ ...bare, versioned: 'answers' }, reached)]));
    app.use(problemHandler(silentLog));
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const { status, headers } = await fetch(`http://127.0.0.1:${port}${operation.path}`, {
        method: operation.method,
        headers: { authorization: 'Bearer x' },
      });
      return { status, challenge: headers.get('www-authenticate') };
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  const deeds = operations.filter(isAdministratorsDeed);

  it('are all that register, change and end systems, accounts, proposals, certificates and anchors, and no reading', () => {
    const names = deeds.map(({ id }) => id);
    for (const name of [
      'registerClient',
      'changeClient',
      'rotateClientSecret',
      'addClientKey',
      'resumeClient',
      'suspendAccount',
      'giveRole',
      'resetFactors',
      'proposeIdentityDeed',
      'approveIdentityProposal',
      'issueCertificate',
      'revokeCertificate',
      'proposeAuthorityDeed',
      'approveAuthorityProposal',
    ])
      assert.ok(names.includes(name), `${name} of ${names.join(' ')}`);
    for (const name of ['searchAccounts', 'getClient', 'createStamping', 'listCertificates'])
      assert.equal(names.includes(name), false, name);
  });

  it('want a sign-in of the last five minutes, each of them, and say so to the client', async () => {
    for (const deed of deeds) {
      const { status, challenge } = await called(deed, signedIn(301));
      assert.equal(status, 401, deed.id);
      assert.equal(
        challenge,
        'Bearer realm="yinxin", error="insufficient_user_authentication", max_age="300"',
        deed.id,
      );
    }
    const [deed] = deeds;
    assert.ok(deed);
    assert.equal((await called(deed, signedIn(300))).status, 503);
    assert.equal((await called(deed, { ...anonymous, kind: 'system', scopes: new Set(scopes) })).status, 503);
    const search = operations.find(({ id }) => id === 'searchAccounts');
    assert.ok(search);
    assert.equal((await called(search, signedIn(301))).status, 503);
  });

  it('want a new sign-in, whatever its age, where the ways to sign in have changed since in another session', async () => {
    const [deed] = deeds;
    assert.ok(deed);
    const { status, challenge } = await called(deed, signedIn(10, { mustProveAgain: true }));
    assert.equal(status, 401);
    assert.match(challenge ?? '', /max_age="0"$/);
  });

  it('want a passkey in production, whose holder was checked', () => {
    const code = (principal: Principal) => {
      try {
        requireRecentProof(principal, { now, passkey: true });
        return undefined;
      } catch (error) {
        return isTrustError(error) ? error.code : error;
      }
    };
    for (const amr of [['pwd'], ['pwd', 'otp', 'mfa'], ['sms', 'pwd', 'mfa'], ['hwk'], ['user']])
      assert.equal(code(signedIn(10, { amr })), 'step-up-required', amr.join(' '));
    assert.equal(code(signedIn(10, { amr: ['hwk', 'user', 'mfa'] })), undefined);
    assert.equal(code(signedIn(10, { amr: ['swk', 'user', 'mfa'] })), undefined);
    assert.equal(code(signedIn(301, { amr: ['hwk', 'user', 'mfa'] })), 'step-up-required');
    assert.equal(code(house), undefined);
  });
});

describe('docs/accounts.md: a change of the ways to sign in', () => {
  const changed = (sessionId?: string) => ({ factorsChanged: { at: now, sessionId } });
  const before = epochSeconds(now) - 60;

  it('overtakes every sign-in from before it but that of the session which made it', () => {
    assert.equal(isOvertaken(changed('ses_a'), { authTimeSeconds: before, sessionId: 'ses_b' }), true);
    assert.equal(isOvertaken(changed('ses_a'), { authTimeSeconds: before, sessionId: 'ses_a' }), false);
    assert.equal(isOvertaken(changed('ses_a'), { authTimeSeconds: before }), true);
    assert.equal(isOvertaken(changed(), { authTimeSeconds: before }), true);
    assert.equal(isOvertaken(changed(), { authTimeSeconds: epochSeconds(now) }), false);
    assert.equal(isOvertaken({ factorsChanged: undefined }, { authTimeSeconds: before }), false);
  });
});

// The Principal of a page: from the sign-in and from the account as it is now.

import assert from 'node:assert/strict';
import { pagePrincipal, readPageUser } from '../../../src/http/page-user.ts';
import { scopesOf } from '../../../src/identity/tokens/role-scopes.ts';
import type { Account } from '../../../src/identity/accounts/accounts.ts';

const claims = {
  sub: 'acc_01jd0000000000000000000000',
  sid: 'ses_01jd0000000000000000000000',
  acr: 'urn:yinxin:rn:4',
  amr: ['pwd', 'otp'],
  auth_time: 1_790_000_000,
};
const account: Account = {
  accountId: 'acc_01jd0000000000000000000000',
  loginName: 'clerk1',
  status: 'active',
  roles: ['clerk'],
  level: 3,
  secondFactor: false,
  mandates: 0,
};

describe('OpenID Connect Core 1.0 section 2: what the pages keep of an ID token', () => {
  it('keeps subject, session, acr, amr and auth_time, and reads them back from the session', () => {
    const user = readPageUser({ ...claims, name: '张三' });
    assert.deepEqual(user, {
      accountId: claims.sub,
      sessionId: claims.sid,
      acr: claims.acr,
      amr: claims.amr,
      authTimeSeconds: claims.auth_time,
      mandateId: null,
    });
    assert.equal(readPageUser({ ...claims, represented_party: { mandate: 'man_x' } })?.mandateId, 'man_x');
    assert.deepEqual(readPageUser(JSON.parse(JSON.stringify(user))), user);
  });

  it('is nobody when a claim is missing or of another type', () => {
    for (const name of ['sub', 'sid', 'acr', 'amr', 'auth_time'])
      assert.equal(readPageUser({ ...claims, [name]: {} }), undefined);
    assert.equal(readPageUser({ ...claims, amr: [1] }), undefined);
    assert.equal(readPageUser(null), undefined);
  });
});

describe('the Principal of a page', () => {
  const user = readPageUser(claims);
  assert.ok(user);

  it('has the lower of the level shown and the level of the account now', () => {
    const parts = { user, account, actingFor: undefined, clientId: 'yinxin-pages', context: {} };
    assert.equal(pagePrincipal(parts).level, 3);
    assert.equal(pagePrincipal({ ...parts, user: { ...user, acr: 'urn:yinxin:rn:1' } }).level, 1);
    assert.equal(pagePrincipal({ ...parts, user: { ...user, acr: 'urn:other:5' } }).level, 0);
  });

  it('may do what its roles allow and nothing more', () => {
    assert.deepEqual(scopesOf([]), ['licence.read', 'verify', 'mandate.read', 'mandate.manage']);
    assert.ok(scopesOf([], { scope: ['seal:use'] }).includes('seal.stamp'));
    assert.ok(!scopesOf([], { scope: ['seal:read', 'licence:apply'] }).includes('seal.stamp'));
    assert.ok(scopesOf(['clerk']).includes('seal.stamp'));
    for (const role of ['approver', 'auditor', 'administrator'] as const) {
      assert.ok(!scopesOf([role]).includes('seal.stamp'), role);
    }
  });
});

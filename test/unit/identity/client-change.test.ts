// What becomes of a client's registration, when it takes two people, and what the log says of it; RFC 7591, GB/T 22239-2019 8.1.4.

import assert from 'node:assert/strict';
import { merged } from '../../../src/identity/clients/client-change.ts';
import { dangersOf } from '../../../src/identity/clients/client-dangers.ts';
import { clientEvent, publicOf } from '../../../src/identity/clients/client-event.ts';
import type { ClientRecord } from '../../../src/identity/clients/client-record.ts';
import { moment } from '../../../src/kernel/clock.ts';

const before: ClientRecord = {
  clientId: 'office-web',
  kind: 'confidential',
  name: '办事系统',
  nameEn: 'Office',
  authMethod: 'client_secret_basic',
  profile: 'standard',
  grantTypes: ['authorization_code'],
  responseModes: ['query'],
  redirectUris: ['https://office.example/callback'],
  apiScopes: ['verify'],
  levelFloor: 3,
  sector: 'office.example',
  contacts: ['王五 13900000000'],
  revision: 1,
  createdAt: moment('2026-11-22T00:00:00Z'),
  suspended: undefined,
  secrets: [],
  registrationTokenId: undefined,
};

describe('changes of a client', () => {
  it('leave what they do not name, and take away what they name null', () => {
    const after = merged(before, { nameEn: 'The office', sector: null });
    assert.deepEqual([after.nameEn, after.name, 'sector' in after], ['The office', '办事系统', false]);
  });

  it('take two people when they add a dangerous scope or lower the floor, and one when they take away', () => {
    assert.deepEqual(dangersOf(before, { apiScopes: ['verify', 'licence.issue', 'pki.read'], levelFloor: 3 }), [
      'licence.issue',
    ]);
    // Whoever appoints agents in a representative’s name may have seals used.
    assert.deepEqual(dangersOf({ apiScopes: [] }, { apiScopes: ['mandate.read', 'mandate.manage'] }), [
      'mandate.manage',
    ]);
    assert.deepEqual(dangersOf(before, { apiScopes: ['verify'] }), ['levelFloor']);
    assert.deepEqual(dangersOf({ apiScopes: ['audit.read'], levelFloor: 1 }, { apiScopes: [], levelFloor: 4 }), []);
    // docs/grants.md: it looks into what people's tokens say, whatever else it may do.
    assert.deepEqual(dangersOf({ apiScopes: [] }, { apiScopes: [], introspects: true }), ['introspects']);
    assert.deepEqual(dangersOf({ apiScopes: [], introspects: true }, { apiScopes: [], introspects: true }), []);
  });

  it('take two people when they put a client that may much under another’s control, or prove it more weakly', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'one', y: 'two', kid: '1' };
    const office = {
      ...before,
      apiScopes: ['seal.stamp'],
      profile: 'fapi2',
      dpopBound: true,
      jwks: { keys: [key] },
      exchangeTargets: ['land-office'],
    } as const;
    const dangers = (change: Partial<typeof before>) => dangersOf(office, { ...office, ...change });
    assert.deepEqual(dangers({ redirectUris: ['https://elsewhere.example/'] }), ['redirectUris']);
    assert.deepEqual(dangers({ authMethod: 'private_key_jwt' }), ['authMethod']);
    assert.deepEqual(dangers({ jwks: { keys: [key, { ...key, kid: '2' }] } }), ['jwks']);
    assert.deepEqual(dangers({ jwks: { keys: [{ ...key, x: 'other' }] } }), ['jwks']);
    assert.deepEqual(dangers({ tlsSubjectDn: 'CN=other' }), ['tlsSubjectDn']);
    assert.deepEqual(dangers({ grantTypes: ['authorization_code', 'client_credentials'] }), ['grantTypes']);
    assert.deepEqual(dangers({ exchangeTargets: ['land-office', 'tax-office'] }), ['exchangeTargets']);
    assert.deepEqual(dangers({ authorizationDetailsTypes: ['licence_show'] }), ['authorizationDetailsTypes']);
    assert.deepEqual(dangers({ profile: 'standard', dpopBound: false }), ['profile', 'dpopBound']);
    assert.deepEqual(dangers({ levelFloor: 2 }), ['levelFloor']);
    assert.deepEqual(
      dangers({ name: '新系统', contacts: [], profile: 'fapi2-message-signing', exchangeTargets: [] }),
      [],
    );
    assert.deepEqual(dangersOf(before, { ...before, redirectUris: ['https://elsewhere.example/'] }), []);
  });

  it('say before and after in ASCII, never who the contacts are', () => {
    const after = { ...before, name: '新系统', contacts: ['赵六'] };
    const { facts } = clientEvent('changed', {
      clientId: before.clientId,
      before: publicOf(before),
      after: publicOf(after),
    });
    assert.deepEqual(facts, {
      deed: 'changed',
      changed: 'name',
      before: '{"name":"\\u529e\\u4e8b\\u7cfb\\u7edf"}',
      after: '{"name":"\\u65b0\\u7cfb\\u7edf"}',
    });
  });

  it('say the digest of what is longer than a fact may be', () => {
    const redirectUris = Array.from({ length: 20 }, (_, i) => `https://office.example/callback/number/${i}`);
    const after = publicOf({ ...before, redirectUris });
    const { facts } = clientEvent('changed', { clientId: before.clientId, before: publicOf(before), after });
    assert.match(facts?.after ?? '', /^sha256:[0-9a-f]{64}$/);
    assert.equal(facts?.before, '{"redirectUris":["https://office.example/callback"]}');
  });
});

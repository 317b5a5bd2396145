// The level in the database is the one that the rules give, after any sequence of deeds and at any moment; docs/levels.md.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { Accounts } from '../../../src/identity/accounts/accounts.ts';
import { Evidence } from '../../../src/identity/levels/evidence.ts';
import {
  type CountedEvidence,
  evidenceMethods,
  isEvidenceMethod,
  levelOf,
} from '../../../src/identity/levels/evidence-rules.ts';
import { PasswordHasher } from '../../../src/identity/accounts/password-hasher.ts';
import { addSeconds, frozenClock, randomBytes } from '../../../src/kernel/clock.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house } from '../../../src/kernel/principal.ts';
import { testDatabase, type TestDatabase } from '../../support/database.ts';

const daySeconds = 24 * 3600;
const methods = Object.keys(evidenceMethods).filter(isEvidenceMethod);
const names = ['测试辛', '测试壬'] as const;
/** The same at every run; a failure prints seed, path and the shortest sequence. */
const seed = 20_261_122;

const deed = fc.oneof(
  fc.record({
    do: fc.constant('establish'),
    method: fc.constantFrom(...methods),
    days: fc.option(fc.integer({ min: -1, max: 500 }), { nil: undefined }),
  }),
  fc.record({ do: fc.constant('withdraw'), method: fc.constantFrom(...methods) }),
  fc.record({ do: fc.constant('name'), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant('wait'), days: fc.integer({ min: 0, max: 400 }) }),
  fc.record({ do: fc.constant('sweep') }),
);

describe('docs/levels.md: the level of an account, whatever happened', () => {
  const clock = frozenClock('2026-11-22T08:00:00Z');
  const lost: { accountId: string; level: number }[] = [];
  let test: TestDatabase;
  let accounts: Accounts;
  let evidence: Evidence;
  let serial = 0;

  before(async () => {
    test = await testDatabase();
    const { database } = test;
    const cipher = new FieldCipher({ keyEncryptionKey: randomBytes(32) });
    const audit = new AuditLog({ database, clock, cipher, log: silentLog });
    accounts = new Accounts({ database, audit, cipher, hasher: new PasswordHasher(), clock });
    const levelLost = async (_tx: unknown, fallen: { accountId: string; level: number }) => {
      lost.push(fallen);
    };
    evidence = new Evidence({ database, audit, cipher, clock, levelLost });
  });
  after(() => test.close());

  it('is that of the evidence which counts, and what rested on a higher one has ended by the next sweep', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 4, maxLength: 12 }), async (deeds) => {
        const { accountId } = await accounts.create(
          { loginName: `property${++serial}`, password: 'sandbox-Pass-2026', roles: [], evidence: [] },
          house,
        );
        let present = 0;
        let highest = 0;
        for (const each of deeds) {
          switch (each.do) {
            case 'establish':
              await establish(accountId, each.method, each.days);
              break;
            case 'withdraw':
              await evidence.withdraw(house, accountId, each.method);
              break;
            case 'name': {
              const person = { name: each.name, idType: 'resident-id', idNumber: '990000199202140010' } as const;
              await evidence.establish(house, accountId, { person, evidence: [] });
              break;
            }
            case 'wait':
              clock.advance(each.days * daySeconds * 1000);
              break;
            case 'sweep':
              await evidence.expire(100);
              break;
          }
          const held: CountedEvidence[] = await evidence.of(accountId);
          const level = (await accounts.find(accountId))?.level;
          assert.equal(level, levelOf(held, clock.now()));
          if (each.do !== 'wait' && each.do !== 'sweep' && (level ?? 0) < present)
            assert.deepEqual(lost.at(-1), { accountId, level });
          present = level ?? 0;
          highest = Math.max(highest, present);
        }
        await evidence.expire(100);
        const told = lost.some((fallen) => fallen.accountId === accountId);
        if (present < highest) assert.ok(told, 'what rested on the level that is gone was ended');
        const { rows } = await test.database.query({
          text: `SELECT 1 FROM identity.evidence WHERE expires_at <= $1 AND withdrawn_at IS NULL AND expiry_recorded_at IS NULL`,
          values: [clock.now()],
        });
        assert.deepEqual(rows, [], 'what expired is recorded');
      }),
      { numRuns: 25, seed },
    );
  });

  async function establish(accountId: string, method: (typeof methods)[number], days: number | undefined) {
    const end = days === undefined ? {} : { expiresAt: addSeconds(clock.now(), days * daySeconds) };
    try {
      await evidence.establish(house, accountId, { evidence: [{ method, source: 'test', ...end }] });
    } catch (error) {
      assert.ok(isTrustError(error, 'malformed-request'), String(error)); // what the rules refuse
    }
  }
});

// A log with alerting over it, stepped by hand, and the people who read alerts and keep webhooks.

import { type Alerting, type AlertingOptions, createAlerting } from '../../../../src/audit/alerts/alerting.ts';
import { idFromUuid, newUuid } from '../../../../src/kernel/ids.ts';
import { systemClock } from '../../../../src/kernel/clock.ts';
import { silentLog } from '../../../../src/kernel/log.ts';
import { anonymous, type Principal } from '../../../../src/kernel/principal.ts';
import { testCipher, type TestLog, testLog } from '../../../support/audit.ts';

export const person = (...roles: ('auditor' | 'administrator' | 'clerk')[]): Principal => ({
  kind: 'person',
  accountId: idFromUuid('account', newUuid(systemClock)),
  scopes: new Set(['audit.read']),
  roles: new Set(roles),
  level: 4,
});
export const administrator = person('administrator');
export const auditor = person('auditor');

export interface AlertingHouse extends TestLog {
  readonly alerting: Alerting;
  /** Another node over the same database. */
  node(options?: Partial<AlertingOptions>): Alerting;
  /** So many failed sign-ins of one account, sequenced. */
  failures(count: number, accountId?: string): Promise<string>;
  close(): Promise<void>;
}

export async function alertingHouse(options: Partial<AlertingOptions> = {}): Promise<AlertingHouse> {
  const log = await testLog({ maxConnections: 12 });
  const { audit, runner, test } = log;
  const node = (more: Partial<AlertingOptions> = {}) =>
    createAlerting({
      database: test.database,
      audit,
      logRunner: runner,
      cipher: testCipher,
      clock: systemClock,
      log: silentLog,
      publicUrl: 'https://trust.example.cn',
      outgoing: { loopback: true, internalHosts: [], timeoutMs: 60_000 },
      ...options,
      ...more,
    });
  return {
    ...log,
    alerting: node(),
    node,
    failures: async (count, accountId = idFromUuid('account', newUuid(systemClock))) => {
      for (let i = 0; i < count; i++)
        await audit.append(
          { ...anonymous, origin: '192.0.2.0/24' },
          { action: 'sign-in', outcome: 'failed', code: 'credentials-wrong', subjectId: accountId },
        );
      await runner.step();
      return accountId;
    },
    close: () => test.close(),
  };
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

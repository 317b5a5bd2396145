// `yinxin migrate` and `yinxin seed`: the steps of a start that can be done by themselves.

import { readConfig } from '../config.ts';
import { TrustError } from '../kernel/errors.ts';
import { type ExitStatus, withServices } from './command.ts';

export async function migrateCommand(): Promise<ExitStatus> {
  await withServices(async () => undefined); // opening the house migrates
  console.log('The database is up to date.');
  return 0;
}

export async function seedCommand(): Promise<ExitStatus> {
  const config = readConfig();
  if (config.mode !== 'sandbox') throw new TrustError('forbidden', 'the sandbox city is made in sandbox mode only');
  const { seedSandbox } = await import('../sandbox/seed.ts');
  await withServices(seedSandbox, config);
  console.log('The sandbox city is there.');
  return 0;
}

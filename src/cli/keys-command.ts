// `yinxin keys list`: names, purposes and states of the keys; never anything of the private part.

import { TrustError } from '../kernel/errors.ts';
import { type ExitStatus, printJson, type Words, withServices } from './command.ts';

export async function keysCommand({ positionals, options }: Words): Promise<ExitStatus> {
  if (positionals[0] !== 'list') throw new TrustError('malformed-request', 'say: keys list');
  const keys = await withServices((services) => services.keys.list());
  if (options.json) printJson(keys);
  else {
    for (const { name, purpose, algorithm, state, createdAt } of keys) {
      console.log(
        `${name.padEnd(28)} ${purpose.padEnd(16)} ${algorithm.padEnd(6)} ${state.padEnd(8)} ${createdAt.toISOString()}`,
      );
    }
  }
  return 0;
}

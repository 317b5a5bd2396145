// `yinxin ca …`: hands over to the check of a chain from files, or to the deeds of administrators.

import { caCheckCommand } from './ca-check.ts';
import type { ExitStatus, Words } from './command.ts';

export async function caCommand(words: Words): Promise<ExitStatus> {
  if (words.positionals[0] === 'check') return caCheckCommand(words);
  const { caAdminCommand } = await import('./ca-admin.ts');
  return caAdminCommand(words);
}

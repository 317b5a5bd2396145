// What an auditor remembers of a log: the signed note that was verified last, in a file of the auditor's own; C2SP tlog-checkpoint.

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** `undefined` when nothing was remembered yet. */
export function rememberedNote(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** A crash leaves the old memory or the new one, never half of one. */
export function rememberNote(file: string, note: string): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, note);
  renameSync(fresh, file);
}

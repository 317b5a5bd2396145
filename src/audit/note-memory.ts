// A note of the last signed checkpoint outside the database, best on another disk: what a restored backup cannot make forgotten.

import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface NoteMemory {
  /** The signed note that was written last; `undefined` when none ever was. */
  read(): Promise<string | undefined>;
  /** Durable when it returns. */
  write(note: string): Promise<void>;
}

/** One file for one process; its folder must be there. */
export function fileMemory(path: string): NoteMemory {
  return {
    read: async () => {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write: async (note) => {
      const draft = `${path}.new`;
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(note);
        await file.sync();
      } finally {
        await file.close();
      }
      // A crash here leaves the old note, which the tree continues too.
      await rename(draft, path);
      const folder = await open(dirname(path), 'r');
      try {
        await folder.sync();
      } finally {
        await folder.close();
      }
    },
  };
}

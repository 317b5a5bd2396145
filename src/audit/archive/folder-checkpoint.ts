// The signed note in a folder of the archive: it is replaced when all files below it are there, so it says what the folder has.

import { type Checkpoint, parseCheckpoint } from '../../tlog/checkpoint.ts';
import { parseNote } from '../../tlog/note.ts';
import type { ArchiveFolder } from './archive-folder.ts';

export const checkpointPath = 'log/checkpoint';
export const keyPath = 'log/key';

/** Unchecked: whoever believes it compares its root with the tree. */
export async function folderCheckpoint(folder: ArchiveFolder): Promise<Checkpoint | undefined> {
  const bytes = await folder.read(checkpointPath);
  const note = bytes === undefined ? undefined : parseNote(bytes);
  return note === undefined ? undefined : parseCheckpoint(note.text);
}

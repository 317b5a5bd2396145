// `yinxin restart-log`: after a restore from an old backup the log goes on under a new name, and says what the old one stood for.

import { readFileSync } from 'node:fs';
import { restartLog } from '../audit/log-name.ts';
import { verifyEd25519 } from '../audit/note-signature.ts';
import { rangeHashes, readHead } from '../audit/tree-store.ts';
import { sha256 } from '../crypto/digest.ts';
import type { Database } from '../db/database.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { house } from '../kernel/principal.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote, parseVerifierKey, verifyNote } from '../tlog/note.ts';
import { type ExitStatus, type Words, withServices } from './command.ts';

export async function restartLogCommand({ options }: Words): Promise<ExitStatus> {
  const { file, yes } = options;
  if (file === undefined || yes !== true)
    throw new TrustError(
      'malformed-request',
      'say: restart-log --file NOTE --yes, with the newest checkpoint known outside',
    );
  const note = readFileSync(file);
  return withServices(async (services): Promise<ExitStatus> => {
    const last = ownCheckpoint(note, services.logRunner.verifierKey);
    if (await isContinued(services.database, last))
      throw new TrustError('forbidden', 'this database continues that checkpoint: the log need not be restarted');
    await restartLog({ ...services, principal: house, last });
    console.log('The log has a new name from the next start on; give witnesses its new key, /log/key.');
    return 0;
  });
}

/** Signed by the key of this log under its present name, else it says nothing about this log. */
function ownCheckpoint(bytes: Uint8Array, verifierKey: string): Checkpoint {
  const note = parseNote(bytes);
  const key = parseVerifierKey(sha256, verifierKey);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || key === undefined || checkpoint === undefined || !verifyNote(note, key, verifyEd25519))
    throw new TrustError('malformed-request', `--file is no checkpoint signed by ${verifierKey}`);
  return checkpoint;
}

async function isContinued(database: Database, { size, root }: Checkpoint): Promise<boolean> {
  const head = await readHead(database);
  if (head.frontier.size < size) return false;
  if (size === 0) return true;
  const [hash] = await rangeHashes(database, head, [{ start: 0, end: size }], size);
  return hash !== undefined && equalBytes(hash, root);
}

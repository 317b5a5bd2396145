// `yinxin audit archive`: moves the months of the audit log that are older than the retention from the database to files.

import { ArchiveFolder } from '../audit/archive/archive-folder.ts';
import { type ArchiveReport, LogArchiver } from '../audit/archive/log-archiver.ts';
import { TrustError } from '../kernel/errors.ts';
import { house } from '../kernel/principal.ts';
import { administrator } from './administrator.ts';
import { type ExitStatus, printJson, type Words, withServices } from './command.ts';

const defaultRetentionMonths = 13;

/** Exit status 0, also when a month must wait: that is nothing to do, not a fault. */
export async function auditArchiveCommand({ positionals, options }: Words): Promise<ExitStatus> {
  if (positionals.length > 1)
    throw new TrustError('malformed-request', 'say: audit archive [--before YYYY-MM] [--dir DIR]');
  return withServices(async (services): Promise<ExitStatus> => {
    const { config, database, audit, clock, logRunner } = services;
    const directory = options.dir ?? config.auditArchiveDirectory;
    if (directory === undefined) throw new TrustError('malformed-request', 'give --dir, or set AUDIT_ARCHIVE_DIR');
    const principal = options.as === undefined ? house : await administrator(services, options.as);
    const archiver = new LogArchiver({
      database,
      audit,
      clock,
      folder: new ArchiveFolder(directory),
      verifierKey: logRunner.verifierKey,
      retentionMonths: config.auditRetentionMonths ?? defaultRetentionMonths,
    });
    const report = await archiver.run(principal, options.before === undefined ? {} : { before: options.before });
    if (options.json) printJson(report);
    else print(report, directory);
    return 0;
  });
}

function print({ archived, waiting, defaultPartition: { moved, left } }: ArchiveReport, directory: string): void {
  if (moved > 0) console.log(`${moved} entries were moved from the default partition to those of their months.`);
  if (left > 0) console.log(`${left} entries stay in the default partition: see docs/audit.md.`);
  for (const { month, entries } of archived) console.log(`${month}: ${entries} entries are in ${directory} now.`);
  if (waiting !== undefined) console.log(`${waiting.month} must wait: ${waiting.reason}.`);
  if (archived.length === 0 && waiting === undefined) console.log('No month is old enough to be archived.');
}

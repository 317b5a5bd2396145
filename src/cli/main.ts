// The `yinxin` command: parses the words and hands over; exit status 0 good, 1 bad, 2 could not judge (or misused).

import { parseArgs } from 'node:util';
import { isTrustError } from '../kernel/errors.ts';
import { accountCommand } from './account-command.ts';
import { auditCommand } from './audit-command.ts';
import { caCommand } from './ca-command.ts';
import { clientCommand } from './client-command.ts';
import { keysCommand } from './keys-command.ts';
import { migrateCommand, seedCommand } from './database-commands.ts';
import { type ExitStatus, onTerminal, type Words } from './command.ts';
import { restartLogCommand } from './restart-log-command.ts';
import { stampCommand } from './stamp-command.ts';
import { verifyCommand, verifyQrCommand } from './verify-commands.ts';

const usage = `Usage: yinxin <command>

  serve                                  start the service (as npm start does)
  migrate                                bring the database up to date
  seed                                   make the sandbox city (sandbox mode only)
  stamp FILE --seal SEAL --server URL --token FILE --purpose TEXT --at PAGE,X,Y|--seam EDGE [--out FILE]
                                         stamp a document that stays here, of any size: its digest alone is sent (docs/stamping.md)
  verify FILE [--json]                   check a stamped document
  verify-qr TEXT [--json]                check the text of a licence QR
  audit verify --url URL [--key KEY]     check a whole audit log: every entry hashed up to the signed root
  audit verify --dir DIR [--key KEY]     the same from a mirror in a folder
    [--since FILE]                       only what is new since the checkpoint in FILE, which is then replaced
  audit verify --receipt FILE --key KEY [--file DOCUMENT]
                                         check one receipt or inclusion proof, and say what it proves
  audit verify --export FILE --key KEY   check an export in JSON lines, every entry of it
  audit mirror --url URL --dir DIR --key KEY
                                         copy what is new of a log into a folder, checking it on the way
    [--witness KEY]… [--need N]          of all three: so many of these witnesses must have cosigned
  audit erase ACCOUNT --as LOGIN --reason TEXT
                                         propose to erase a person from the log: what is sealed about them; the proofs stay
  audit erase PROPOSAL --as OTHER --yes  a second administrator approves it, and it is done for ever
  audit archive [--before YYYY-MM] [--dir DIR] [--as LOGIN] [--json]
                                         move months older than AUDIT_RETENTION_MONTHS to files, checked before they leave the database
  account administrator LOGIN            make an account an administrator while there are fewer than two (docs/administration.md)
  account role give|take LOGIN ROLE --reason R --as LOGIN
                                         a role; that of administrator is proposed, and another administrator approves it
  client list [TEXT] [--json]            business systems
  client register --file FILE --as LOGIN register one from JSON as POST /api/v1/clients takes it; its secret is shown once
  client rotate-secret CLIENT [--days N] --as LOGIN
                                         a new secret; the former one opens the client too for N days
  client suspend CLIENT --reason R --as LOGIN
                                         it gets no token from now on, and those that are out are refused
  keys list [--json]                     names, purposes and states of the keys, and what is wrong with their files
  keys show NAME [--json]                one key: owner, dates, fingerprint, certificate
  keys export-public NAME                its public key as PEM
  keys rotate NAME [--publish-only]      put a new key in its place, without a restart (docs/keys.md)
  keys retire NAME                       it signs nothing more and is published no more
  keys destroy NAME --yes                of a retired key, destroy the private part for ever
  restart-log --file NOTE --yes          give a log that was restored from an old state a new name (docs/audit.md)
  ca list [--issuer CA] [--profile P]    certificates of our authorities; ca show SERIAL: one of them
  ca issue --csr FILE --profile P --days N --as LOGIN
                                         issue a certificate from a PKCS #10 request
  ca renew|suspend|resume SERIAL --as LOGIN, ca revoke SERIAL --reason R --as LOGIN
                                         of an authority's own certificate this makes a proposal
  ca propose-issue --csr FILE --days N --as LOGIN
                                         propose a subordinate authority
  ca proposals, ca approve PROPOSAL SHA256 --as LOGIN, ca reject PROPOSAL --as LOGIN
                                         deeds on authorities, which take two administrators
  ca rekey CA --as LOGIN                 propose a new key for an authority (docs/keys.md)
  ca anchor list                         authorities of others that verification trusts, and for what
  ca anchor add FILE --for seal,time-stamp,licence,seal-maker --as LOGIN
                                         propose to trust one for some of these purposes
  ca anchor withdraw SHA256 --as LOGIN   propose to trust it no more
  ca crl CA --as LOGIN                   publish a new CRL now
  ca check --anchors PATH [--crls PATH] [--ocsp PATH] [--at TIME] [--purpose P] LEAF [INTERMEDIATE…]
                                         check a chain of certificates from files; ca check --help: all options

keys rotate, retire and destroy, and account administrator want --operator NAME (or the setting OPERATOR): who does it, for the audit log.
LOGIN is an administrator, whose password is read from standard input.
KEY is the log's verifier key, name+hash+base64, or a file that holds it. Settings come from the environment: docs/config.md
Exit status: 0 good, 1 bad, 2 could not judge.`;

const commands: Readonly<Record<string, (words: Words) => Promise<ExitStatus>>> = {
  account: accountCommand,
  client: clientCommand,
  migrate: migrateCommand,
  seed: seedCommand,
  'restart-log': restartLogCommand,
  stamp: stampCommand,
  verify: verifyCommand,
  'verify-qr': verifyQrCommand,
  audit: auditCommand,
  keys: keysCommand,
  ca: caCommand,
};

function wordsOf(argv: string[]): Words {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false, short: 'h' },
      url: { type: 'string' },
      dir: { type: 'string' },
      proof: { type: 'string' },
      receipt: { type: 'string' },
      export: { type: 'string' },
      file: { type: 'string' },
      since: { type: 'string' },
      before: { type: 'string' },
      key: { type: 'string', multiple: true },
      witness: { type: 'string', multiple: true },
      need: { type: 'string' },
      'limit-minutes': { type: 'string' },
      yes: { type: 'boolean', default: false },
      operator: { type: 'string' },
      'publish-only': { type: 'boolean', default: false },
      as: { type: 'string' },
      csr: { type: 'string' },
      days: { type: 'string' },
      issuer: { type: 'string' },
      profile: { type: 'string' },
      reason: { type: 'string' },
      for: { type: 'string' },
      anchors: { type: 'string' },
      crls: { type: 'string', multiple: true },
      at: { type: 'string' },
      seal: { type: 'string' },
      server: { type: 'string' },
      token: { type: 'string' },
      seam: { type: 'string', multiple: true },
      level: { type: 'string' },
      class: { type: 'string' },
      out: { type: 'string' },
      purpose: { type: 'string' },
      policy: { type: 'string', multiple: true },
      ocsp: { type: 'string', multiple: true },
      'require-explicit-policy': { type: 'boolean', default: false },
      'inhibit-policy-mapping': { type: 'boolean', default: false },
      'inhibit-any-policy': { type: 'boolean', default: false },
      withdrawn: { type: 'boolean', default: false },
    },
  });
  return { positionals: positionals.slice(1), options: values, command: positionals[0] };
}

async function run(): Promise<ExitStatus> {
  const words = wordsOf(process.argv.slice(2));
  const hasOwnHelp = words.command === 'ca' && words.positionals[0] === 'check';
  if ((words.options.help && !hasOwnHelp) || words.command === undefined) {
    console.log(usage);
    return words.command === undefined && !words.options.help ? 2 : 0;
  }
  const command = commands[words.command];
  if (command === undefined) {
    console.error(`yinxin: there is no command "${words.command}"\n\n${usage}`);
    return 2;
  }
  return command(words);
}

// Whoever reads us may have read enough (`yinxin ca list | head`); the deed is done all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

if (process.argv[2] === 'serve') {
  await import('../main.ts');
} else {
  process.exitCode = await run().catch((error: unknown): ExitStatus => {
    // parseArgs and our own refusals are told in one line; anything else with its trace.
    const known = error instanceof Error && (isTrustError(error) || 'code' in error); // wrong words, or no such file
    // Usage has lines of its own; what others may have put into them still moves no cursor.
    console.error(known ? `yinxin: ${error.message.split('\n').map(onTerminal).join('\n')}` : error);
    return 2;
  });
}

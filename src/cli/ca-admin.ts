// `yinxin ca …` for administrators: certificates looked up, issued, renewed, suspended, resumed, revoked, and deeds that take two people.

import { readFileSync } from 'node:fs';
import type { AuthorityDeed } from '../authority/authority-deed.ts';
import { isFinalReason } from '../authority/authority-deed.ts';
import { caNames, isCaName } from '../authority/hierarchy.ts';
import type { StoredCertificate } from '../authority/certificate-store.ts';
import type { Proposal } from '../authority/proposals.ts';
import { certificateJson, proposalJson } from '../http/authority-handlers.ts';
import { fromHex, toBase64, toHex } from '../kernel/bytes.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { house, type Principal } from '../kernel/principal.ts';
import { wordsOfProposal } from '../kernel/words/proposal.ts';
import { csrFromPem, readCsr } from '../pki/csr.ts';
import { pemOf } from '../pki/pem.ts';
import { isCertificateProfile } from '../pki/profiles.ts';
import type { Services } from '../services.ts';
import { administrator } from './administrator.ts';
import { anchorDeed } from './ca-anchor.ts';
import { type ExitStatus, printJson, type Words, withServices } from './command.ts';

export const caUsage = `say one of
  ca list [--issuer CA] [--profile P]    ca show SERIAL
  ca issue --csr FILE --profile P --days N
  ca renew SERIAL [--csr FILE] [--days N]
  ca revoke SERIAL --reason R            ca suspend SERIAL            ca resume SERIAL
  ca crl CA                              ca rekey CA                  ca propose-issue --csr FILE --days N
  ca proposals                           ca approve PROPOSAL SHA256   ca reject PROPOSAL
  ca anchor list                         ca anchor add FILE --for PURPOSES    ca anchor withdraw SHA256
  ca check …                             (yinxin ca check alone says how)
Deeds want --as LOGIN, an administrator whose password is read from standard input; those on an authority want a second one.`;

const pageRows = 100;

interface Task {
  readonly services: Services;
  readonly words: Words;
  /** The words after the verb; each task has looked at their number. */
  readonly first: string;
  readonly second: string;
}

type Verb = (task: Task) => Promise<void>;

const verbs: Readonly<Record<string, { readonly words: number; readonly run: Verb }>> = {
  list: {
    words: 0,
    run: async ({ services, words: { options } }) => {
      const filter = { issuerName: options.issuer, profile: options.profile, limit: pageRows };
      const { office } = services.authority;
      await printAll((cursor) => office.list(house, { ...filter, cursor }), {
        json: options.json,
        shown: (item) => certificateJson(item, services.clock.now()),
        print: (item) => console.log(lineOf(item, services.clock.now())),
      });
    },
  },
  show: {
    words: 1,
    run: async ({ services, words, first }) =>
      showCertificate(await services.authority.office.get(house, first), services, words),
  },
  issue: {
    words: 0,
    run: async ({ services, words }) => {
      const profile = needed(words, 'profile');
      if (!isCertificateProfile(profile)) throw misused(`there is no profile ${profile}`);
      const order = { csr: csrFile(words), profile, validDays: daysOf(words) };
      const principal = await administrator(services, needed(words, 'as'));
      showCertificate(await services.authority.office.issue(principal, order), services, words);
    },
  },
  renew: {
    words: 1,
    run: (task) =>
      orProposal(task, { kind: 'renew', serial: task.first }, async (principal) => {
        const { services, words, first } = task;
        const order = {
          csr: words.options.csr === undefined ? undefined : csrFile(words),
          validDays: words.options.days === undefined ? undefined : daysOf(words),
        };
        showCertificate(await services.authority.office.renew(principal, first, order), services, words);
      }),
  },
  revoke: { words: 1, run: (task) => change(task, revocation(task)) },
  suspend: { words: 1, run: (task) => change(task, { kind: 'suspend', serial: task.first }) },
  resume: { words: 1, run: (task) => change(task, { kind: 'resume', serial: task.first }) },
  crl: {
    words: 1,
    run: async ({ services, words, first }) => {
      const principal = await administrator(services, needed(words, 'as'));
      console.log(`CRL ${await services.authority.office.regenerateCrl(principal, first)} of ${first} is published`);
    },
  },
  'propose-issue': {
    words: 0,
    run: async ({ services, words }) => {
      const csr = csrFile(words);
      const deed = {
        kind: 'issue',
        csr: toBase64(csr),
        subject: readCsr(csr).subject,
        validDays: daysOf(words),
      } as const;
      const principal = await administrator(services, needed(words, 'as'));
      showProposal(await services.authority.proposals.propose(principal, deed), words);
    },
  },
  rekey: {
    words: 1,
    run: async ({ services, words, first }) => {
      if (!isCaName(first)) throw misused(`there is no authority ${first}: ${caNames.join(', ')}`);
      await propose(
        services,
        words,
        { kind: 'rekey', authority: first },
        await administrator(services, needed(words, 'as')),
      );
    },
  },
  proposals: {
    words: 0,
    run: async ({ services, words }) => {
      const { proposals } = services.authority;
      await printAll((cursor) => proposals.list(house, { cursor, limit: pageRows }), {
        json: words.options.json,
        shown: proposalJson,
        print: (proposal) => showProposal(proposal, words),
      });
    },
  },
  approve: {
    words: 2,
    run: async ({ services, words, first, second }) => {
      const digest = fromHex(second);
      if (digest?.length !== 32)
        throw misused('the second word is the SHA-256 of the deed, as `ca proposals` shows it');
      const principal = await administrator(services, needed(words, 'as'));
      showProposal(await services.authority.proposals.approve(principal, first, digest), words);
    },
  },
  reject: {
    words: 1,
    run: async ({ services, words, first }) => {
      const principal = await administrator(services, needed(words, 'as'));
      showProposal(await services.authority.proposals.reject(principal, first), words);
    },
  },
};

export async function caAdminCommand(words: Words): Promise<ExitStatus> {
  const [name = '', first = '', second = ''] = words.positionals;
  if (name === 'anchor') {
    await withServices((services) => anchor(services, words));
    return 0;
  }
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined || words.positionals.length !== verb.words + 1) throw misused(caUsage);
  await withServices((services) => verb.run({ services, words, first, second }));
  return 0;
}

async function anchor(services: Services, words: Words): Promise<void> {
  const deed = await anchorDeed(services, words);
  if (deed !== undefined) await propose(services, words, deed, await administrator(services, needed(words, 'as')));
}

function revocation({ words, first: serial }: Task): AuthorityDeed & { kind: 'revoke' } {
  const reason = needed(words, 'reason');
  if (!isFinalReason(reason)) throw misused(`there is no reason ${reason} (RFC 5280, 5.3.1)`);
  return { kind: 'revoke', serial, reason };
}

function change(task: Task, deed: Extract<AuthorityDeed, { kind: 'revoke' | 'suspend' | 'resume' }>): Promise<void> {
  const { services, words, first } = task;
  return orProposal(task, deed, async (principal) =>
    showCertificate(await services.authority.office.change(principal, first, deed), services, words),
  );
}

/** What one administrator may not do alone becomes a proposal for another. */
async function orProposal(
  { services, words }: Task,
  deed: AuthorityDeed,
  work: (principal: Principal) => Promise<void>,
): Promise<void> {
  const principal = await administrator(services, needed(words, 'as'));
  try {
    await work(principal);
  } catch (error) {
    if (!isTrustError(error, 'approval-required')) throw error;
    await propose(services, words, deed, principal);
  }
}

async function propose(
  { authority }: Services,
  words: Words,
  deed: AuthorityDeed,
  principal: Principal,
): Promise<void> {
  const proposal = await authority.proposals.propose(principal, deed);
  if (!words.options.json) console.log('This takes a second administrator, who approves it within 24 hours:');
  showProposal(proposal, words);
}

/** Every page, printed as it comes; of JSON one list. */
async function printAll<T>(
  page: (cursor: string | undefined) => Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }>,
  { json, shown, print }: { json: boolean | undefined; shown: (item: T) => object; print: (item: T) => void },
): Promise<void> {
  const all: object[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, nextCursor } = await page(cursor);
    if (json) all.push(...items.map(shown));
    else for (const item of items) print(item);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  if (json) printJson(all);
}

function showCertificate(stored: StoredCertificate, { clock }: Services, { options }: Words): void {
  if (options.json) return printJson(certificateJson(stored, clock.now()));
  console.log(lineOf(stored, clock.now()));
  process.stdout.write(pemOf('CERTIFICATE', stored.certificate.der));
}

function lineOf(stored: StoredCertificate, now: Date): string {
  const { serial, issuer, profile, status, notAfter, subject } = certificateJson(stored, now);
  const columns = [serial.padEnd(34), issuer.padEnd(15), profile.padEnd(14), status.padEnd(9), notAfter.slice(0, 10)];
  return `${columns.join(' ')}  ${subject.commonName ?? ''}`;
}

function showProposal(proposal: Proposal, { options }: Words): void {
  if (options.json) return printJson(proposalJson(proposal));
  const { proposalId, deed, state, proposedBy, expiresAt, result } = proposal;
  console.log(`${proposalId}  ${state}${result === undefined ? '' : ` (${result})`}`);
  console.log(`  ${wordsOfProposal(proposal).en}`);
  console.log(`  deed      ${JSON.stringify(deed)}`);
  console.log(`  SHA-256   ${toHex(proposal.deedSha256)}`);
  console.log(`  proposed  by ${proposedBy}, open until ${expiresAt.toISOString()}`);
}

function csrFile(words: Words): Uint8Array {
  return csrFromPem(readFileSync(needed(words, 'csr'), 'utf8'));
}

function daysOf(words: Words): number {
  const days = Number(needed(words, 'days'));
  if (!Number.isInteger(days) || days < 1 || days > 7320) throw misused('--days is a number of days');
  return days;
}

function needed({ options }: Words, name: 'as' | 'csr' | 'days' | 'profile' | 'reason'): string {
  const value = options[name];
  if (value === undefined) throw misused(`--${name} is missing; ${caUsage}`);
  return value;
}

function misused(message: string): TrustError {
  return new TrustError('malformed-request', message);
}

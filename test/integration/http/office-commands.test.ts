// `yinxin client …` and `yinxin account role`: what an administrator does at the house's own machine, under the rules of the pages; docs/administration.md.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { roleDeed } from '../../../src/cli/account-command.ts';
import { clientCommand, clientDeed, listClients } from '../../../src/cli/client-command.ts';
import type { Words } from '../../../src/cli/command.ts';
import { scopesOf } from '../../../src/identity/tokens/role-scopes.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import { startServer, type TestServer } from '../../support/server.ts';

describe('the commands of the offices for business systems and accounts', () => {
  let server: TestServer;
  let directory: string;
  let admin: Principal;

  before(async () => {
    server = await startServer();
    directory = mkdtempSync(join(tmpdir(), 'yinxin-office-'));
    const { accountId = '', roles = [] } = (await server.services.identity.accounts.findByLoginName('admin1')) ?? {};
    admin = { kind: 'person', accountId, roles: new Set(roles), scopes: new Set(scopesOf(roles)), level: 4 };
  });
  after(async () => {
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const words = (text: string, options: Words['options'] = {}): Words => ({
    command: undefined,
    positionals: text.split(' '),
    options,
  });
  const client = (text: string, options: Words['options'] = {}) =>
    printed(() => clientDeed(server.services, admin, words(text, options)));
  const role = (text: string, reason = '任命') =>
    printed(() => roleDeed(server.services, admin, words(text, { reason })));
  const is = (code: ErrorCode) => (error: unknown) => isTrustError(error, code);
  const file = (value: unknown) => {
    const path = join(directory, 'client.json');
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  };
  const secretIn = (lines: readonly string[]) =>
    /secret, shown this once: (\S{43})$/.exec(lines.at(-1) ?? '')?.[1] ?? '';
  const works = async (secret: string) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: 'verify' });
    const headers = { authorization: `Basic ${btoa(`tax-desk:${secret}`)}` };
    return (await fetch(`${server.url}/oidc/token`, { method: 'POST', headers, body })).status === 200;
  };
  const order = { clientId: 'tax-desk', kind: 'system', name: '税务', nameEn: 'Tax', apiScopes: ['verify'] };

  it('registers a system, shows its secret once, gives it another and suspends it, each as the administrator', async () => {
    const registered = await client('register', { file: file(order) });
    const first = secretIn(registered);
    assert.equal(await works(first), true);
    const listed = await printed(() => listClients(server.services, words('list tax-desk')));
    assert.match(listed.join('\n'), /^tax-desk +system +client_secret_basic +active +税务$/);
    assert.ok(!listed.join('').includes(first));
    const second = secretIn(await client('rotate-secret tax-desk', { days: '0' }));
    assert.deepEqual([await works(first), await works(second)], [false, true]);
    await assert.rejects(client('suspend tax-desk'), is('malformed-request'), 'without a reason');
    await client('suspend tax-desk', { reason: '密钥泄露' });
    assert.equal(await works(second), false);
    const { items } = await server.services.audit.entries({ action: 'client.changed', limit: 3 });
    assert.deepEqual(
      items.map(({ facts, accountId }) => [facts['deed'], accountId]),
      ['suspended', 'secret-rotated', 'registered'].map((deed) => [deed, admin.accountId]),
    );
  });

  it('refuses what two administrators do together, and what is no registration', async () => {
    const dangerous = { ...order, clientId: 'stamp-desk', apiScopes: ['seal.stamp'] };
    await assert.rejects(client('register', { file: file(dangerous) }), is('approval-required'));
    for (const wrong of [{ ...order, clientId: 'A' }, { ...order, firstParty: true }, [], '{'])
      await assert.rejects(client('register', { file: file(wrong) }), is('malformed-request'));
    await assert.rejects(client('register', { file: join(directory, 'nothing') }), is('malformed-request'));
    await assert.rejects(client('rotate-secret tax-desk', { days: '-1' }), is('malformed-request'));
    await assert.rejects(client('rotate-secret nobody-here'), is('client-not-found'));
    await assert.rejects(clientCommand(words('suspend tax-desk', { reason: 'x' })), is('malformed-request'));
    await assert.rejects(clientCommand(words('destroy tax-desk', { as: 'admin1' })), is('malformed-request'));
  });

  it('gives and takes roles; that of administrator is proposed, and another one approves it', async () => {
    const { accounts } = server.services.identity;
    assert.deepEqual(await role('role give citizen2 clerk'), ['citizen2: clerk']);
    assert.deepEqual(await role('role take citizen2 clerk'), ['citizen2: no role']);
    const [said = ''] = await role('role give citizen2 administrator');
    assert.match(said, /^proposed as prp_/);
    assert.deepEqual((await accounts.findByLoginName('citizen2'))?.roles, []);
    await assert.rejects(role('role give citizen2 clerk', ''), is('malformed-request'));
    await assert.rejects(role('role give citizen2 king'), is('malformed-request'));
    await assert.rejects(role('role give nobody-here clerk'), is('account-not-found'));
    await assert.rejects(role('role give admin1 clerk'), is('forbidden'));
  });
});

async function printed(work: () => Promise<number>): Promise<string[]> {
  const { log } = console;
  const lines: string[] = [];
  console.log = (line: string) => void lines.push(line);
  try {
    assert.equal(await work(), 0);
  } finally {
    console.log = log;
  }
  return lines;
}

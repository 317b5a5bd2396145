// The keys of a running service, seen and changed by the command in a process of its own; and the rule that no key acts before an entry names it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AuditEntry } from '../../../src/audit/audit-entry.ts';
import type { KeyPurpose } from '../../../src/crypto/signer.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { verifySignature } from '../../../src/crypto/verify.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import { retireKey, rotateKey } from '../../../src/key-deeds.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { issue, stamp } from '../http/deeds.ts';

const command = join(import.meta.dirname, '../../../src/cli/main.js');

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly errors: string;
}

describe('The keys of a running service', () => {
  let server: TestServer;

  before(async () => {
    server = await startServer();
  });
  after(() => server?.stop());

  async function yinxin(...words: string[]): Promise<Outcome> {
    const { config, port, url } = server;
    const env = {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      PUBLIC_URL: url,
      DATABASE_URL: config.databaseUrl ?? '',
      KEYS_DIR: config.keysDirectory,
      CERTS_DIR: config.certsDirectory,
      DATA_DIR: config.dataDirectory,
      LOG_LEVEL: 'fatal',
    };
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, ...words], { env });
      return { status: 0, out: stdout, errors: stderr };
    } catch (error) {
      const failed = error as { code: number; stdout: string; stderr: string };
      return { status: failed.code, out: failed.stdout, errors: failed.stderr };
    }
  }

  const imprint = { digestAlgorithm: 'SHA-256', digest: sha256(utf8('x')) } as const;
  const as = ['--operator', '测试操作员'];
  const entries = async (action: string): Promise<readonly AuditEntry[]> =>
    (await server.services.audit.entries({ action, limit: 200 })).items;

  it('are listed and shown, and export their public part', async () => {
    const list = await yinxin('keys', 'list');
    assert.equal(list.status, 0, list.errors);
    assert.match(list.out, /^tsa +time-stamp +ES256 +active /m);
    const shown = await yinxin('keys', 'show', 'tsa', '--json');
    const { spki, state, certificateSerial }: Record<string, string> = JSON.parse(shown.out);
    assert.equal(state, 'active');
    assert.match(certificateSerial ?? '', /^[0-9a-f]{16,}$/);
    const pem = await yinxin('keys', 'export-public', 'tsa');
    assert.equal(createPublicKey(pem.out).export({ format: 'der', type: 'spki' }).toString('hex'), spki);
    for (const { out } of [list, shown, pem]) assert.doesNotMatch(out, /sealed|PRIVATE/);
  });

  it('are refused with the reason, and nothing is changed', async () => {
    const refusals: readonly (readonly [string[], RegExp])[] = [
      [['keys'], /say: keys list/],
      [['keys', 'rotate'], /say: keys list/],
      [['keys', 'show', 'nothing'], /no key nothing/],
      [['keys', 'rotate', 'tsa'], /who does it\? say: keys list/],
      [['keys', 'retire', 'tsa', '--operator', ''], /who does it\?/],
      [['keys', 'rotate', 'root-ca', ...as], /identity of its holder .* yinxin ca rekey/],
      [['keys', 'retire', 'seal-ca', ...as], /seal-ca cannot be retired: it is the one that issues/],
      [['keys', 'destroy', 'tsa'], /say --yes/],
      [['keys', 'destroy', 'tsa', '--yes', ...as], /cannot destroy key tsa, which is active/],
      [['keys', 'export-public', '../tsa'], /no key/],
    ];
    for (const [words, reason] of refusals) {
      const { status, errors } = await yinxin(...words);
      assert.equal(status, 2, words.join(' '));
      assert.match(errors, reason);
    }
    assert.equal((await server.services.keyKeeping.find('tsa'))?.state, 'active');
    const refused = (await entries('key.state-changed')).find(({ outcome }) => outcome === 'failed');
    assert.equal(refused?.code, 'key-state-wrong');
  });

  it('are rotated under the running service: the next time stamp is under the next key, the former one stays good', async () => {
    const { timestamps, authority } = server.services;
    const former = await timestamps.stamp(imprint);
    const { status, out, errors } = await yinxin('keys', 'rotate', 'tsa', ...as);
    assert.equal(status, 0, errors);
    assert.match(out, /tsa\.v2 is active; tsa is retiring/);
    const next = await timestamps.stamp(imprint);
    const [before, after] = [former, next].map((token) =>
      verifyTimestampToken({ token, imprint: () => imprint.digest }),
    );
    const bound = async (name: string) => (await authority.certificateOf(name)).certificate.serialHex;
    assert.equal(before?.signerCertificate?.serialHex, await bound('tsa'));
    assert.equal(after?.signerCertificate?.serialHex, await bound('tsa.v2'));
    assert.deepEqual([before?.valid, after?.valid], [true, true]);
    assert.equal((await entries('time-stamp.issued'))[0]?.facts?.['keyName'], 'tsa.v2');
    const deeds = (await entries('key.state-changed')).map(({ outcome, facts }) => ({
      outcome,
      deed: facts?.['deed'],
    }));
    assert.deepEqual(deeds.slice(0, 2), [
      { outcome: 'done', deed: 'activate' },
      { outcome: 'intended', deed: 'activate' },
    ]);
    const [activated, certified] = [(await entries('key.state-changed'))[0], (await entries('certificate.issued'))[0]];
    for (const entry of [activated, certified]) {
      assert.equal(entry?.operator, '测试操作员');
      assert.equal(entry?.parts.actor, 'open');
      assert.doesNotMatch(
        Buffer.from(entry?.leaf ?? []).toString(),
        /测试操作员/,
        'sealed, and not in the public leaf',
      );
    }
  });

  it('are retired and destroyed, in that order, and then are a description only', async () => {
    assert.equal((await yinxin('keys', 'retire', 'tsa', ...as)).status, 0);
    assert.equal((await yinxin('keys', 'destroy', 'tsa', '--yes', ...as)).status, 0);
    const { keyKeeping, timestamps } = server.services;
    assert.equal((await keyKeeping.find('tsa'))?.state, 'destroyed');
    assert.doesNotMatch(readFileSync(join(server.config.keysDirectory, 'tsa.key.json'), 'utf8'), /sealed/);
    assert.ok(await timestamps.stamp(imprint));
    const again = await yinxin('keys', 'destroy', 'tsa', '--yes', ...as);
    assert.match(again.errors, /which is destroyed/);
  });

  it('of licence issuers are in the trust list before they sign', async () => {
    const { keyKeeping, issuers } = server.services;
    const [name = ''] = (await keyKeeping.list())
      .filter(({ purpose, name: one }) => purpose === 'licence-issuer' && one.startsWith('licence-issuer-'))
      .map((key) => key.name);
    const { next } = await rotateKey(server.services, house, { name, publishOnly: true });
    assert.equal(next.state, 'pending');
    const kid = sha256(next.spki).slice(0, 8);
    assert.equal((await issuers.listedKey(kid))?.keyName, `${name}.v2`);
    const rotated = await rotateKey(server.services, house, { name });
    assert.deepEqual([rotated.next.name, rotated.next.state], [`${name}.v2`, 'active']);
    const registered = await issuers.issuer((await issuers.listedKey(kid))?.issuerCode ?? '');
    const signer = await server.services.keys.signer(registered.keyName, 'licence-issuer');
    assert.deepEqual((await issuers.actingWith(registered, signer)).kid, kid);
  });

  it('when one cannot be read, are listed all the same, with the fault and status 1', async () => {
    const { keysDirectory } = server.config;
    const file = join(keysDirectory, 'tsa.v2.key.json');
    const good = readFileSync(file);
    writeFileSync(file, good.subarray(0, 200));
    chmodSync(file, 0o644);
    try {
      const { status, out, errors } = await yinxin('keys', 'list');
      assert.equal(status, 1);
      assert.match(out, /^tsa\.v2 +CANNOT BE READ: file of key tsa\.v2 is malformed/m);
      assert.match(out, /^audit-log /m);
      assert.match(errors, /tsa\.v2 is open to others/);
      await assert.rejects(server.services.timestamps.stamp(imprint), (error) =>
        isTrustError(error, 'key-unavailable'),
      );
    } finally {
      writeFileSync(file, good);
      chmodSync(file, 0o600);
    }
    assert.ok(await server.services.timestamps.stamp(imprint)); // put right, it goes on without a restart
  });

  it('are visible in the log when a process takes them into use', async () => {
    const opened = (await entries('key.opened')).map(({ facts }) => facts?.['keyName']);
    for (const name of ['audit-log', 'oidc-es256', 'oidc-rs256', 'root-ca', 'tsa', 'tsa.v2', 'seal-maker'])
      assert.ok(opened.includes(name), name);
  });

  it('act only after an entry that names them is committed', async () => {
    const { keys, audit, timestamps, keyKeeping, authority } = server.services;
    const acted = new Map<string, number>();
    const given = keys.signer.bind(keys);
    Reflect.set(keys, 'signer', async (name: string, purpose: KeyPurpose) => {
      const signer = await given(name, purpose);
      return {
        ...signer,
        sign: async (data: Uint8Array, form: 'der' | 'raw') => {
          const { items } = await audit.entries({ limit: 100 });
          const names = ({ facts }: AuditEntry) => [facts?.['keyName'], facts?.['idTokenKeyName'], facts?.['issuer']];
          const deedsOf = items.filter(({ action }) => !action.startsWith('key.'));
          const intent = deedsOf.find((entry) => names(entry).includes(signer.keyName));
          assert.ok(intent !== undefined && intent.outcome !== 'voided', `${signer.keyName} acted unseen`);
          assert.ok(intent.action === 'token.issued' || intent.outcome === 'intended', `${signer.keyName} acted again`);
          acted.set(signer.keyName, (acted.get(signer.keyName) ?? 0) + 1);
          return signer.sign(data, form);
        },
      };
    });
    try {
      await timestamps.stamp(imprint);
      await authority.regenerateCrl('seal-ca');
      const { next } = await rotateKey(server.services, house, { name: 'oidc-es256' });
      const token = await server.systemToken();
      const call = { origin: 'test', requestId: 'r' };
      const principal: Principal = await server.services.identity.accessTokens.principalOf(`Bearer ${token}`, call);
      assert.equal(principal.kind, 'system');
      await rotateKey(server.services, house, { name: 'seal-maker' });
      const api = await server.api();
      await stamp(api);
      await issue(api);
      const names = [...acted.keys()];
      for (const name of [next.name, 'seal-ca', 'tsa.v2']) assert.ok(names.includes(name), name);
      for (const kind of [/^seal-\d{14}$/, /^licence-issuer-/])
        assert.ok(
          names.some((name) => kind.test(name)),
          names.join(),
        );
    } finally {
      Reflect.deleteProperty(keys, 'signer');
    }
    const signer = await keyKeeping.signer('tsa', 'time-stamp');
    const signature = await signer.sign(utf8('y'), 'der');
    const { spki, algorithm } = signer;
    assert.ok(verifySignature({ algorithm, spki, data: utf8('y'), signature, form: 'der' }));
    await assert.rejects(retireKey(server.services, house, 'nothing'), (error) => isTrustError(error, 'key-not-found'));
  });

  it('the key of the audit log is neither rotated nor retired, and goes on signing', async () => {
    const { keyKeeping } = server.services;
    await assert.rejects(rotateKey(server.services, house, { name: 'audit-log' }), { code: 'key-purpose-wrong' });
    await assert.rejects(retireKey(server.services, house, 'audit-log'), { code: 'key-state-wrong' });
    assert.equal((await keyKeeping.find('audit-log'))?.state, 'active');
    assert.equal((await (await keyKeeping.signer('audit-log', 'log')).sign(utf8('x'), 'raw')).length, 64);
  });
});

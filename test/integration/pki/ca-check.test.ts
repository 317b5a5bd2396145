// `yinxin ca check`: exit status 0 good, 1 bad, 2 could not judge, from files alone; RFC 5280, 6.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { caCommand } from '../../../src/cli/ca-command.ts';
import type { Words } from '../../../src/cli/command.ts';
import { toBase64 } from '../../../src/kernel/bytes.ts';
import { authority, forge, forgeCrl, name } from '../../unit/pki/forge.ts';
import { at } from '../../unit/pki/sandbox-pki.ts';

const main = join(dirname(fileURLToPath(import.meta.url)), '../../../src/cli/main.js');

describe('yinxin ca check', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-ca-check-'));
  const file = (path: string) => join(directory, path);
  const usual = { anchors: file('root.pem'), crls: file('crls.pem'), at: at.toISOString() };
  let said = '';
  const check = async (options: Words['options'], ...files: string[]): Promise<number> => {
    const { log } = console;
    said = '';
    console.log = (text: string) => (said += `${text}\n`);
    try {
      return await caCommand({ command: 'ca', positionals: ['check', ...files.map(file)], options });
    } finally {
      console.log = log;
    }
  };

  before(async () => {
    const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });
    const ca = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority()] });
    const leaf = await forge({ subject: name('CN=Leaf'), issuer: ca, serial: 7 });
    const revoked = await forge({ subject: name('CN=Revoked'), issuer: ca, serial: 8 });
    const lists = [await forgeCrl({ issuer: root }), await forgeCrl({ issuer: ca, entries: [{ serial: 8 }] })];
    const pem = (label: string, der: Uint8Array) =>
      `-----BEGIN ${label}-----\n${toBase64(der)}\n-----END ${label}-----\n`;
    writeFileSync(file('root.pem'), pem('CERTIFICATE', root.certificate.der));
    writeFileSync(file('ca.der'), ca.certificate.der);
    writeFileSync(file('leaf.crt'), leaf.certificate.der);
    writeFileSync(file('bundle.pem'), [leaf, ca].map((one) => pem('CERTIFICATE', one.certificate.der)).join(''));
    writeFileSync(file('revoked.der'), revoked.certificate.der);
    writeFileSync(file('crls.pem'), lists.map(({ der }) => pem('X509 CRL', der)).join(''));
    writeFileSync(file('broken.der'), leaf.certificate.der.subarray(1));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('says good for a chain in DER or in one PEM file', async () => {
    assert.equal(await check(usual, 'leaf.crt', 'ca.der'), 0);
    assert.match(said, /^good at 2026-06-01T00:00:00.000Z\n {2}0 {2}Leaf, serial 07, until 2040/);
    assert.equal(await check(usual, 'bundle.pem'), 0);
  });

  it('says what is bad, also as JSON', async () => {
    assert.equal(await check({ ...usual, json: true }, 'revoked.der', 'ca.der'), 1);
    const report: { trusted: boolean; subIndication: string; findings: { code: string }[] } = JSON.parse(said);
    assert.deepEqual([report.trusted, report.subIndication], [false, 'REVOKED']);
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ['revoked'],
    );
    assert.equal(await check(usual, 'leaf.crt'), 1);
    assert.equal(await check({ ...usual, purpose: 'time-stamp' }, 'bundle.pem'), 1);
    assert.equal(await check({ ...usual, policy: ['1.2.3'] }, 'bundle.pem'), 1);
  });

  it('could not judge without a CRL or with a stale one', async () => {
    const { crls: _, ...without } = usual;
    assert.equal(await check(without, 'bundle.pem'), 2);
    assert.match(said, /crl-missing/);
    assert.equal(await check({ ...usual, at: '2027-01-01' }, 'bundle.pem'), 2);
    assert.match(said, /crl-out-of-date/);
  });

  it('refuses broken files and words that mean nothing, and names them', async () => {
    await assert.rejects(check(usual, 'broken.der'), { code: 'malformed-certificate', message: /broken\.der/ });
    await assert.rejects(check({ ...usual, anchors: file('leaf.crt') }, 'leaf.crt'), {
      message: /leaf\.crt.*authority/,
    });
    for (const [options, ...files] of [
      [usual],
      [{}, 'leaf.crt'],
      [{ ...usual, at: '2027-13-01' }, 'leaf.crt'],
      [{ ...usual, purpose: 'web' }, 'leaf.crt'],
      [{ ...usual, crls: file('nowhere') }, 'leaf.crt'],
    ] as const) {
      await assert.rejects(check(options, ...files), { code: 'malformed-request' });
    }
  });

  it('is reached by the command line, whose exit status is the answer', () => {
    const flags = ['--anchors', usual.anchors, '--crls', usual.crls, '--at', usual.at];
    const run = (...args: string[]) => spawnSync(process.execPath, [main, 'ca', ...args], { encoding: 'utf8' });
    assert.equal(run('check', ...flags, file('bundle.pem')).status, 0);
    const broken = run('check', ...flags, file('broken.der'));
    assert.deepEqual([broken.status, /broken\.der/.test(broken.stderr)], [2, true]);
  });
}).timeout(60_000);

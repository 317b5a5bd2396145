// Trust anchors from files: for the purpose of their folder, all or nothing; RFC 5280, 6.1.1 (d), RFC 7468.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toBase64, utf8 } from '../../../src/kernel/bytes.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { validatePath } from '../../../src/pki/path.ts';
import { anchorsFromFile } from '../../../src/pki/trust-anchor.ts';
import { readAnchors } from '../../../src/trust-anchors.ts';
import { authority, forge, name, usage } from './forge.ts';

const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });
const second = await forge({ subject: name('CN=Second'), extensions: [authority(), usage(5)] });
const leaf = await forge({ subject: name('CN=Leaf'), issuer: root });
const pem = ({ der }: Certificate) =>
  `-----BEGIN CERTIFICATE-----\n${(toBase64(der).match(/.{1,64}/g) ?? []).join('\r\n')}\n-----END CERTIFICATE-----\n`;

describe('RFC 7468: a file of trust anchors', () => {
  it('is DER, or PEM with any text around', () => {
    const bundle = utf8(`Root of all\n${pem(root.certificate)}\nand another\n${pem(second.certificate)}`);
    assert.deepEqual(
      anchorsFromFile(bundle, ['seal']).map(({ subject }) => subject.commonName),
      ['Root', 'Second'],
    );
    assert.equal(anchorsFromFile(root.certificate.der, []).length, 1);
    // As `yinxin ca show` writes it: the serial may begin with the digit that a SEQUENCE begins with.
    for (const before of ['0d60923394fa4b80  root-ca', '0印']) {
      assert.equal(anchorsFromFile(utf8(`${before}\n${pem(root.certificate)}`), []).length, 1, before);
    }
  });

  it('is refused whole for one that is broken, no authority, or may not sign certificates', async () => {
    const mute = await forge({ subject: name('CN=Mute'), extensions: [authority(), usage(6)] });
    const { der } = root.certificate;
    const damaged = der.with(der.length - 1, (der.at(-1) ?? 0) ^ 1);
    for (const file of [
      utf8(pem(root.certificate) + pem(leaf.certificate)),
      utf8(pem(mute.certificate)),
      utf8(`${pem(root.certificate)}-----BEGIN CERTIFICATE-----\nAAAA`),
      utf8('nothing here'),
      damaged,
      new Uint8Array(),
      Uint8Array.of(0xff, 0xfe),
    ]) {
      assert.throws(() => anchorsFromFile(file, ['seal', 'seal-maker']), { code: 'malformed-certificate' });
    }
  });

  it('for seal makers alone may hold the certificate of a maker itself, if that may sign', async () => {
    const maker = await forge({ subject: name('CN=Maker'), issuer: root, extensions: [usage(0)] });
    const other = await forge({ subject: name('CN=Other'), issuer: root, extensions: [usage(2)] });
    assert.deepEqual(anchorsFromFile(maker.certificate.der, ['seal-maker']), [maker.certificate]);
    for (const file of [other.certificate.der, maker.certificate.der.subarray(0, -1)]) {
      assert.throws(() => anchorsFromFile(file, ['seal-maker']), { code: 'malformed-certificate' });
    }
    const child = await forge({ subject: name('CN=Child'), issuer: maker });
    const path = validatePath({
      leaf: child.certificate,
      intermediates: [],
      anchors: [maker.certificate],
      at: child.certificate.notBefore,
      purpose: 'any',
      revocation: { check: () => ({ status: 'good' }) },
    });
    assert.deepEqual(
      path.findings.map(({ code }) => code),
      ['no-path'],
    );
    assert.throws(() => anchorsFromFile(maker.certificate.der, ['seal']), { code: 'malformed-certificate' });
  });
});

describe('certs/anchors', () => {
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-anchors-'));
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  after(() => rmSync(directory, { recursive: true, force: true }));

  it('trusts nothing when it is empty or missing, and an anchor for its purpose only', () => {
    assert.deepEqual(readAnchors(join(directory, 'none')).seal, []);
    put('README.md', 'what this is');
    put('seal/root.pem', pem(root.certificate));
    put('time-stamp/second.der', second.certificate.der);
    put('time-stamp/notes.txt', 'not a certificate');
    const anchors = readAnchors(directory);
    const names = (list: readonly Certificate[]) => list.map(({ subject }) => subject.commonName);
    assert.deepEqual([names(anchors.seal), names(anchors['time-stamp'])], [['Root'], ['Second']]);
    assert.deepEqual([anchors.licence, anchors['seal-maker']], [[], []]);
  });

  it('refuses what it does not understand instead of passing over it', () => {
    put('licence/broken.pem', 'nothing here');
    assert.throws(() => readAnchors(directory), { code: 'configuration-invalid', message: /broken\.pem/ });
    rmSync(join(directory, 'licence'), { recursive: true });
    put('seals/root.pem', pem(root.certificate));
    assert.throws(() => readAnchors(directory), { code: 'configuration-invalid', message: /seals/ });
  });
});

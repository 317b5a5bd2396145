// BouncyCastle judges the signature values that we write into OFD with SM2 seals, and the ZIP we write is read by a program that is not ours.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { type BouncyCastle, needBouncyCastle } from '../../support/bouncy-castle.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { madeSeal, signedOfd } from '../../support/ofd-signing.ts';
import { sandboxPki } from '../../unit/pki/sandbox-pki.ts';

describe('OFD signatures of ours, judged by others', function () {
  let java: BouncyCastle;
  let folder: string;

  before(function () {
    java = needBouncyCastle(this);
    folder = mkdtempSync(join(tmpdir(), 'yinxin-ofd-'));
  });
  after(() => {
    java?.remove();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const put = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  it('are good SES signatures of version 4 and 5, and no longer when a byte of what was signed changes', async () => {
    const pki = await sandboxPki('SM2');
    const commands: string[][] = [];
    for (const version of [4, 5] as const) {
      const seal = await madeSeal(pki, { version });
      const opened = OfdPackage.open(await signedOfd(pki, zip(ofdFiles()), { seal, ses: { sealDer: seal } }));
      const value = put(`value-${version}.der`, opened.content('Doc_0/Signs/Sign_0/SignedValue.dat'));
      const description = opened.content('Doc_0/Signs/Sign_0/Signature.xml');
      const touched = description.with(100, (description[100] ?? 0) ^ 1);
      commands.push(['ses', value, put(`signed-${version}.xml`, description)]);
      commands.push(['ses', value, put(`touched-${version}.xml`, touched)]);
    }
    assert.deepEqual(java.judge(commands), ['good', 'bad', 'good', 'bad']);
  });

  it('stand in packages that the archive reader of Java reads, by the directory and from header to header', async () => {
    const pki = await sandboxPki('SM2');
    const twice = await signedOfd(pki, await signedOfd(pki, zip(ofdFiles())));
    const [answer = ''] = java.judge([['zip', put('twice.ofd', twice)]]);
    assert.deepEqual(answer.split(' '), OfdPackage.open(twice).names);
  });
});

// The QR picture read back by another program's decoder (jsQR over pngjs), and the sizes of both spellings.

import assert from 'node:assert/strict';
import { spellEl1 } from '../../../src/credential/el1-text.ts';
import { qrPng, qrSize } from '../../../src/licence/qr-picture.ts';
import { readQrPng } from '../../support/qr-reader.ts';
import { sampleCode } from '../credential/el1-sample.ts';

const local = spellEl1(sampleCode, 'http://localhost:3000');

describe('QR picture (ISO/IEC 18004)', () => {
  for (const [name, text] of Object.entries({ ...local, other: 'https://例子.example/ä' })) {
    it(`of ${name} is read back as the same text`, async () => {
      assert.equal(readQrPng(await qrPng(text)).text, text);
    });
  }

  it('has 8 pixels a module and a quiet zone of 4 modules', async () => {
    const { widthPixels, heightPixels, isWhite } = readQrPng(await qrPng(local.link));
    assert.equal(widthPixels, (qrSize(local.link).modules + 8) * 8);
    assert.equal(heightPixels, widthPixels);
    for (let i = 0; i < widthPixels; i++) assert.ok(isWhite(i, 31) && isWhite(31, i), 'the quiet zone is white');
    assert.ok(!isWhite(32, 32), 'the symbol begins at module 4');
  });

  it('keeps the code within version 11 on paper, in both spellings', () => {
    assert.ok(qrSize(local.bare, 'M').version <= 10, `bare: ${qrSize(local.bare, 'M').version}`);
    assert.ok(qrSize(local.link, 'M').version <= 11, `link: ${qrSize(local.link, 'M').version}`);
  });
});

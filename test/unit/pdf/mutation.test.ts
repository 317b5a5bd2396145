// Every byte of a signed PDF changed, cut off and doubled: nothing of it may pass for what was signed; ISO 32000-2, 12.8.1, ETSI EN 319 142-1.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { pdfJudge, signedPdf } from '../../support/pdf-signing.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki();
const judge = pdfJudge(pki);
const product = await signedPdf(pki, samplePdf());
const [, gapStart = 0, gapEnd = 0] = openPdf(product).signatures[0]?.byteRange ?? [];

/** What is said of a file that passes; `undefined` for one that does not, or cannot be read at all. */
async function passing(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const { verdict, signatures, findings } = await judge.judge(bytes);
    if (verdict.indication !== 'TOTAL-PASSED') return undefined;
    return JSON.stringify([findings, signatures.map(({ report }) => report)]);
  } catch (error) {
    if (isTrustError(error, 'malformed-pdf')) return undefined;
    throw error;
  }
}

function flipped(at: number, mask: number, of = product): Uint8Array {
  return Uint8Array.from(of).with(at, (of[at] ?? 0) ^ mask);
}

/** One bit, another at each place, and all of them. */
const masks = [(at: number) => 1 << (at % 8), () => 0xff];

describe('a signed PDF with any one byte changed', () => {
  it('passes as it is', async () => {
    assert.match((await passing(product)) ?? '', /"coverage":"whole-file"/);
    assert.ok(gapEnd > gapStart);
  });

  for (const [which, mask] of masks.entries()) {
    it(`is noticed at every byte, ${which === 0 ? 'one bit turned' : 'all bits turned'}`, async () => {
      const unnoticed: number[] = [];
      for (let at = 0; at < product.length; at++) {
        if ((await passing(flipped(at, mask(at)))) !== undefined) unnoticed.push(at);
      }
      assert.deepEqual(unnoticed, []);
    });
  }
});

describe('a signed PDF cut, lengthened, or with parts of it doubled, left out and exchanged', () => {
  const block = (size: number, at: number) => product.subarray(at, at + size);
  const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
  const none = async (files: Iterable<readonly [string, Uint8Array]>): Promise<void> => {
    const unnoticed: string[] = [];
    for (const [what, bytes] of files) if ((await passing(bytes)) !== undefined) unnoticed.push(what);
    assert.deepEqual(unnoticed, []);
  };

  it('is noticed at every length', async () => {
    await none(
      (function* () {
        for (let length = 0; length < product.length; length++) yield [`${length}`, product.subarray(0, length)];
      })(),
    );
  });

  for (const size of [1, 20, 512]) {
    it(`is noticed for every block of ${size} bytes doubled, left out, and exchanged with the next`, async () => {
      await none(
        (function* () {
          for (let at = 0; at < product.length; at += Math.max(5, size >> 2)) {
            const [head, tail] = [product.subarray(0, at), product.subarray(at + size)];
            yield [`doubled ${at}`, joined(head, block(size, at), block(size, at), tail)];
            yield [`left out ${at}`, joined(head, tail)];
            const swapped = joined(head, block(size, at + size), block(size, at), product.subarray(at + 2 * size));
            if (Buffer.compare(swapped, product) !== 0) yield [`exchanged ${at}`, swapped];
          }
        })(),
      );
    });
  }

  const more = ['%', '\n%%EOF\n', '\n% a remark\n', 'PK\x03\x04', '<html>', 'x'].map((text) => Buffer.from(text));

  it('is noticed with anything before it, and with anything but white space behind it, itself too', async () => {
    const source = samplePdf();
    const itself = [product, product.subarray(source.length), source];
    const around = [...more, ...itself].flatMap((bytes) => [
      ['before', joined(bytes, product)] as const,
      ['behind', joined(product, bytes)] as const,
    ]);
    await none([...around, ['white space before', joined(Buffer.from('\n'), product)]]);
  });

  it('says the same with white space behind it, but no longer that it is the whole file', async () => {
    const whole = await passing(product);
    for (const space of ['\n', ' ', '\r\n', '\0']) {
      const said = await passing(joined(product, Buffer.from(space)));
      assert.equal(said, whole?.replace('"coverage":"whole-file"', '"coverage":"revision"'));
    }
  });
});

describe('the unsigned part of a time-stamped PDF with any one byte changed', () => {
  it('never passes with its time; the path of the time-stamp authority may be led astray, and then that is told', async () => {
    const stamped = await signedPdf(pki, samplePdf(), { level: 'B-T' });
    const [signature] = openPdf(stamped).signatures;
    const [, start = 0, end = 0] = signature?.byteRange ?? [];
    // The last copy of the issuing authority is the one in the token: its authority key identifier names the root.
    const { authorityKeyId } = pki.ca.certificate;
    assert.ok(authorityKeyId !== undefined);
    const spelled = Buffer.from(Buffer.from(authorityKeyId).toString('hex'), 'latin1');
    const allowed = Buffer.from(stamped).lastIndexOf(spelled);
    assert.ok(allowed > start && allowed < end);
    // The first digit of each octet of the value, each time in a way that may leave it a digit.
    for (let at = start + 1; at < end; at += 2) {
      const said = await passing(flipped(at, 1 << (at % 3), stamped));
      if (said === undefined) continue;
      assert.match(said, /"code":"time-stamp-not-trusted".*/, `byte ${at}`);
      assert.match(said, /"timeSource":"claimed".*"level":"B-B"/, `byte ${at}`);
      assert.ok(at >= allowed && at < allowed + spelled.length, `byte ${at}`);
    }
  });
});

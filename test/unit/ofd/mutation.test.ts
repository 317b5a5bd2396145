// Every byte of a signed OFD changed, cut off and doubled: nothing of it may pass for what was signed, but ZIP fields without meaning; GB/T 33190-2016, 18.

import assert from 'node:assert/strict';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { ofdFiles, ofdJudge, zip } from '../../support/ofd-samples.ts';
import { signedOfd } from '../../support/ofd-signing.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki('SM2');
const judge = ofdJudge(pki);
const product = await signedOfd(pki, zip(ofdFiles()));

/** What is said of a file that passes, and the content of all its files; `undefined` for one that does not, or cannot be read. */
async function passing(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const { verdict, signatures, findings } = await judge.judge(bytes);
    if (verdict.indication !== 'TOTAL-PASSED') return undefined;
    const opened = OfdPackage.open(bytes);
    const content = opened.names.map((name) => [name, Buffer.from(opened.content(name)).toString('base64')]);
    return JSON.stringify([findings, signatures.map(({ report }) => report), content]);
  } catch (error) {
    if (isTrustError(error, 'malformed-ofd') || isTrustError(error, 'unsupported-ofd')) return undefined;
    throw error;
  }
}

function flipped(at: number, mask: number): Uint8Array {
  return Uint8Array.from(product).with(at, (product[at] ?? 0) ^ mask);
}

/** Of every directory record, 4.3.12 of APPNOTE: version made by, internal and external file attributes. */
function meaningless(): number[] {
  const { entries } = OfdPackage.open(product).directory;
  return entries.flatMap(({ record }) => {
    const at = record.byteOffset - product.byteOffset;
    return [4, 5, 36, 37, 38, 39, 40, 41].map((field) => at + field);
  });
}

const masks = [(at: number) => 1 << (at % 8), () => 0xff];

describe('a signed OFD with any one byte changed', () => {
  let whole: string | undefined;
  before(async () => {
    whole = await passing(product);
    assert.match(whole ?? '', /"coverage":"whole-file"/);
  });

  for (const [which, mask] of masks.entries()) {
    it(`is noticed, ${which === 0 ? 'one bit turned' : 'all bits turned'}, but where docs/ofd.md says that a ZIP says nothing`, async () => {
      const unnoticed: number[] = [];
      for (let at = 0; at < product.length; at++) {
        const said = await passing(flipped(at, mask(at)));
        if (said === undefined) continue;
        assert.equal(said, whole, `byte ${at}`);
        unnoticed.push(at);
      }
      assert.deepEqual(unnoticed, meaningless());
    });
  }
});

describe('a signed OFD cut, lengthened, or with parts of it doubled, left out and exchanged', () => {
  const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts));
  /** Data before the first entry is no fault and is told. */
  const none = async (files: Iterable<readonly [string, Uint8Array]>): Promise<void> => {
    const unnoticed: string[] = [];
    for (const [what, bytes] of files) {
      const said = await passing(bytes);
      if (said !== undefined && !said.includes('"code":"package-prefix"')) unnoticed.push(what);
    }
    assert.deepEqual(unnoticed, []);
  };

  it('is noticed at every length', async () => {
    await none(
      (function* () {
        for (let length = 0; length < product.length; length++) yield [`${length}`, product.subarray(0, length)];
      })(),
    );
  });

  for (const size of [1, 30, 512]) {
    it(`is noticed for every block of ${size} bytes doubled, left out, and exchanged with the next`, async () => {
      const free = new Set(meaningless());
      await none(
        (function* () {
          for (let at = 0; at < product.length; at += Math.max(5, size >> 2)) {
            const [head, block, tail] = [
              product.subarray(0, at),
              product.subarray(at, at + size),
              product.subarray(at + size),
            ];
            yield [`doubled ${at}`, joined(head, block, block, tail)];
            yield [`left out ${at}`, joined(head, tail)];
            const swapped = joined(head, tail.subarray(0, size), block, tail.subarray(size));
            const idle = size === 1 && free.has(at) && free.has(at + 1);
            if (!idle && Buffer.compare(swapped, product) !== 0) yield [`exchanged ${at}`, swapped];
          }
        })(),
      );
    });
  }

  it('is noticed with anything behind it, and told with anything before it', async () => {
    for (const more of [Buffer.from('\n'), Buffer.from('PK\x05\x06'), product])
      await none([[`behind ${more.length}`, joined(product, more)]]);
    assert.match((await passing(joined(Buffer.from('KingGrid'), product))) ?? '', /"code":"package-prefix"/);
  });
});

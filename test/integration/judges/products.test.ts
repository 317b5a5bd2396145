// Every kind of PDF that we make, read by five programs that share no code with us: PDFBox with BouncyCastle, pdfsig, mutool, qpdf, openssl; ETSI EN 319 142-1, ISO 32000-2, 12.8.

import assert from 'node:assert/strict';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import type { PdfSignature } from '../../../src/pdf/signatures.ts';
import type { StampRequest } from '../../../src/seal/stamp-request.ts';
import { needPdfBox } from '../../support/bouncy-castle.ts';
import type { JavaJudge } from '../../support/java-judge.ts';
import { appendUpdate, samplePdf } from '../../support/pdf-samples.ts';
import { Scratch, needTools, run } from '../pdf/tools.ts';
import {
  requestKey,
  type SealHouse,
  sealHouse,
  sealOrder,
  stampRequest,
  system,
  uploaded,
} from '../seal/seal-house.ts';

const caller = system('client-one');
const text = 'Under the seal';
const pageCount = 6;
const at = (page: number, xMm: number, yMm: number) => ({ kind: 'position', page, xMm, yMm }) as const;

interface Product {
  readonly bytes: Uint8Array;
  /** What BouncyCastle alone can judge: signatures with SM2. */
  readonly gm?: number;
}

interface Kind {
  readonly name: string;
  make(of: SealHouse): Promise<Product>;
  /** As PDFBox tells them, in the order of the form. */
  readonly signatures: readonly string[];
}

let count = 0;
async function stamped(of: SealHouse, change: Partial<StampRequest>, source?: Uint8Array): Promise<Uint8Array> {
  const documentId = await uploaded(of, caller, source ?? samplePdf({ pageCount }));
  const stamps = of.stamps();
  const request = stampRequest(of, documentId, { level: 'B-B', ...change });
  const { stampingId } = await stamps.stamp(caller, request, requestKey(`judged-${count++}`));
  return stamps.document(caller, stampingId);
}

const kind = (
  name: string,
  change: Partial<StampRequest>,
  signatures: readonly string[],
  source?: Uint8Array,
): Kind => ({
  name,
  make: async (of) => ({ bytes: await stamped(of, change, source) }),
  signatures,
});

/** With a seal of both suites. */
const gm = (name: string, change: Partial<StampRequest>, signatures: readonly string[]): Kind => ({
  name,
  make: async (of) => {
    const order = sealOrder(`9901000001${String(count++).padStart(4, '0')}`, newId('organisation', systemClock));
    const { sealId } = await of.maker.make(house, { ...order, suite: 'both' });
    return { bytes: await stamped(of, { sealId, ...change }), gm: 1 };
  },
  signatures,
});

const pades = 'ETSI.CAdES.detached';
const [whole, part] = [`${pades} whole good`, `${pades} part good`];
const archive = 'ETSI.RFC3161 whole good';
const withField = appendUpdate(samplePdf({ pageCount, catalog: '/AcroForm << /Fields [8 0 R] >>', annots: 'direct' }), {
  8: '<< /Type /Annot /Subtype /Widget /FT /Sig /T (Here) /F 4 /P 10 0 R /Rect [100 400 220 520] >>',
});
const places = [at(1, 60, 60), at(1, 150, 60), at(1, 60, 120), at(2, 60, 60), at(3, 60, 60)];

const kinds: readonly Kind[] = [
  kind('B-B at a position', {}, [whole]),
  kind('B-T at several positions', { level: 'B-T', placements: places }, [whole]),
  kind('B-LT', { level: 'B-LT' }, [part]),
  kind('B-LTA', { level: 'B-LTA' }, [part, archive]),
  kind('a seam across all pages', { placements: [{ kind: 'seam', pages: '1-6', edge: 'right' }] }, [whole]),
  kind('a seam over every two pages', { placements: [{ kind: 'seam', pages: '1-6', edge: 'right', every: 2 }] }, [
    whole,
  ]),
  kind('on words', { placements: [{ kind: 'keyword', text, occurrence: 1, dxMm: 0, dyMm: 40 }] }, [whole]),
  kind('in a field that was there', { placements: [{ kind: 'field', name: 'Here' }] }, [whole], withField),
  kind('certified, fields locked, with an archive time stamp', { level: 'B-LTA', certify: 'forms', lock: 'all' }, [
    part,
    archive,
  ]),
  {
    name: 'countersigned five times',
    signatures: [part, part, part, part, part, whole],
    make: async (of) => {
      let bytes = await stamped(of, { placements: [at(6, 60, 60)] });
      for (const place of places) bytes = await stamped(of, { placements: [place] }, bytes);
      return { bytes };
    },
  },
  gm('gm: SM2 and SM3', { policy: 'gm' }, [whole]),
  gm('gm at B-LTA', { policy: 'gm', level: 'B-LTA' }, [part, archive]),
  gm('dual: P-256 behind SM2', { policy: 'dual' }, [part, whole]),
  gm('dual at B-LTA', { policy: 'dual', level: 'B-LTA' }, [part, part, archive]),
  {
    name: 'B-LTA over a file that qpdf has linearised',
    signatures: [part, archive],
    make: async (of) => {
      const scratch = new Scratch();
      try {
        const source = scratch.write('source.pdf', samplePdf({ pageCount }));
        const { status } = run('qpdf', ['--linearize', source, scratch.path('linear.pdf')]);
        const linear = status === 0 ? scratch.read('linear.pdf') : samplePdf({ pageCount });
        return { bytes: await stamped(of, { level: 'B-LTA' }, linear) };
      } finally {
        scratch.remove();
      }
    },
  },
  ...(['stream', 'packed', 'hybrid'] as const).map((xref) =>
    kind(
      `B-LTA over a source with the cross-reference: ${xref}`,
      { level: 'B-LTA' },
      [part, archive],
      samplePdf({ pageCount, xref }),
    ),
  ),
];

describe('every kind of PDF that we make, before foreign judges', () => {
  let of: SealHouse;
  const scratch = new Scratch();
  const made = new Map<string, Product & { readonly file: string }>();

  before(async () => {
    of = await sealHouse();
    for (const [index, one] of kinds.entries()) {
      const product = await one.make(of);
      made.set(one.name, { ...product, file: scratch.write(`product-${index}.pdf`, product.bytes) });
    }
  });
  after(async () => {
    scratch.remove();
    await of.close();
  });

  const product = (name: string) => {
    const found = made.get(name);
    assert.ok(found !== undefined);
    return found;
  };

  it('PDFBox and BouncyCastle find every signature good, cover as they should, and every page saying what it said', function () {
    const judge: JavaJudge = needPdfBox(this);
    try {
      const answers = judge.answers(kinds.map(({ name }) => product(name).file));
      const pages = Array.from({ length: pageCount }, () => `page ${text}`);
      for (const [index, { name, signatures }] of kinds.entries())
        assert.deepEqual(answers[index]?.split('\t'), [...pages, ...signatures], name);
      const good = Buffer.from(product('B-B at a position').bytes);
      good[good.indexOf('Under') + 1] = 'm'.charCodeAt(0);
      const [changed] = judge.answers([scratch.write('changed.pdf', good)]);
      assert.match(changed ?? '', /whole bad$/);
    } finally {
      judge.remove();
    }
  });

  for (const { name, signatures } of kinds) {
    it(`pdfsig, mutool and qpdf: ${name}`, function () {
      needTools(this, 'pdfsig', 'mutool', 'qpdf');
      const { file, gm = 0 } = product(name);
      const seals = signatures.filter((one) => one.startsWith(pades)).length;
      const pdfsig = run('pdfsig', ['-nocert', file]).text;
      assert.equal([...pdfsig.matchAll(/Signature is Valid/g)].length, seals - gm, pdfsig);
      if (signatures.at(-1) === whole) assert.match(pdfsig, /Total document signed/);
      const mutool = run('mutool', ['sign', '-v', file]).text;
      const right = /unchanged since signing|signature is valid but there have been edits/g;
      assert.ok([...mutool.matchAll(right)].length >= seals - gm, mutool);
      const { status, text: said } = run('qpdf', ['--check', file]);
      assert.deepEqual([status, /WARNING/.test(said)], [0, false], said);
    });
  }

  it('openssl: every signature value and every archive time stamp over the bytes that their ranges name', async function () {
    needTools(this, 'openssl');
    const pem = (await of.authority.authorities()).map(({ certificate }) => certificate.der);
    const anchors = scratch.write('anchors.pem', pem.map(pemOf).join(''));
    let judged = 0;
    for (const { name } of kinds) {
      if (product(name).gm !== undefined) continue;
      for (const signature of openPdf(product(name).bytes).signatures) {
        const { status, text: said } = run('openssl', argumentsFor(signature, anchors));
        assert.equal(status, 0, `${name}: ${said}`);
        judged++;
      }
    }
    const intl = kinds.filter(({ name }) => product(name).gm === undefined);
    assert.equal(judged, intl.flatMap(({ signatures }) => signatures).length);
  });

  function argumentsFor(signature: PdfSignature, anchors: string): string[] {
    const content = scratch.write('content', Buffer.concat([...signature.signedBytes()]));
    const value = scratch.write('value.der', signature.contents);
    if (signature.type === 'DocTimeStamp')
      return ['ts', '-verify', '-data', content, '-in', value, '-token_in', '-CAfile', anchors, '-partial_chain'];
    const form = ['-inform', 'DER', '-binary', '-purpose', 'any', '-out', scratch.path('out')];
    return ['cms', '-verify', '-in', value, '-content', content, '-CAfile', anchors, '-partial_chain', ...form];
  }
});

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

// Files that are cheap to send and dear to judge: signatures times revisions, pictures times seals, gaps without end; each ends by a counted budget, never by a clock; OWASP API4.

import assert from 'node:assert/strict';
import { inDerOrder } from '../../../src/codec/der-write.ts';
import { cmsOids } from '../../../src/codec/oids.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { changesAfter } from '../../../src/pdf/changes.ts';
import { boundSignedBytes } from '../../../src/pdf/limits.ts';
import { buildSignedData } from '../../../src/pki/cms.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { appendUpdate, samplePdf } from '../../support/pdf-samples.ts';
import { attribute, putTogether, takeApart } from '../pki/bent-cms.ts';
import { stamp } from '../pki/cms-samples.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';
import { appendSigned, victim, victimObjects } from './attacks/victim.ts';
import { signed } from './signing.ts';

const pki = await sandboxPki();
const ours = { signer: pki.seal, chain: [pki.ca] };

function toldOfFirst(bytes: Uint8Array): readonly (readonly [kind: string, detail: string])[] {
  const document = openPdf(bytes);
  const [signature] = document.signatures;
  assert.ok(signature !== undefined);
  return changesAfter(document, signature).changes.map(({ kind, permitted, detail }) => {
    return [`${permitted ? '+' : '-'}${kind}`, detail] as const;
  });
}

const tooMuch = (what: string) => [['-structure', `PDF: ${what}`]];

describe('what it may cost to judge a hostile PDF', () => {
  it('pictures of a later signature beside thousands of seals: told as too much to compare', async () => {
    const count = 2_500;
    const numbers = (from: number) => Array.from({ length: count }, (_, i) => from + i);
    const picture = '<< /Type /Annot /Subtype /Stamp /Rect [0 0 1 1] >>';
    const stamps = (from: number) => Object.fromEntries(numbers(from).map((n) => [n, picture]));
    const list = (from: number) =>
      numbers(from)
        .map((n) => `${n} 0 R`)
        .join(' ');
    const field = (number: number) =>
      `<< /Type /Annot /Subtype /Widget /FT /Sig /T (S${number}) /Rect [0 0 0 0] /V ${number + 1} 0 R >>`;
    const form = (...fields: number[]) => `<< /Fields [${fields.map((n) => `${n} 0 R`).join(' ')}] /SigFlags 3 >>`;
    const page = (annots: string) => (victimObjects[11] ?? '').replace('/Annots 16 0 R', `/Annots [${annots}]`);
    const base = victim({ 20: '<< /Fields [] /SigFlags 3 >>', 11: page(list(1_000)), ...stamps(1_000) });
    const first = { 20: form(9_000), 9_000: field(9_000) };
    const once = await appendSigned(base, { ...ours, number: 9_001, objects: first });
    const second = { 20: form(9_000, 9_010), 9_010: field(9_010), ...stamps(5_000) };
    const more = { ...second, 11: page(`${list(1_000)} ${list(5_000)}`) };
    const twice = await appendSigned(once, { ...ours, number: 9_011, objects: more });
    assert.deepEqual(toldOfFirst(twice), tooMuch('comparing its revisions takes too much work'));
    const few = await appendSigned(once, { ...ours, number: 9_011, objects: { ...second, 11: page(list(1_000)) } });
    assert.equal(toldOfFirst(few)[0]?.[0], '+signature');
  });

  it('white space without end between an update and the signed revision', () => {
    const once = signed(samplePdf());
    const gap = Buffer.alloc(32 * 1024 * 1024, ' ');
    const far = appendUpdate(once, { 3: '<< /Title (x) >>' });
    const tail = Buffer.from(far.subarray(once.length)).toString('latin1');
    const moved = tail
      .replace(
        /(\d{10}) 00000 n/,
        (_, offset: string) => `${String(Number(offset) + gap.length).padStart(10, '0')} 00000 n`,
      )
      .replace(/startxref\n(\d+)/, (_, offset: string) => `startxref\n${Number(offset) + gap.length}`);
    const file = Buffer.concat([once, gap, Buffer.from(moved, 'latin1')]);
    assert.deepEqual(toldOfFirst(file), tooMuch('reading it takes too much work'));
  });

  it('many signatures over a large document: the revisions share one budget, and what is left over is told', () => {
    // What hangs on the page costs more than a million units in each view; six million are for all together.
    let file = appendUpdate(samplePdf({ page: '/X 40 0 R' }), { 40: `[${'[]'.repeat(440_000)}]` });
    for (let i = 0; i < 7; i++) file = signed(file, { stamps: [], contentsSizeBytes: 32 });
    const document = openPdf(file);
    const verdicts = document.signatures.map((signature) => changesAfter(document, signature));
    assert.deepEqual(
      verdicts.map(({ verdict }) => verdict),
      ['permitted', 'permitted', 'permitted', 'permitted', 'suspicious', 'suspicious', 'none'],
    );
    assert.match(verdicts[4]?.changes[0]?.detail ?? '', /too much work/);
  });

  it('signatures that cover more, all together, than is digested for one file: unsupported-pdf', () => {
    const gibibyte = 1024 ** 3;
    assert.doesNotThrow(() => boundSignedBytes([4 * gibibyte - 1]));
    assert.doesNotThrow(() => boundSignedBytes(Array.from({ length: 4 }, () => gibibyte)));
    const all = Array.from({ length: 100 }, () => 50 * 1024 ** 2);
    assert.throws(
      () => boundSignedBytes(all),
      (error) => isTrustError(error, 'unsupported-pdf'),
    );
  });

  it('thousands of time stamps over the content in one signature: few are judged, and the content is digested once', async () => {
    const content = utf8('a gigabyte');
    const order = { contentDigest: sha256(content), digestAlgorithm: 'SHA-256', ...pki.seal, chain: [] } as const;
    const good = takeApart(await buildSignedData(order));
    const token = await stamp(pki, sha256(content));
    const tokens = Array.from({ length: 30 }, () => attribute(cmsOids.contentTimestamp, token));
    const attributes = inDerOrder([...(good.attributes ?? []), ...tokens]);
    let digested = 0;
    const result = verifySignedData({
      cms: await putTogether({ ...good, attributes }, pki.seal.signer),
      content: (name) => {
        digested++;
        return digest(name, content);
      },
    });
    assert.deepEqual([result.valid, result.contentTimestamps.length, digested], [true, 4, 1]);
    assert.ok(result.findings.some(({ code }) => code === 'time-stamp-surplus'));
  });
});

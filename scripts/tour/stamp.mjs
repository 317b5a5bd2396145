// A system stamps a real PDF with the seal of the sandbox company; foreign programs and our own verification judge the product.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, lineWith, redness, run } from './judges.mjs';
import { expect } from './outcomes.mjs';
import { makePaper, place } from './paper.mjs';

export async function stampTour({ api, outcomes, outputFolder }) {
  const paper = makePaper();
  const document = await outcomes.step('a PDF is uploaded', async () => {
    const { json } = await api('/documents', { bytes: paper.bytes });
    return [json, `${paper.maker}, ${size(json.sizeBytes)}, ${json.pageCount} page`];
  });
  const seal = await outcomes.step('a seal is found', async () => {
    const { json } = await api('/seals?status=active');
    const found = json.items.find(({ type }) => type === 'unit');
    expect(found !== undefined, 'there is no active seal');
    return [found, `${found.sealCode} ${found.name}`];
  });
  const stamping = await outcomes.step('the document is stamped', async () => {
    const { json } = await api('/stampings', {
      json: {
        sealId: seal.sealId,
        documentId: document.documentId,
        placements: [{ kind: 'position', ...place }],
        purpose: '试用',
        policy: 'intl',
        level: 'B-T',
      },
    });
    expect(json.status === 'done', `the stamping is ${json.status}`);
    return [json, `${json.status}: PAdES ${json.level}, audit entry ${json.auditIndex}`];
  });
  const file = join(outputFolder, 'stamped.pdf');
  const stamped = await outcomes.step('the product is downloaded', async () => {
    const { bytes } = await api(`/stampings/${stamping.stampingId}/document`);
    writeFileSync(file, bytes);
    await run('pdftoppm', ['-png', '-singlefile', '-r', '80', file, join(outputFolder, 'stamped')]).catch(
      () => undefined,
    );
    return [bytes, `tour-output/stamped.pdf, ${size(bytes.length)}`];
  });
  await judgedByOthers(outcomes, file, seal);
  await judgedByUs({ api, outcomes, stamped, original: paper.bytes });
  return [
    { action: 'document.uploaded', query: `action=document.uploaded&objectId=${document.documentId}` },
    { action: 'stamping intended', query: `action=stamping&outcome=intended&objectId=${stamping.stampingId}` },
    { action: 'stamping done', query: `action=stamping&outcome=done&objectId=${stamping.stampingId}` },
  ];
}

async function judgedByOthers(outcomes, file, seal) {
  await outcomes.step('pdfsig (Poppler) says', async () => {
    const { text } = await ask('pdfsig', ['-nocert', file], 'poppler-utils');
    return [undefined, `${lineWith(text, /Signature is Valid/)} ${lineWith(text, /Total document signed/)}.`];
  });
  await outcomes.step('mutool sign -v (MuPDF) says', async () => {
    const { text } = await ask('mutool', ['sign', '-v', file], 'mupdf-tools');
    return [undefined, lineWith(text, /document is unchanged since signing/)];
  });
  await outcomes.step('qpdf --check says', async () => {
    const { status, text } = await ask('qpdf', ['--check', file], 'qpdf');
    expect(status === 0 && !/WARNING/.test(text), text);
    return [undefined, lineWith(text, /No syntax or stream encoding errors found/).split(';')[0]];
  });
  await outcomes.step('the seal is where it was asked for', async () => {
    const { inside, outside } = await redness(file, place, seal.widthMm / 2 + 0.5);
    expect(inside > 0.05 && outside === 0, `red: ${inside} inside, ${outside} outside`);
    return [undefined, `page ${place.page}, ${place.xMm} mm, ${place.yMm} mm; no red anywhere else`];
  });
}

async function judgedByUs({ api, outcomes, stamped, original }) {
  await outcomes.step('our verification says', async () => {
    const { json } = await api('/verifications', { bytes: stamped, anonymous: true });
    const [signature] = json.signatures;
    expect(json.indication === 'TOTAL-PASSED', JSON.stringify(json));
    const { intact, valid, trusted, timeSource } = signature;
    expect(intact && valid && trusted, JSON.stringify(signature));
    return [undefined, `${json.indication}: intact, valid, trusted, time by ${timeSource}`];
  });
  await outcomes.step('one byte changed', async () => {
    const changed = Buffer.from(stamped);
    changed[Math.floor(original.length / 2)] ^= 1;
    const { json } = await api('/verifications', { bytes: changed, anonymous: true });
    expect(json.indication === 'TOTAL-FAILED', JSON.stringify(json));
    return [undefined, `${json.indication}: ${json.subIndication}`];
  });
}

function size(bytes) {
  return `${(bytes / 1024).toFixed(0)} kB`;
}

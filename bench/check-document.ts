// What the full check of a document costs: five signatures with time stamps in 3 MB, beside the signature checks alone; `node dist/bench/check-document.js`.

import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { addSeconds, monotonicMs } from '../src/kernel/clock.ts';
import { openPdf } from '../src/pdf/reader.ts';
import { changesAfter } from '../src/pdf/changes.ts';
import { digestOf } from '../src/crypto/digest.ts';
import { assemble } from '../test/support/pdf-samples.ts';
import { PastWorld, signedAt } from '../test/support/past-world.ts';

const signatures = 5;
const rounds = 30;

/** `pages` pages with a picture each, and so many links on every page: a scanned file has few objects, one of an office program many. */
function sample(order: { pages: number; pictureBytes: number; links: number }): Uint8Array {
  const pages = Array.from({ length: order.pages }, (_, i) => 10 + i);
  const kids = pages.map((page) => `${page} 0 R`).join(' ');
  const objects = new Map<number, string | Buffer>([
    [1, '<< /Type /Catalog /Pages 2 0 R >>'],
    [2, `<< /Type /Pages /Kids [ ${kids} ] /Count ${order.pages} /MediaBox [0 0 595 842] >>`],
    [3, '<< /Producer (bench) >>'],
  ]);
  let number = 10 + order.pages;
  for (const page of pages) {
    const picture = number++;
    const head = `<< /Type /XObject /Subtype /Image /Width 100 /Height 100 /Length ${order.pictureBytes} >>\nstream\n`;
    objects.set(
      picture,
      Buffer.concat([Buffer.from(head), Buffer.alloc(order.pictureBytes, page), Buffer.from('\nendstream')]),
    );
    const links = Array.from({ length: order.links }, () => {
      objects.set(number, '<< /Type /Annot /Subtype /Link /Rect [10 10 50 20] /Border [0 0 0] >>');
      return `${number++} 0 R`;
    });
    const resources = `/Resources << /XObject << /I ${picture} 0 R >> >>`;
    objects.set(page, `<< /Type /Page /Parent 2 0 R ${resources} /Annots [${links.join(' ')}] >>`);
  }
  return assemble(objects);
}

async function told(name: string, work: () => unknown, times = rounds): Promise<void> {
  for (let i = 0; i < 5; i++) await work();
  const [cpu, start] = [process.cpuUsage(), monotonicMs()];
  for (let i = 0; i < times; i++) await work();
  const { user, system } = process.cpuUsage(cpu);
  const [cpuMs, wallMs] = [(user + system) / 1000 / times, (monotonicMs() - start) / times];
  console.log(`${name.padEnd(44)} ${cpuMs.toFixed(2).padStart(8)} ms CPU ${wallMs.toFixed(2).padStart(8)} ms`);
}

const world = await PastWorld.make();
const now = addSeconds(signedAt, 86_400);
for (const [name, order] of [
  ['scanned, 300 objects', { pages: 100, pictureBytes: 30_000, links: 0 }],
  ['office program, 20,000 objects', { pages: 100, pictureBytes: 14_000, links: 200 }],
] as const) {
  let file = sample(order);
  for (let i = 0; i < signatures; i++) file = await world.signed({ source: file });
  const { verdict, levels } = await world.judged(file, now);
  console.log(`\n${name}: ${(file.length / 1e6).toFixed(1)} MB, ${levels.length} signatures, ${verdict}`);
  await told('full check', () => world.judged(file, now));
  await told('of it reading', () => openPdf(file));
  await told('of it reading and comparing the revisions', () => {
    const document = openPdf(file);
    return document.signatures.map((signature) => changesAfter(document, signature));
  });
  await told('of it hashing', () =>
    openPdf(file).signatures.map((signature) => digestOf('SHA-256', signature.signedBytes())),
  );
}
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const message = Buffer.alloc(32);
const value = sign('sha256', message, privateKey);
console.log();
await told('one P-256 signature checked', () => verify('sha256', message, publicKey, value), 2_000);

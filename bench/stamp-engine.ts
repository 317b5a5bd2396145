// CPU time of the engine alone, without database, policy, audit and read-back: one visible stamp on PDFs and an OFD, beside the bare signature of the same run. Reports, asserts nothing.

import { createCipheriv } from 'node:crypto';
import { digest, digestOf } from '../src/crypto/digest.ts';
import { utf8 } from '../src/kernel/bytes.ts';
import { encodeFace } from '../src/seal/picture/face.ts';
import { roundSeal } from '../src/seal/picture/round-seal.ts';
import { picturePng } from '../src/seal/picture/render-png.ts';
import { pdfDigestAlgorithm, pdfSignatureValue, pdfValueRoomBytes } from '../src/seal/pdf-signature-value.ts';
import { decodeFace } from '../src/seal/picture/face.ts';
import { signSes } from '../src/seal/ses/sign-ses.ts';
import { prepareOfd } from '../src/seal/stamp-ofd.ts';
import { preparePdf } from '../src/seal/stamp-pdf.ts';
import type { Placement } from '../src/seal/stamp-request.ts';
import { ofdFiles, zip } from '../test/support/ofd-samples.ts';
import { madeSeal } from '../test/support/ofd-signing.ts';
import { samplePdf } from '../test/support/pdf-samples.ts';
import { at, sandboxPki } from '../test/unit/pki/sandbox-pki.ts';

interface Work {
  readonly name: string;
  readonly goalMs?: number;
  readonly times: number;
  readonly run: () => Promise<unknown>;
}

const rounds = 7;
const megabyte = 1_000_000;
const placements: Placement[] = [{ kind: 'position', page: 1, xMm: 105, yMm: 200 }];
const face = encodeFace(roundSeal({ name: '测试市数据资源管理有限责任公司', diameterMm: 42 }));
const picture = decodeFace(face);
const [p256, sm2] = [await sandboxPki('ES256'), await sandboxPki('SM2')];
const certified = { certificate: p256.seal.certificate, chain: [p256.ca.certificate] };
const contentsSizeBytes = pdfValueRoomBytes(certified, { timeStamped: false });

/** What cannot be compressed, as the pictures of a scan. */
const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(20 * megabyte));
const onePage = samplePdf();
const thousandPages = samplePdf({ pageCount: 1000 });
const large = samplePdf({ pageCount: 20, content: noise.toString('latin1') });
const ofd = zip(ofdFiles({ pageCount: 2 }));
const sesSeal = await madeSeal(sm2, {
  picture: { type: 'PNG', data: picturePng(picture, 300), widthMm: picture.widthMm, heightMm: picture.heightMm },
});

async function stampedPdf(source: Uint8Array): Promise<Uint8Array> {
  const order = { placements, purpose: '出具证明', level: 'B-B', certify: 'none', lock: 'none' } as const;
  const { update } = await preparePdf({ source, order, seal: { picture }, signingTime: at, contentsSizeBytes });
  const contentDigest = digestOf(pdfDigestAlgorithm, update.signedParts);
  return update.embed(await pdfSignatureValue({ contentDigest, seal: certified, signer: p256.seal.signer }));
}

async function stampedOfd(): Promise<Uint8Array> {
  const record = { widthMm: picture.widthMm, heightMm: picture.heightMm };
  const { update, signingTime } = await prepareOfd({ source: ofd, placements, seal: { record, sesSeal }, now: at });
  const { signer, certificate } = sm2.seal;
  const dataHash = digest('SM3', update.signed);
  return update.embed(
    await signSes({ dataHash, path: update.path, sealDer: sesSeal, signer, certificate, signedAt: signingTime }),
  );
}

const message = utf8('a bare signature');
const works: Work[] = [
  { name: 'bare P-256 signature', times: 300, run: () => p256.seal.signer.sign(message, 'der') },
  { name: 'P-256 stamp, one page', goalMs: 1.5, times: 200, run: () => stampedPdf(onePage) },
  { name: 'P-256 stamp, 1,000 pages', goalMs: 8, times: 25, run: () => stampedPdf(thousandPages) },
  { name: 'P-256 stamp, 20 MB', goalMs: 60, times: 5, run: () => stampedPdf(large) },
  { name: 'bare SM2 signature', times: 200, run: () => sm2.seal.signer.sign(message, 'der') },
  { name: 'SM2 stamp on an OFD', goalMs: 3, times: 100, run: () => stampedOfd() },
];

/** Milliseconds of CPU of the whole process, its threads and its garbage included, for one. */
async function cpuMs({ run, times }: Work): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

for (const work of works) await cpuMs(work);
const measured = new Map<Work, number[]>(works.map((work) => [work, []]));
for (let round = 0; round < rounds; round++) for (const work of works) measured.get(work)?.push(await cpuMs(work));
for (const [{ name, goalMs }, samples] of measured) {
  const sorted = samples.toSorted((one, other) => one - other);
  const [best = Number.NaN, median = Number.NaN] = [sorted[0], sorted[Math.floor(rounds / 2)]];
  const goal = goalMs === undefined ? '' : `  goal ${goalMs}`;
  console.log(`${name.padEnd(28)} median ${median.toFixed(3)} ms, best ${best.toFixed(3)} ms${goal}`);
}

// `yinxin stamp FILE`: a document on this machine is stamped by its digest; it goes nowhere, and may be larger than memory.

import { parse } from 'node:path';
import { digestOf } from '../crypto/digest.ts';
import { equalBytes, fromUtf8, toHex } from '../kernel/bytes.ts';
import { TrustError } from '../kernel/errors.ts';
import { FileBytes } from '../pdf/file-bytes.ts';
import { openPdf } from '../pdf/reader.ts';
import type { DigestOrder } from '../seal/digest/digest-order.ts';
import { prepareLocally } from '../seal/digest/prepare-locally.ts';
import { type Edge, edges } from '../seal/placing/seam.ts';
import type { Placement } from '../seal/stamp-request.ts';
import { documentClasses } from '../seal/use/document-class.ts';
import { type ExitStatus, onTerminal, printJson, type Words } from './command.ts';
import { StampClient } from './stamp-client.ts';
import { StampedCopy } from './stamped-copy.ts';

const usage = `Usage: yinxin stamp FILE --seal SEAL --server URL --token FILE --purpose TEXT
         [--at PAGE,X,Y[/PAGE,X,Y]…] [--seam EDGE[:PAGES]]… [--level B-B|B-T] [--policy gm] [--class CLASS] [--out FILE] [--json]

  --token FILE            holds an access token with the scope seal.stamp
  --at PAGE,X,Y           centre of the seal, in millimetres from the top left of the page
  --seam EDGE[:PAGES]     across the edge left, right, top or bottom of all pages, or of 1-5,8
  --out FILE              what is made; default: FILE with "-stamped" in its name. It must not be there yet`;

export async function stampCommand(words: Words): Promise<ExitStatus> {
  const { positionals, options } = words;
  const [file] = positionals;
  const { seal, server, token, purpose } = options;
  if (file === undefined || seal === undefined || server === undefined || token === undefined || purpose === undefined)
    throw new TrustError('malformed-request', usage);
  const placements = placementsIn(words);
  const client = new StampClient({ server, tokenFile: token });
  const product = options.out ?? besides(file);
  const copy = new StampedCopy({ source: file, product });
  const source = FileBytes.open(copy.path);
  try {
    const isPdf = fromUtf8(source.range(0, Math.min(5, source.length))) === '%PDF-';
    const order: DigestOrder = {
      sealId: seal,
      mediaType: isPdf ? 'application/pdf' : 'application/ofd',
      documentSha256: toHex(digestOf('SHA-256', source.parts(0, source.length))),
      documentSizeBytes: source.length,
      purpose,
      policy: isPdf && options.policy?.[0] !== 'gm' ? 'intl' : 'gm',
      level: levelIn(options.level),
      placements: placements.map(inWords),
      ...classIn(options.class),
    };
    const preparation = await client.prepare(order);
    const local = await prepareLocally({ source, placements, order, preparation });
    const { value, auditIndex } = await client.sign(preparation.digestStampingId, local.signed);
    copy.finish(local.finish(value));
    if (isPdf) requireSigned(copy.path, value);
    copy.take();
    const { digestStampingId } = preparation;
    if (options.json === true) printJson({ product, digestStampingId, auditIndex });
    else
      console.log(
        `${onTerminal(product)}\n  ${digestStampingId}, entry ${String(auditIndex ?? 'pending')} of the audit log`,
      );
    return 0;
  } finally {
    source.close();
    copy.discard();
  }
}

/** What was written is read: the last signature covers the file and is the value that came. */
function requireSigned(path: string, value: Uint8Array): void {
  const product = FileBytes.open(path);
  try {
    const signature = openPdf(product).signatures.at(-1);
    const isWhole = signature?.coversWholeFile === true && signature.findings.length === 0;
    if (!isWhole || !equalBytes(signature.contents, value))
      throw new TrustError('product-not-verified', 'what was written is not what was signed');
  } finally {
    product.close();
  }
}

function placementsIn({ options: { at, seam = [] } }: Words): Placement[] {
  const placements = [...(at?.split('/') ?? []).map(positionOf), ...seam.map(seamOf)];
  if (placements.length === 0) throw new TrustError('malformed-request', usage);
  return placements;
}

function positionOf(text: string): Placement {
  const match = /^(\d{1,6}),(-?\d{1,5}(?:\.\d{1,3})?),(-?\d{1,5}(?:\.\d{1,3})?)$/.exec(text);
  if (match === null)
    throw new TrustError('malformed-request', `--at ${text}: a page, and two distances in millimetres`);
  const [page = 0, xMm = 0, yMm = 0] = match.slice(1).map(Number);
  return { kind: 'position', page, xMm, yMm };
}

function seamOf(text: string): Placement {
  const [name = '', pages] = text.split(':');
  const edge = edges.find((known: Edge) => known === name);
  if (edge === undefined || (pages !== undefined && !/^[0-9,-]{1,50}$/.test(pages)))
    throw new TrustError('malformed-request', `--seam ${text}: an edge, and pages as in right:1-5,8`);
  return { kind: 'seam', edge, ...(pages === undefined ? {} : { pages }) };
}

/** As they stand in the audit log. */
function inWords(placement: Placement): string {
  if (placement.kind === 'position') return `page ${placement.page} at ${placement.xMm},${placement.yMm} mm`;
  return placement.kind === 'seam' ? `seam ${placement.edge} ${placement.pages ?? 'all pages'}` : placement.kind;
}

function levelIn(level: string | undefined): DigestOrder['level'] {
  if (level === undefined || level === 'B-T') return 'B-T';
  if (level === 'B-B') return level;
  throw new TrustError('level-not-supported', `${level} changes the document after it is signed: upload it`);
}

function classIn(name: string | undefined): Pick<DigestOrder, 'documentClass'> {
  if (name === undefined) return {};
  const documentClass = documentClasses.find((known) => known === name);
  if (documentClass === undefined)
    throw new TrustError('malformed-request', `--class ${name}: one of ${documentClasses.join(', ')}`);
  return { documentClass };
}

function besides(file: string): string {
  const { dir, name, ext } = parse(file);
  return `${dir === '' ? '' : `${dir}/`}${name}-stamped${ext}`;
}

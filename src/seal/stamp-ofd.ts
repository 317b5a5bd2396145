// One stamp on one OFD: the signature's place in the package prepared, and the key's act over it; GB/T 33190-2016, clause 18, GM/T 0031-2025.

import { digestAlgorithms, signatureAlgorithms } from '../crypto/algorithms.ts';
import { digest } from '../crypto/digest.ts';
import type { Signer } from '../crypto/signer.ts';
import { equalBytes } from '../kernel/bytes.ts';
import { epochSeconds, moment } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { type OfdFile, readOfd } from '../ofd/document.ts';
import { OfdPackage } from '../ofd/package.ts';
import { pageGlyphs } from '../ofd/page-text.ts';
import { pageBoxes, stampPlaces } from '../ofd/placement.ts';
import { earlierSignatures, type PreparedOfdSignature, prepareOfdSignature } from '../ofd/prepare.ts';
import { buildSignedData } from '../pki/cms.ts';
import type { TimestampAuthority } from '../pki/timestamp.ts';
import type { Size } from './placing/place.ts';
import { findInPages, type PlacingDocument, resolvePlacements } from './placing/resolve.ts';
import { signSes } from './ses/sign-ses.ts';
import type { AuthorisedSeal } from './stamp-policy.ts';
import type { Placement, SignatureForm, StampOrder } from './stamp-request.ts';

export interface PreparedOfd {
  readonly pageCount: number;
  readonly signingTime: Date;
  readonly update: PreparedOfdSignature;
}

/** Nothing is signed yet. Throws malformed-ofd, unsupported-ofd, locked-ofd, placement-…, seam-…, keyword-…. */
export async function prepareOfd(input: {
  source: Uint8Array;
  placements: readonly Placement[];
  seal: { readonly record: Size; readonly sesSeal: Uint8Array };
  now: Date;
  form?: SignatureForm;
  /** Nobody signs after it. */
  last?: boolean;
}): Promise<PreparedOfd> {
  const { source, placements, seal, now, form = 'seal', last = false } = input;
  const file = readOfd(OfdPackage.open(source));
  const earlier = earlierSignatures(file);
  const document = placingOfd(file);
  const { widthMm, heightMm } = seal.record;
  const size = { widthMm, heightMm };
  const { places, field } = await resolvePlacements(placements, { document, size });
  if (field !== undefined) throw new TrustError('placement-not-supported', 'an OFD has no signature fields');
  const stamps = stampPlaces(file, { placements: places, size, face: document.face, earlier });
  // SES times have no fraction, and a time stamp must not seem older than the signature it is over.
  const signingTime = moment(epochSeconds(now) * 1000);
  const update = prepareOfdSignature({
    file,
    type: form === 'seal' ? 'Seal' : 'Sign',
    mode: last ? 'lock' : 'continue',
    stamps,
    ...(form === 'seal' && { seal: seal.sesSeal }),
    signatureMethodOid: signatureAlgorithms.SM2.oid,
    checkMethodOid: digestAlgorithms.SM3.oid,
    digest: (content) => digest('SM3', content),
    signingTime,
  });
  return { pageCount: document.pageCount, signingTime, update };
}

export function placingOfd(file: OfdFile): PlacingDocument {
  return {
    pageCount: file.documents.reduce((count, { pages }) => count + pages.length, 0),
    face: pageBoxes(file),
    findWords: async (queries) => findInPages(queries, (page) => pageGlyphs(file, page)),
  };
}

/** The finished package, for B-T with a time stamp over the signature value. Throws key-…, timestamp-refused. */
export async function signOfd({ update, signingTime }: PreparedOfd, work: OfdSigning): Promise<Uint8Array> {
  const { order, seal, signer, timestamps } = work;
  const timestamp = (signature: Uint8Array): Promise<Uint8Array> =>
    timestamps.stamp({ digestAlgorithm: 'SM3', digest: digest('SM3', signature) }, 'gm');
  const signing = { signer, certificate: seal.certificate, ...(order.level === 'B-T' ? { timestamp } : {}) };
  const dataHash = digest('SM3', update.signed);
  if (order.form === 'signature') {
    const message = { contentDigest: dataHash, digestAlgorithm: 'SM3', chain: seal.chain, family: 'gbt35275' } as const;
    return update.embed(await buildSignedData({ ...signing, ...message }));
  }
  const { path } = update;
  return update.embed(await signSes({ ...signing, dataHash, path, sealDer: seal.sesSeal, signedAt: signingTime }));
}

interface OfdSigning {
  readonly order: StampOrder;
  readonly seal: AuthorisedSeal;
  readonly signer: Signer;
  readonly timestamps: TimestampAuthority;
}

/** Whether every file of `source` but the list of signatures, and OFD.xml that names it, stands in `product` octet by octet as it was packed. */
export function keepsEntries(source: Uint8Array, product: Uint8Array): boolean {
  const before = OfdPackage.open(source);
  const after = OfdPackage.open(product);
  const { documents } = readOfd(after);
  const lists = new Set(['OFD.xml', ...documents.flatMap(({ signatureList }) => signatureList ?? [])].map(lowered));
  return before.names
    .filter((name) => !lists.has(lowered(name)))
    .every((name) => after.find(name) !== undefined && equalBytes(after.entry(name).whole, before.entry(name).whole));
}

function lowered(name: string): string {
  return name.toLowerCase();
}

// The level a signature of a PDF has reached, by what stands in the file and was accepted; ETSI EN 319 142-1, 6.1 and 6.3, table 1.

import type { PdfSignature } from '../../pdf/signatures.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isSameCertificate } from '../../pki/certificate.ts';
import type { SignedDataVerification } from '../../pki/verify-cms.ts';
import type { AcceptedStamp, TrustedTime } from '../time-judge.ts';
import type { SignatureMaterial, Trust } from '../trust.ts';
import type { ArchiveStamp } from './archive-stamps.ts';
import { PastRevocation } from './past-certificate.ts';
import { contentsOf, type ProofsOfExistence } from './proof-of-existence.ts';

export type PadesLevel = 'B-B' | 'B-T' | 'B-LT' | 'B-LTA';

export interface LevelQuestion {
  readonly signature: PdfSignature;
  readonly cms: SignedDataVerification;
  readonly time: TrustedTime;
  /** Of the signer, leaf first, the anchor last. */
  readonly path: { readonly trusted: boolean; readonly chain: readonly Certificate[] };
  readonly trust: Trust;
  readonly archive: readonly ArchiveStamp[];
  readonly proofs: ProofsOfExistence;
}

/**
 * `null` for what is no baseline signature. What the house knows of certificates does not count for B-LT: another verifier must find all
 * of it in the file.
 */
export function padesLevel(question: LevelQuestion): PadesLevel | null {
  const { signature, cms, time, path, trust, archive, proofs } = question;
  if (!isBaseline(signature, cms)) return null;
  if (time.genTime === undefined) return 'B-B';
  const chains = path.trusted ? chainsOf(question, time.genTime) : undefined;
  if (chains === undefined || !hasStore(trust.material)) return 'B-T';
  const newest = archive.find(({ chain }) => chain !== undefined);
  if (newest !== undefined && proofs.covers(newest.signature, contentsOf(signature))) {
    const covered = coveredPart(trust.material, (der) => proofs.isCovered(newest.signature, der));
    if (isComplete(chains, covered, trust.now)) return 'B-LTA';
  }
  return isComplete(chains, trust.material, trust.now) ? 'B-LT' : 'B-T';
}

/** Table 1 beyond what a valid CAdES signature is: the claimed time stands in the dictionary and nowhere else, and no certificate does. */
function isBaseline({ subFilter, signingTimeClaimed, hasCert }: PdfSignature, cms: SignedDataVerification): boolean {
  const hasOwnTime = cms.findings.some(({ code }) => code === 'signing-time-attribute');
  return (
    subFilter === 'ETSI.CAdES.detached' && cms.valid && signingTimeClaimed !== undefined && !hasCert && !hasOwnTime
  );
}

/** Of the signer at the proven time, and of each authority that proves it at the time it told. */
function chainsOf({ path, time, archive }: LevelQuestion, genTime: Date): AcceptedStamp[] | undefined {
  const stamps = [...time.stamps];
  if (!time.ownStamp) {
    const first = archive.find(({ token }) => token.genTime?.getTime() === genTime.getTime());
    if (first?.chain === undefined) return undefined;
    stamps.push({ genTime, chain: first.chain });
  }
  return [{ genTime, chain: path.chain }, ...stamps];
}

function hasStore({ store }: SignatureMaterial): boolean {
  return store.crls.length + store.responses.length > 0;
}

/** Each certificate below the anchor is there, with data that tell its status at the time. */
function isComplete(chains: readonly AcceptedStamp[], material: SignatureMaterial, now: Date): boolean {
  const { certificates, store, own } = material;
  return chains.every(({ genTime: at, chain }) => {
    const [signer] = chain;
    if (signer === undefined) return false;
    const source = new PastRevocation({ at, now, signer, data: [store, own], certificates, existedAt: () => at });
    return chain.slice(0, -1).every((certificate, index) => {
      const above = chain.slice(index + 1);
      const [issuer] = above;
      if (issuer === undefined || !certificates.some((held) => isSameCertificate(held, certificate))) return false;
      const path = { above, others: certificates, algorithms: 'current' } as const;
      return source.check(certificate, issuer, path).status !== 'unknown';
    });
  });
}

function coveredPart(material: SignatureMaterial, isCovered: (der: Uint8Array) => boolean): SignatureMaterial {
  const part = ({ crls, responses }: SignatureMaterial['store']) => ({
    crls: crls.filter(({ der }) => isCovered(der)),
    responses: responses.filter(({ der }) => isCovered(der)),
    leftOut: 0,
  });
  const certificates = material.certificates.filter(({ der }) => isCovered(der));
  return { certificates, store: part(material.store), own: part(material.own) };
}

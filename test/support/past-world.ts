// A house of somebody else's with certificates that end, lists that lapse and authorities that are revoked, and a judge that looks at its files years later.

import { RegisterRevocation } from '../../src/authority/register-revocation.ts';
import type { Authority } from '../../src/authority/authority.ts';
import { sha256, digestOf } from '../../src/crypto/digest.ts';
import { fromHex } from '../../src/kernel/bytes.ts';
import { addSeconds, frozenClock, moment } from '../../src/kernel/clock.ts';
import { prepareSignature } from '../../src/pdf/prepare.ts';
import { buildSignedData } from '../../src/pki/cms.ts';
import { parseCrl } from '../../src/pki/crl.ts';
import { buildCrl } from '../../src/pki/crl-build.ts';
import type { RevocationReason, RevocationSource } from '../../src/pki/revocation.ts';
import type { SealRegister } from '../../src/seal/seals.ts';
import { PdfJudge } from '../../src/verification/pdf-judge.ts';
import { stamp } from '../unit/pki/cms-samples.ts';
import {
  type Identity,
  issued,
  memorySigner,
  type SandboxPki,
  sandboxPki,
  sealOrder,
} from '../unit/pki/sandbox-pki.ts';
import { request } from '../unit/pdf/signing.ts';
import { storeBehind, timeStampBehind } from './archive-samples.ts';
import { samplePdf } from './pdf-samples.ts';

/** When everything is signed; certificates of signer and first time-stamp authority end on 2028-01-01. */
export const signedAt = moment('2026-06-01T00:00:00Z');
const day = 86_400;

export interface Revoked {
  readonly who: Identity;
  readonly at: Date;
  readonly reason?: RevocationReason;
}

export interface StampOrder {
  readonly by?: Identity;
  readonly at: Date;
}

export class PastWorld {
  readonly pki: SandboxPki;
  /** A second time-stamp authority, from 2026-12-01 to 2031-01-01. */
  readonly laterTsa: Identity;

  private constructor(pki: SandboxPki, laterTsa: Identity) {
    this.pki = pki;
    this.laterTsa = laterTsa;
  }

  static async make(): Promise<PastWorld> {
    const pki = await sandboxPki();
    const laterTsa = await leafOf(pki.ca, 'time-stamp', { from: '2026-12-01', until: '2031-01-01' });
    return new PastWorld(pki, laterTsa);
  }

  /** Signed at `signedAt`; `stamps`: time stamps over the value; `content`: one over the content, signed with it. */
  async signed(
    order: {
      signer?: Identity;
      ca?: Identity;
      stamps?: readonly StampOrder[];
      content?: Date;
      source?: Uint8Array;
    } = {},
  ): Promise<Uint8Array> {
    const {
      signer = this.pki.seal,
      ca = this.pki.ca,
      stamps = [{ at: signedAt }],
      content,
      source = samplePdf(),
    } = order;
    const prepared = prepareSignature(request(source, { stamps: [], signingTime: signedAt, contentsSizeBytes: 6_000 }));
    const [first] = stamps;
    const cms = await buildSignedData({
      contentDigest: digestOf('SHA-256', prepared.signedParts),
      digestAlgorithm: 'SHA-256',
      ...signer,
      chain: [ca.certificate],
      ...(first === undefined ? {} : { timestamp: (value: Uint8Array) => this.token(sha256(value), first) }),
      ...(content === undefined
        ? {}
        : { contentTimestamp: (imprint: Uint8Array) => this.token(imprint, { at: content }) }),
    });
    return prepared.embed(cms);
  }

  token(imprint: Uint8Array, { by = this.pki.tsa, at }: StampOrder): Promise<Uint8Array> {
    const embedded = [by.certificate, this.pki.ca.certificate];
    return stamp(this.pki, imprint, { genTime: at, ...by, embedded });
  }

  stamped(pdf: Uint8Array, order: StampOrder): Promise<Uint8Array> {
    return timeStampBehind(pdf, (imprint) => this.token(imprint, order));
  }

  /** Lists of root and issuing CA, made at `at` and in force for a week. */
  async lists(
    at: Date,
    revoked: readonly Revoked[] = [],
    authorities = [this.pki.root, this.pki.ca],
  ): Promise<Uint8Array[]> {
    return Promise.all(
      authorities.map((issuer) =>
        buildCrl({
          issuer,
          number: BigInt(Math.trunc(at.getTime() / 1000)),
          thisUpdate: at,
          nextUpdate: addSeconds(at, 7 * day),
          entries: revoked.map(({ who, at: revokedAt, reason = 'keyCompromise' }) => ({
            serial: fromHex(who.certificate.serialHex) ?? new Uint8Array(),
            revokedAt,
            reason,
          })),
        }),
      ),
    );
  }

  async withLists(pdf: Uint8Array, at: Date, revoked: readonly Revoked[] = []): Promise<Uint8Array> {
    return storeBehind(pdf, { Certs: [this.pki.ca.certificate.der], CRLs: await this.lists(at, revoked) });
  }

  /** Looks at a file `now`, knowing the lists of that moment, and `revoked` on them, or `kept` ones, or none. */
  async judged(
    bytes: Uint8Array,
    now: Date,
    revoked: readonly Revoked[] | 'no lists' | { readonly kept: readonly Uint8Array[] } = [],
  ) {
    const lists = (await this.#listsOf(now, revoked)).map(parseCrl);
    const anchors = [this.pki.root.certificate];
    const all = { seal: anchors, 'time-stamp': anchors, licence: anchors, 'seal-maker': anchors };
    const authority = {
      authorities: async () => [],
      foreignAnchors: { byPurpose: async () => all, lists: async () => lists },
      revocation: async (_: unknown, elsewhere: RevocationSource) =>
        new RegisterRevocation({ registered: new Map(), ownKeys: new Set(), elsewhere }),
    };
    const judge = new PdfJudge({
      authority: authority as unknown as Authority,
      seals: { byCertificate: async () => undefined } as unknown as SealRegister,
      clock: frozenClock(now),
    });
    const { verdict, signatures } = await judge.judge(bytes);
    const reports = signatures.map(({ report }) => report);
    const shown = reports.map(({ indication, subIndication }) => `${indication} ${subIndication}`);
    return {
      verdict: `${verdict.indication} ${verdict.subIndication}`,
      first: shown[0],
      shown,
      reports,
      levels: reports.map(({ level }) => level),
      codes: (reports[0]?.findings ?? []).map(({ code }) => code),
    };
  }

  async #listsOf(
    now: Date,
    revoked: readonly Revoked[] | 'no lists' | { readonly kept: readonly Uint8Array[] },
  ): Promise<readonly Uint8Array[]> {
    if (revoked === 'no lists') return [];
    return 'kept' in revoked ? revoked.kept : this.lists(addSeconds(now, -60), revoked);
  }
}

export async function leafOf(
  issuer: Identity,
  profile: 'seal-signer' | 'time-stamp',
  { from, until }: { from: string; until: string },
): Promise<Identity> {
  const signer = memorySigner(profile === 'time-stamp' ? 'time-stamp' : 'seal');
  const [notBefore, notAfter] = [moment(`${from}T00:00:00Z`), moment(`${until}T00:00:00Z`)];
  return { signer, certificate: await issued({ ...sealOrder(issuer, signer.spki), profile, notBefore, notAfter }) };
}

// The certificates and revocation data that a signature or time stamp needs to be validated without anybody being asked; ETSI EN 319 142-1, 5.4.1 and 6.3.

import type { Authority } from '../../authority/authority.ts';
import type { OcspResponder } from '../../authority/ocsp-responder.ts';
import { anchorsAmong } from '../../authority/own-anchors.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Certificate } from '../../pki/certificate.ts';
import type { Crl } from '../../pki/crl.ts';
import { embeddedRevocation, readEmbeddedRevocation } from '../../pki/embedded-revocation.ts';
import { sameName } from '../../pki/name-match.ts';
import { type PathRequest, type PathResult, validatePath } from '../../pki/path.ts';
import type { RevocationData } from '../../pki/revocation-data.ts';

export interface ValidationMaterial {
  /** The path, leaf first, the anchor last. */
  readonly certificates: readonly Certificate[];
  readonly revocationData: RevocationData;
}

/** Who made a signature or time stamp, and what came with it. */
export interface SignerToProve {
  readonly leaf: Certificate;
  readonly certificates: readonly Certificate[];
  readonly revocationData: RevocationData;
  readonly purpose: 'seal' | 'time-stamp';
}

export interface ValidationSourcesOptions {
  readonly authority: Authority;
  readonly ocsp: Pick<OcspResponder, 'answerNow'>;
  readonly clock: Clock;
}

export class ValidationSources {
  readonly #options: ValidationSourcesOptions;

  constructor(options: ValidationSourcesOptions) {
    this.#options = options;
  }

  /**
   * Of our own authorities, answers made now: only what was said after the time stamp excludes that the certificate was revoked before
   * it. Of others what the token and this node's folder hold, the newest of each issuer, in force now: nobody publishes a list for one
   * document, and the next archive time stamp brings a later one.
   * Throws revocation-data-missing unless the path holds with this material alone; key-….
   */
  async materialFor({ leaf, certificates, revocationData, purpose }: SignerToProve): Promise<ValidationMaterial> {
    const { authority, ocsp, clock } = this.#options;
    const [own, foreign, lists, intermediates] = await Promise.all([
      authority.authorities(),
      authority.foreignAnchors.byPurpose(),
      authority.foreignAnchors.lists(),
      authority.intermediates(),
    ]);
    const now = clock.now();
    const question = { leaf, anchors: [...anchorsAmong(own), ...foreign[purpose]], at: now, purpose };
    const around = [...certificates, ...intermediates];
    const known = embeddedRevocation(
      [{ crls: lists, responses: [], leftOut: 0 }, readEmbeddedRevocation(revocationData)],
      {
        now,
        certificates,
      },
    );
    const revocation = await authority.revocation([leaf, ...around, ...question.anchors], known, own);
    const chain = trusted(validatePath({ ...question, intermediates: around, revocation })).chain;
    const answers: Uint8Array[] = [];
    let isForeign = false;
    for (const [place, certificate] of chain.slice(0, -1).entries()) {
      const issuer = chain[place + 1];
      const authorityOfOurs = own.find(
        ({ certificate: { spki } }) => issuer !== undefined && equalBytes(spki, issuer.spki),
      );
      if (authorityOfOurs?.keyName === undefined) isForeign = true;
      else answers.push(await ocsp.answerNow(authorityOfOurs.keyName, certificate));
    }
    const found: RevocationData = isForeign
      ? {
          crls: [...newestOfEach(lists, chain), ...revocationData.crls],
          ocspResponses: [...answers, ...revocationData.ocspResponses],
        }
      : { crls: [], ocspResponses: answers };
    // The answers are from after `now`.
    requireEnough({ ...question, intermediates: chain, at: clock.now() }, found);
    return { certificates: chain, revocationData: found };
  }
}

/** With nothing but what is going to stand in the document. */
function requireEnough(question: Omit<PathRequest, 'revocation'>, found: RevocationData): void {
  const { at: now, intermediates: certificates } = question;
  const revocation = embeddedRevocation([readEmbeddedRevocation(found)], { now, certificates });
  trusted(validatePath({ ...question, revocation }));
}

function trusted(path: PathResult): PathResult {
  if (path.trusted) return path;
  const what = path.findings[0];
  throw new TrustError('revocation-data-missing', what?.detail ?? 'a certificate leads to no anchor', {
    details: { finding: what?.code ?? 'no-path' },
  });
}

/** Complete lists that may speak of a certificate of the chain; an older one of the same kind says nothing more. */
function newestOfEach(lists: readonly Crl[], chain: readonly Certificate[]): Uint8Array[] {
  const about = chain.slice(0, -1);
  const newestFirst = lists
    .filter(({ deltaBase }) => deltaBase === undefined)
    .filter(({ issuerDer }) => about.some((certificate) => sameName(certificate.issuerDer, issuerDer)))
    .sort((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
  return newestFirst
    .filter((list, place) => newestFirst.findIndex((other) => isSameKind(other, list)) === place)
    .map(({ der }) => der);
}

/** Of one key of one issuer, and about the same part of what it issued (RFC 5280, 5.2.5). */
function isSameKind(a: Crl, b: Crl): boolean {
  return (
    sameName(a.issuerDer, b.issuerDer) &&
    sameOctets(a.authorityKeyId, b.authorityKeyId) &&
    sameOctets(a.issuingDistributionPoint?.der, b.issuingDistributionPoint?.der)
  );
}

function sameOctets(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

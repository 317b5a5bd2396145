// The status of certificates as it can be known of a moment in the past: data in force then, or later, whose existence is proven before
// the keys behind it could no longer be relied on (control time); ETSI EN 319 102-1, 5.2.5, 5.6.2.1 and 5.6.2.2.

import type { BasicOcspResponse } from '../../pki/basic-ocsp-response.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { isSameCertificate } from '../../pki/certificate.ts';
import type { Crl } from '../../pki/crl.ts';
import type { EmbeddedRevocation } from '../../pki/embedded-revocation.ts';
import { embeddedRevocation } from '../../pki/embedded-revocation.ts';
import { sameName } from '../../pki/name-match.ts';
import type { RevocationAnswer, RevocationPath, RevocationSource } from '../../pki/revocation.ts';

export interface PastRevocationOptions {
  /** The proven time of the signature that the certificates are needed for. */
  readonly at: Date;
  readonly now: Date;
  /** The signer's: proven to have existed at `at`, because what was signed names it. */
  readonly signer: Certificate;
  readonly data: readonly EmbeddedRevocation[];
  /** Not brought by the file: looked at however many the file brings, so that these cannot hide what it tells. */
  readonly kept?: EmbeddedRevocation;
  /** Material for the paths of those who signed the data. */
  readonly certificates: readonly Certificate[];
  /** The earliest proven time of a certificate, a list or a response; absent when nothing proves it before now. */
  readonly existedAt: (material: Uint8Array) => Date | undefined;
  /** What the authority itself knows of its certificates: true for every moment, and nothing that could be made up later. */
  readonly ownAnswer?: (certificate: Certificate, issuer: Certificate) => RevocationAnswer | undefined;
}

/** Moments at which one certificate is asked about, and sources that are made in all: each of them checks signatures. */
const maxMoments = 8;
const maxSources = 16;

export class PastRevocation implements RevocationSource {
  readonly #options: PastRevocationOptions;
  readonly #data: readonly EmbeddedRevocation[];
  readonly #sources = new Map<string, RevocationSource>();

  constructor(options: PastRevocationOptions) {
    this.#options = options;
    this.#data = options.kept === undefined ? options.data : [options.kept, ...options.data];
  }

  check(certificate: Certificate, issuer: Certificate, path?: RevocationPath): RevocationAnswer {
    const context = path ?? { above: [issuer], others: [], algorithms: 'current' };
    return this.#statusOf(certificate, issuer, context, this.#controlTime(context));
  }

  /**
   * 5.6.2.2.4, from the anchor down: the moment from which on what the issuer of the certificate signed proves nothing by itself,
   * because a certificate above was revoked or had expired by then.
   */
  #controlTime(path: RevocationPath): Date {
    const { above } = path;
    let control = this.#options.now;
    for (let index = above.length - 2; index >= 0; index--) {
      const [certificate, issuer] = [above[index], above[index + 1]];
      if (certificate === undefined || issuer === undefined) continue;
      const answer = this.#statusOf(certificate, issuer, { ...path, above: above.slice(index + 1) }, control);
      if (answer.status === 'revoked') control = earlier(control, answer.revokedAt);
      control = earlier(control, certificate.notAfter);
    }
    return control;
  }

  /**
   * The newest data say it (5.6.2.2.4 b and c). They must have been issued, and be proven to have existed, before `control`, and be fresh
   * for the signature: in force when it was made, or issued after it (5.2.5). After a certificate has expired lists leave it out,
   * so that it is not on them says nothing then.
   */
  #statusOf(certificate: Certificate, issuer: Certificate, path: RevocationPath, control: Date): RevocationAnswer {
    const own = this.#options.ownAnswer?.(certificate, issuer);
    if (own !== undefined) return own;
    if (!this.#existedBy(certificate, control)) return notProven('the certificate');
    let last: RevocationAnswer | undefined;
    for (const moment of this.#momentsOf(certificate, control)) {
      const source = this.#sourceAt(moment, control);
      if (source === undefined) return tooMuch; // passed over, it could be the one that tells of a revocation
      const answer = source.check(certificate, issuer, path);
      if (answer.status === 'revoked') return answer;
      if (answer.status === 'good' && moment <= certificate.notAfter) return answer;
      last = answer.status === 'unknown' ? (last ?? answer) : last;
    }
    const leftOut = this.#hasMore(certificate, control);
    return last === undefined || leftOut ? notProven('the revocation data') : last;
  }

  /** There are data about the certificate that nothing proves to be old enough. */
  #hasMore(certificate: Certificate, control: Date): boolean {
    const about = ({ crls, responses }: EmbeddedRevocation): number =>
      crls.filter((crl) => speaksOf(crl, certificate)).length +
      responses.filter((response) => timesOf(response, certificate).length > 0).length;
    const all = this.#data.reduce((sum, part) => sum + about(part), 0);
    return all > about(this.#usable(control));
  }

  #existedBy(certificate: Certificate, control: Date): boolean {
    const { at, now, signer, existedAt } = this.#options;
    if (control >= now) return true;
    const proven = isSameCertificate(certificate, signer) ? at : existedAt(certificate.der);
    return proven !== undefined && proven <= control;
  }

  /** The newest first: when data about the certificate were issued after the signature, then the time of the signature itself. */
  #momentsOf(certificate: Certificate, control: Date): Date[] {
    const { at, kept, data } = this.#options;
    const room = maxMoments - 1;
    const timesIn = (parts: readonly EmbeddedRevocation[]): Date[] =>
      newestFirst(issuedAbout(certificate, this.#usable(control, parts)), at, control);
    const known = kept === undefined ? [] : timesIn([kept]).slice(0, room);
    const brought = timesIn(data).slice(0, room - known.length);
    return [...newestFirst([...known, ...brought], at, control), ...(at <= control ? [at] : [])];
  }

  #sourceAt(moment: Date, control: Date): RevocationSource | undefined {
    const { certificates } = this.#options;
    const key = `${moment.getTime()} ${control.getTime()}`;
    const known = this.#sources.get(key);
    if (known !== undefined || this.#sources.size >= maxSources) return known;
    const source = embeddedRevocation([this.#usable(control)], { now: moment, certificates });
    this.#sources.set(key, source);
    return source;
  }

  #usable(control: Date, parts = this.#data): EmbeddedRevocation {
    const { now, existedAt } = this.#options;
    const isProven = ({ der }: { readonly der: Uint8Array }): boolean => {
      const proven = control < now ? existedAt(der) : now;
      return proven !== undefined && proven <= control;
    };
    return {
      crls: parts.flatMap(({ crls }) => crls.filter(isProven)),
      responses: parts.flatMap(({ responses }) => responses.filter(isProven)),
      leftOut: 0,
    };
  }
}

function speaksOf({ issuerDer, issuingDistributionPoint }: Crl, certificate: Certificate): boolean {
  return issuingDistributionPoint?.indirect === true || sameName(issuerDer, certificate.issuerDer);
}

function timesOf({ responses }: BasicOcspResponse, { serialHex }: Certificate): Date[] {
  return responses.filter(({ certId }) => certId.serialHex === serialHex).map(({ thisUpdate }) => thisUpdate);
}

function issuedAbout(certificate: Certificate, { crls, responses }: EmbeddedRevocation): Date[] {
  return [
    ...crls.filter((crl) => speaksOf(crl, certificate)).map(({ thisUpdate }) => thisUpdate),
    ...responses.flatMap((response) => timesOf(response, certificate)),
  ];
}

/** Each once, of those after the signature and not after `control`. */
function newestFirst(times: readonly Date[], at: Date, control: Date): Date[] {
  const each = new Map(times.map((time) => [time.getTime(), time]));
  return [...each.values()].filter((time) => time > at && time <= control).sort((a, b) => b.getTime() - a.getTime());
}

const tooMuch: RevocationAnswer = {
  status: 'unknown',
  detail: 'there are more revocation data than are looked at',
};

function notProven(what: string): RevocationAnswer {
  const detail = `nothing proves that ${what} existed before the keys above it could no longer be relied on`;
  return { status: 'unknown', code: 'existence-not-proven', detail };
}

function earlier(a: Date, b: Date): Date {
  return a <= b ? a : b;
}

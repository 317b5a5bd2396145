// A certification authority of somebody else's, made and run by openssl alone: root, issuing CA, a signer of PDFs, CRLs and OCSP responses.

import assert from 'node:assert/strict';
import { prepareSignature } from '../../../src/pdf/prepare.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import { type Certificate, parseCertificate } from '../../../src/pki/certificate.ts';
import { derBlocks } from '../../../src/pki/pem.ts';
import { request } from '../../unit/pdf/signing.ts';
import type { OpensslBench } from '../../support/openssl.ts';
import { appendUpdate, objectText } from '../../support/pdf-samples.ts';

/** Sections of an openssl configuration: what each kind of certificate says. */
export const foreignExtensions = `
[req]
distinguished_name = dn
prompt = no
[dn]
CN = replaced
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
[stamps]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
extendedKeyUsage = critical,timeStamping
[responder]
extendedKeyUsage = OCSPSigning
1.3.6.1.5.5.7.48.1.5 = ASN1:NULL
`;

export interface Store {
  readonly Certs?: readonly Uint8Array[];
  readonly CRLs?: readonly Uint8Array[];
  readonly OCSPs?: readonly Uint8Array[];
}

export class ForeignPki {
  readonly #openssl: OpensslBench;
  readonly #name: string;
  #files = 0;
  readonly root: Certificate;

  /** `name` is the prefix of its files: two of them in one folder are strangers who bear the same names. */
  constructor(openssl: OpensslBench, name: string, subjects: { root?: string; ca?: string } = {}) {
    this.#openssl = openssl;
    this.#name = name;
    openssl.write(`${name}.cnf`, foreignExtensions);
    this.#run(
      'req',
      '-x509',
      ...this.#newKey('root', subjects.root ?? foreign('Root')),
      '-extensions',
      'authority',
      '-days',
      '3650',
      '-out',
      this.#path('root.pem'),
    );
    this.#issue('ca', { issuer: 'root', section: 'authority', subject: subjects.ca ?? foreign('CA'), serial: '1001' });
    this.#issue('signer', { issuer: 'ca', section: 'signer', subject: foreign('Signer'), serial: '2001' });
    this.#issue('responder', { issuer: 'ca', section: 'responder', subject: foreign('OCSP'), serial: '2002' });
    this.root = this.#certificate('root');
  }

  /** CAdES signature of the foreign signer over the whole file. `change`: what is done to the CMS before it is put in. */
  async signed(
    pdf: Uint8Array,
    change: (cms: Uint8Array) => Promise<Uint8Array> = async (cms) => cms,
  ): Promise<Uint8Array> {
    const prepared = prepareSignature({
      ...request(pdf),
      document: openPdf(pdf),
      stamps: [],
      contentsSizeBytes: 12_000,
    });
    const data = this.#openssl.write(this.#fresh('tbs'), Buffer.concat([...prepared.signedParts]));
    const out = this.#fresh('cms');
    const signer = [
      '-signer',
      this.#path('signer.pem'),
      '-inkey',
      this.#path('signer.key'),
      '-certfile',
      this.#path('ca.pem'),
    ];
    this.#run(
      'cms',
      '-sign',
      '-binary',
      '-cades',
      '-md',
      'sha256',
      ...signer,
      '-outform',
      'DER',
      '-in',
      data,
      '-out',
      this.#openssl.path(out),
    );
    return prepared.embed(await change(this.#openssl.read(out)));
  }

  /** A CRL of `issuer` over what it has revoked so far, in force for `days`; DER. */
  crl(
    issuer: 'root' | 'ca',
    { days = 7, revoked = [] }: { days?: number; revoked?: readonly 'signer'[] } = {},
  ): Uint8Array {
    const folder = this.#fresh('authority');
    const database = this.#openssl.write(`${folder}.index`, '');
    const number = this.#openssl.write(`${folder}.number`, '01');
    const own = `[ca]\ndefault_ca = own\n[own]\ndatabase = ${database}\ncrlnumber = ${number}\ndefault_md = sha256\n`;
    const settings = [
      '-config',
      this.#openssl.write(`${folder}.cnf`, own),
      '-cert',
      this.#path(`${issuer}.pem`),
      '-keyfile',
      this.#path(`${issuer}.key`),
    ];
    for (const name of revoked) this.#run('ca', ...settings, '-revoke', this.#path(`${name}.pem`));
    const out = this.#fresh('crl');
    // A list that was out of date before it was made: its time is a day that has passed.
    const time =
      days > 0
        ? ['-crldays', String(days)]
        : ['-crl_lastupdate', '20250101000000Z', '-crl_nextupdate', '20250108000000Z'];
    this.#run('ca', ...settings, '-gencrl', ...time, '-out', this.#openssl.path(`${out}.pem`));
    this.#run('crl', '-in', this.#openssl.path(`${out}.pem`), '-outform', 'DER', '-out', this.#openssl.path(out));
    return this.#openssl.read(out);
  }

  /** An OCSP response about the signer, by the delegated responder, or by whoever is named; DER. */
  ocsp({ status = 'V', by }: { status?: 'V' | 'R'; by?: ForeignPki } = {}): Uint8Array {
    const { signer, key } = (by ?? this).#responder();
    const index = this.#fresh('ocsp');
    const revokedAt = status === 'R' ? '260101000000Z' : '';
    const line = [status, '400101000000Z', revokedAt, '2001', 'unknown', '/CN=XTEXT Foreign Signer'].join('\t');
    const database = this.#openssl.write(`${index}.index`, `${line}\n`);
    const ca = this.#path('ca.pem');
    const responder = ['-rsigner', signer, '-rkey', key];
    const about = ['-issuer', ca, '-cert', this.#path('signer.pem')];
    this.#run(
      'ocsp',
      '-index',
      database,
      '-CA',
      ca,
      ...responder,
      ...about,
      '-ndays',
      '7',
      '-respout',
      this.#openssl.path(index),
    );
    return this.#openssl.read(index);
  }

  #responder(): { signer: string; key: string } {
    return { signer: this.#path('responder.pem'), key: this.#path('responder.key') };
  }

  #issue(name: string, order: { issuer: string; section: string; subject: string; serial: string }): void {
    const { issuer, section, subject, serial } = order;
    const csr = this.#path(`${name}.csr`);
    this.#run('req', '-new', ...this.#newKey(name, subject), '-out', csr);
    const by = [
      '-CA',
      this.#path(`${issuer}.pem`),
      '-CAkey',
      this.#path(`${issuer}.key`),
      '-set_serial',
      `0x${serial}`,
    ];
    const as = ['-extfile', this.#path('cnf', '.'), '-extensions', section];
    this.#run('x509', '-req', '-in', csr, ...by, ...as, '-days', '1000', '-out', this.#path(`${name}.pem`));
  }

  #newKey(name: string, subject: string): string[] {
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      this.#path(`${name}.key`),
    ];
    return ['-config', this.#path('cnf', '.'), ...key, '-subj', subject];
  }

  #certificate(name: string): Certificate {
    const [der = new Uint8Array()] = derBlocks(this.#openssl.read(`${this.#name}-${name}.pem`), 'CERTIFICATE');
    return parseCertificate(der);
  }

  #run(...args: string[]): void {
    const { good, output } = this.#openssl.run(...args);
    assert.ok(good, `openssl ${args.join(' ')}\n${output}`);
  }

  #path(name: string, separator = '-'): string {
    return this.#openssl.path(`${this.#name}${separator}${name}`);
  }

  #fresh(kind: string): string {
    return `${this.#name}-${kind}-${++this.#files}`;
  }
}

function foreign(what: string): string {
  return `/C=CN/O=XTEXT Foreign/CN=XTEXT Foreign ${what}`;
}

/** A later revision with a document security store (ETSI EN 319 142-1, 5.4.2.2). */
export function withStore(pdf: Uint8Array, store: Store): Uint8Array {
  const objects: Record<number, string | Buffer> = {};
  let number = 900;
  const arrays = Object.entries(store).map(([key, values]: [string, readonly Uint8Array[]]) => {
    const refs = values.map((value) => {
      const head = Buffer.from(`<< /Length ${value.length} >>\nstream\n`, 'latin1');
      objects[++number] = Buffer.concat([head, value, Buffer.from('\nendstream', 'latin1')]);
      return `${number} 0 R`;
    });
    return `/${key} [${refs.join(' ')}]`;
  });
  const catalog = objectText(pdf, 1).replace(/>>\s*$/, `/DSS << ${arrays.join(' ')} >> >>`);
  return appendUpdate(pdf, { 1: catalog, ...objects });
}

// Proves PAdES B-LT and B-LTA (ETSI EN 319 142-1, 5.4 and 6): what a verifier will need stands in the file, a time stamp is over it, and foreign tools accept each part.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { toHex } from '../../../src/kernel/bytes.ts';
import { epochSeconds } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { house } from '../../../src/kernel/principal.ts';
import { openPdf } from '../../../src/pdf/reader.ts';
import type { PdfSignature } from '../../../src/pdf/signatures.ts';
import { readValidationData } from '../../../src/pdf/validation-data.ts';
import { parseOcspResponse } from '../../../src/pki/basic-ocsp-response.ts';
import { type Certificate, parseCertificate } from '../../../src/pki/certificate.ts';
import { parseSignedData } from '../../../src/pki/signed-data.ts';
import { readUnsignedAttributes } from '../../../src/pki/unsigned-attributes.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import { judged } from '../../support/foreign-judges.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { requestKey, type SealHouse, sealHouse, stampRequest, system, uploaded } from './seal-house.ts';

const caller = system('client-one');

/** Its signature value and the token over it, read without our verifier. */
function stampOf({ contents }: PdfSignature): { value: Uint8Array; token: Uint8Array } {
  const [signer] = parseSignedData(contents).signers;
  assert.ok(signer !== undefined);
  const [token] = readUnsignedAttributes(signer.unsignedAttributes).tokens;
  assert.ok(token !== undefined);
  return { value: signer.signature, token };
}

function nameOf({ subject }: Certificate): string {
  return (subject.commonName ?? '').replace('Yinxin Sandbox ', '');
}

describe('PAdES B-LT and B-LTA', () => {
  let of: SealHouse;
  let count = 0;
  const stamp = async (source: Uint8Array, change = {}) => {
    const stamps = of.stamps();
    const request = stampRequest(of, await uploaded(of, caller, source), change);
    const record = await stamps.stamp(caller, request, requestKey(`long-${count++}`));
    return { record, product: await stamps.document(caller, record.stampingId) };
  };

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('B-LT: the store holds both paths and an answer about every certificate, made after the time stamp', async () => {
    const { record, product } = await stamp(samplePdf({ pageCount: 2 }), { level: 'B-LT' });
    assert.equal(record.level, 'B-LT');
    const document = openPdf(product);
    const [signature, ...more] = document.signatures;
    assert.ok(signature !== undefined && more.length === 0);
    const { certificates, ocspResponses, crls, leftOut } = readValidationData(document.file);
    const held = certificates.map(parseCertificate);
    assert.deepEqual([leftOut, crls.length], [0, 0]);
    assert.deepEqual(held.map(nameOf).sort(), [
      'Root CA',
      'Seal CA',
      'Service CA',
      'Time Stamp Authority',
      of.seal.name,
    ]);
    const { value, token } = stampOf(signature);
    const { genTime } = verifyTimestampToken({
      token,
      imprint: () => new Uint8Array(createHash('sha256').update(value).digest()),
    });
    assert.ok(genTime !== undefined);
    const answers = ocspResponses.flatMap((der) => parseOcspResponse(der).responses);
    for (const { status, thisUpdate } of answers) {
      assert.equal(status.status, 'good');
      assert.ok(epochSeconds(thisUpdate) >= epochSeconds(genTime));
    }
    const asked = held.filter(({ issuerDer, subjectDer }) => toHex(issuerDer) !== toHex(subjectDer));
    assert.deepEqual(
      answers.map(({ certId }) => certId.serialHex).sort(),
      asked.map(({ serialHex }) => serialHex).sort(),
    );
    const store = document.file.dict(document.file.catalog(), 'DSS');
    const related = store === undefined ? undefined : document.file.dict(store, 'VRI');
    const key = createHash('sha1').update(signature.paddedContents).digest('hex').toUpperCase();
    assert.deepEqual([...(related?.entries.keys() ?? [])], [key]);
    const report = await of.verifier.verify(house, product);
    assert.equal(report.indication, 'TOTAL-PASSED');
    assert.deepEqual(
      report.signatures[0]?.changes.map(({ kind }) => kind),
      ['validation-data'],
    );
  });

  it('B-LTA: a document time stamp is over the file with its store, and the signature passes as before', async () => {
    for (const xref of ['table', 'stream', 'packed', 'hybrid'] as const) {
      const { product } = await stamp(samplePdf({ pageCount: 2, xref }), { level: 'B-LTA' });
      const report = await of.verifier.verify(house, product);
      assert.equal(report.indication, 'TOTAL-PASSED', xref);
      assert.deepEqual(
        report.signatures.map(({ format, coverage }) => [format, coverage]),
        [
          ['PAdES', 'revision'],
          ['DocTimeStamp', 'whole-file'],
        ],
      );
      const [pdfsig, mutool, qpdf] = [
        judged(product, 'pdfsig', '-nocert'),
        judged(product, 'mutool', 'sign', '-v'),
        judged(product, 'qpdf', '--check'),
      ];
      if (pdfsig === undefined || mutool === undefined || qpdf === undefined) continue;
      assert.match(pdfsig.text, /Signature is Valid/);
      assert.match(mutool.text, /signature is valid|unchanged since signing/);
      assert.deepEqual([qpdf.status, /WARNING/.test(qpdf.text)], [0, false], qpdf.text);
    }
  });

  it('adds to the store of an earlier stamping and keeps what it held', async () => {
    const first = await stamp(samplePdf({ pageCount: 2 }), { level: 'B-LTA' });
    const placements = [{ kind: 'position', page: 2, xMm: 60, yMm: 100 }];
    const second = await stamp(first.product, { level: 'B-LTA', placements });
    const before = readValidationData(openPdf(first.product).file);
    const after = readValidationData(openPdf(second.product).file);
    assert.deepEqual(after.certificates.slice(0, before.certificates.length), before.certificates);
    assert.equal(after.certificates.length, before.certificates.length, 'the same paths are not stored twice');
    assert.deepEqual(after.ocspResponses.slice(0, before.ocspResponses.length), before.ocspResponses);
    const report = await of.verifier.verify(house, second.product);
    assert.deepEqual(
      report.signatures.map(({ indication, format }) => [indication, format]),
      ['PAdES', 'DocTimeStamp', 'PAdES', 'DocTimeStamp'].map((format) => ['TOTAL-PASSED', format]),
    );
  });

  it('ISO 32000-2, 12.8.2.2: a certification that allows no change takes its own archive time stamp, and no later seal', async () => {
    const { record, product } = await stamp(samplePdf(), { level: 'B-LTA', certify: 'no-changes', lock: 'all' });
    const { permissions } = openPdf(product);
    assert.deepEqual([permissions.docMdp, permissions.certified], [1, true]);
    assert.equal((await of.verifier.verify(house, product)).indication, 'TOTAL-PASSED');
    const pdfsig = judged(product, 'pdfsig', '-nocert');
    if (pdfsig !== undefined) assert.match(pdfsig.text, /Signature is Valid/);
    const request = stampRequest(of, record.productDocumentId ?? '', {
      placements: [{ kind: 'position', page: 1, xMm: 60, yMm: 100 }],
    });
    const refused = (change: object, code: ErrorCode) =>
      assert.rejects(of.stamps().stamp(caller, { ...request, ...change }, requestKey(`refused-${count++}`)), (error) =>
        isTrustError(error, code),
      );
    await refused({}, 'locked-pdf');
    await refused({ certify: 'forms' }, 'certification-not-first');
  });

  it('gives openssl a CMS, two tokens and answers that it finds good', async function () {
    const bench: OpensslBench = needOpenssl(this);
    try {
      const { product } = await stamp(samplePdf(), { level: 'B-LTA' });
      const document = openPdf(product);
      const [signature, archive] = document.signatures;
      assert.ok(signature !== undefined && archive !== undefined);
      const { certificates, ocspResponses } = readValidationData(document.file);
      const held = certificates.map(parseCertificate);
      const file = (one: Certificate | undefined, name: string) =>
        bench.writePem(name, [{ label: 'CERTIFICATE', der: one?.der ?? new Uint8Array() }]);
      const named = (name: string) => held.find((one) => nameOf(one) === name);
      const root = file(named('Root CA'), 'root.pem');
      const all = bench.writePem(
        'all.pem',
        held.map(({ der }) => ({ label: 'CERTIFICATE', der })),
      );
      const good = (...args: string[]) => {
        const { good: isGood, output } = bench.run(...args);
        assert.ok(isGood, `${args.join(' ')}\n${output}`);
        return output;
      };

      const content = bench.write('content', Buffer.concat([...signature.signedBytes()]));
      const cms = bench.write('cms.der', signature.contents);
      const binary = ['-binary', '-purpose', 'any', '-out', bench.path('out')];
      good('cms', '-verify', '-inform', 'DER', '-in', cms, '-content', content, '-CAfile', root, ...binary);

      const { value, token } = stampOf(signature);
      const trust = ['-token_in', '-CAfile', root, '-untrusted', all];
      const data = bench.write('value', value);
      good('ts', '-verify', '-data', data, '-in', bench.write('token.der', token), ...trust);
      const stamped = bench.write('stamped', Buffer.concat([...archive.signedBytes()]));
      good('ts', '-verify', '-data', stamped, '-in', bench.write('archive.der', archive.contents), ...trust);

      for (const [place, der] of ocspResponses.entries()) {
        const serial = parseOcspResponse(der).responses[0]?.certId.serialHex;
        const about = held.find(({ serialHex }) => serialHex === serial);
        const issuer = held.find(({ subjectDer }) => toHex(subjectDer) === toHex(about?.issuerDer ?? new Uint8Array()));
        const answer = bench.write(`answer-${place}.der`, der);
        const files = ['-issuer', file(issuer, 'issuer.pem'), '-cert', file(about, 'about.pem')];
        const output = good('ocsp', '-respin', answer, ...files, '-CAfile', root, '-verify_other', all);
        assert.match(output, /: good\n[^]*Response verify OK/);
      }
    } finally {
      bench.remove();
    }
  });

  it('releases nothing when the status of a certificate cannot be told', async () => {
    const silent = of.stamps({
      ocsp: {
        answerNow: async (ca, certificate) => of.ocsp.answerNow(ca, { ...certificate, serial: new Uint8Array([1]) }),
      },
    });
    const request = stampRequest(of, await uploaded(of, caller), { level: 'B-LT' });
    await assert.rejects(silent.stamp(caller, request, requestKey('no-status')), (error) =>
      isTrustError(error, 'revocation-data-missing'),
    );
    const { rows } = await of.database.query<{ status: string; void_code: string }>({
      text: `SELECT status, void_code FROM seal.stamping WHERE request_key = 'no-status'`,
    });
    assert.deepEqual(rows, [{ status: 'voided', void_code: 'revocation-data-missing' }]);
  });
});

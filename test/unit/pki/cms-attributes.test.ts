// Which certificate signed, what is signed beside the content, and what stands unsigned beside a signature; RFC 5035, 5, RFC 5652, 11, ETSI EN 319 122-1, 5.

import assert from 'node:assert/strict';
import * as write from '../../../src/codec/der-write.ts';
import { cmsOids } from '../../../src/codec/oids.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { buildSignedData } from '../../../src/pki/cms.ts';
import { issueCertificate } from '../../../src/pki/issue.ts';
import { validatePath } from '../../../src/pki/path.ts';
import type { SignedDataClaim, SignedDataVerification } from '../../../src/pki/verify-cms.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { attribute, type CmsParts, putTogether, takeApart } from './bent-cms.ts';
import { stamp } from './cms-samples.ts';
import { allGood, at, memorySigner, sandboxPki, sealOrder } from './sandbox-pki.ts';

const pki = await sandboxPki();
const content = utf8('the signed byte ranges of a document');
const order = {
  contentDigest: sha256(content),
  digestAlgorithm: 'SHA-256',
  signer: pki.seal.signer,
  certificate: pki.seal.certificate,
  chain: [pki.ca.certificate],
} as const;
const good = takeApart(await buildSignedData(order));

const verify = (cms: Uint8Array, claim: Partial<SignedDataClaim> = {}): SignedDataVerification =>
  verifySignedData({ cms, content: (name) => digest(name, content), ...claim });
const codesOf = ({ findings }: { findings: readonly { code: string }[] }) => findings.map(({ code }) => code);
const withoutReference = (good.attributes ?? []).slice(0, 2);

function isTrusted({ signerCertificate: leaf, certificates }: SignedDataVerification): boolean {
  if (leaf === undefined) return false;
  const anchors = [pki.root.certificate];
  return validatePath({ leaf, intermediates: certificates, anchors, at, purpose: 'seal', revocation: allGood }).trusted;
}

describe('adbe.pkcs7.detached: a signature that names no certificate by its hash', () => {
  const optional = { signingCertificate: 'optional' } as const;
  const older = async (change: Partial<CmsParts> = {}, signer = pki.seal.signer) =>
    putTogether({ ...good, attributes: withoutReference, ...change }, signer);

  /** A certificate with issuer and serial of the seal's, made by an authority that only calls itself so. */
  async function lookalike(spki: Uint8Array): Promise<Certificate> {
    const forger = { certificate: { ...pki.ca.certificate, spki: attackerCa.spki }, signer: attackerCa };
    return issueCertificate({ ...sealOrder(forger, spki), serial: pki.seal.certificate.serial });
  }
  const attacker = memorySigner('seal');
  const attackerCa = memorySigner('issuing-ca');

  it('is valid with a warning, by issuer and serial', async () => {
    const result = verify(await older(), optional);
    assert.deepEqual([result.intact, result.valid, codesOf(result)], [true, true, ['signing-certificate-missing']]);
    assert.deepEqual(result.signerCertificate?.der, pki.seal.certificate.der);
    assert.equal(isTrusted(result), true);
    assert.equal(verify(await older()).valid, false);
  });

  it('is never trusted by a certificate of the same issuer and serial that its issuer did not sign', async () => {
    const forged = await lookalike(attacker.spki);
    assert.equal(forged.serialHex, pki.seal.certificate.serialHex);
    assert.deepEqual(forged.issuerDer, pki.seal.certificate.issuerDer);
    const certificates = [forged.der, pki.ca.certificate.der];
    const result = verify(await older({ certificates }, attacker), optional);
    assert.deepEqual(result.signerCertificate?.der, forged.der);
    assert.deepEqual([result.valid, isTrusted(result)], [true, false]);
    const sameKey = await lookalike(pki.seal.signer.spki);
    const copied = verify(await older({ certificates: [sameKey.der, pki.ca.certificate.der] }), optional);
    assert.deepEqual([copied.valid, isTrusted(copied)], [true, false]);
  });

  it('is not valid when two certificates answer to the name, in whatever order', async () => {
    const forged = await lookalike(attacker.spki);
    for (const signer of [attacker, pki.seal.signer]) {
      for (const pair of [
        [forged.der, pki.seal.certificate.der],
        [pki.seal.certificate.der, forged.der],
      ]) {
        const result = verify(await older({ certificates: [...pair, pki.ca.certificate.der] }, signer), optional);
        assert.deepEqual([result.valid, result.signerCertificate], [false, undefined]);
        assert.ok(codesOf(result).includes('signing-certificate-mismatch'));
      }
    }
  });

  it('is valid with the same certificate twice', async () => {
    const { der } = pki.seal.certificate;
    assert.equal(verify(await older({ certificates: [der, der] }), optional).valid, true);
  });

  it('is wrong when the certificate was replaced under a good signature, or is not there', async () => {
    const forged = await lookalike(attacker.spki);
    const replaced = verify(await older({ certificates: [forged.der] }), optional);
    assert.deepEqual([replaced.valid, codesOf(replaced).includes('signature-invalid')], [false, true]);
    const missing = verify(await older({ certificates: [] }), optional);
    assert.deepEqual([missing.valid, missing.signerCertificate], [false, undefined]);
  });

  it('finds no certificate without a key identifier by an empty one', async () => {
    const sid = write.primitiveContext(0, new Uint8Array());
    const result = verify(await older({ sid, version: 3 }), optional);
    assert.deepEqual([result.valid, result.signerCertificate], [false, undefined]);
  });

  it('may be identified by a key identifier (RFC 5652, 5.3), whose certificate alone decides about trust', async () => {
    const sid = write.primitiveContext(0, pki.seal.certificate.subjectKeyId ?? new Uint8Array());
    const result = verify(await older({ sid, version: 3 }), optional);
    assert.deepEqual([result.valid, isTrusted(result)], [true, true]);
  });

  it('is held to a reference that is there: by another hash, or unreadable, it is not valid', async () => {
    const references = [
      write.sequence(write.sequence(write.sequence(write.octetString(sha256(content))))),
      write.sequence(write.sequence()),
      write.integer(1),
    ];
    for (const value of references) {
      const attributes = write.inDerOrder([...withoutReference, attribute(cmsOids.signingCertificateV2, value)]);
      const result = verify(await older({ attributes }), optional);
      assert.deepEqual([result.valid, codesOf(result)], [false, ['signing-certificate-mismatch']]);
    }
  });

  it('is held to the issuer and serial in the reference (RFC 5035, 4)', async () => {
    const { certificate } = pki.seal;
    const reference = (name: Uint8Array, serial: Uint8Array) =>
      attribute(
        cmsOids.signingCertificateV2,
        write.sequence(
          write.sequence(
            write.sequence(
              write.octetString(sha256(certificate.der)),
              write.sequence(write.sequence(name), write.unsignedInteger(serial)),
            ),
          ),
        ),
      );
    const issuer = write.context(4, certificate.issuerDer);
    for (const [name, serial, valid] of [
      [issuer, certificate.serial, true],
      [issuer, Uint8Array.of(1), false],
      [write.context(4, certificate.subjectDer), certificate.serial, false],
      [write.context(5, certificate.issuerDer), certificate.serial, false],
    ] as const) {
      const attributes = write.inDerOrder([...withoutReference, reference(name, serial)]);
      assert.equal(verify(await older({ attributes })).valid, valid);
    }
  });
});

describe('RFC 5652, 11 and EN 319 122-1: attributes in their places', () => {
  const changed = async (change: Partial<CmsParts>) => putTogether({ ...good, ...change });
  const resigned = async (...more: Uint8Array[]) =>
    putTogether({ ...good, attributes: write.inDerOrder([...(good.attributes ?? []), ...more]) }, pki.seal.signer);

  it('a statement about the content is not taken from outside the signature', async () => {
    for (const type of [
      cmsOids.contentType,
      cmsOids.messageDigest,
      cmsOids.signingTime,
      cmsOids.signingCertificateV2,
      cmsOids.contentTimestamp,
    ]) {
      const result = verify(await changed({ unsigned: [attribute(type, write.nullValue())] }));
      assert.deepEqual([result.valid, codesOf(result)], [false, ['attribute-misplaced']]);
    }
  });

  it('a countersignature or a signature time stamp must not be signed', async () => {
    for (const type of [cmsOids.countersignature, cmsOids.signatureTimeStampToken]) {
      const result = verify(await resigned(attribute(type, write.nullValue())));
      assert.deepEqual([result.valid, codesOf(result)], [false, ['attribute-misplaced']]);
    }
  });

  it('a countersignature is not judged, and that is said', async () => {
    const result = verify(await changed({ unsigned: [attribute(cmsOids.countersignature, write.sequence())] }));
    assert.deepEqual([result.valid, codesOf(result)], [true, ['countersignature-ignored']]);
  });

  it('what is unknown or not used is told', async () => {
    const values = '1.2.840.113549.1.9.16.2.23';
    const result = verify(
      await changed({ unsigned: [attribute('1.2.3.4', write.integer(1)), attribute(values, write.sequence())] }),
    );
    const told = ['unsigned-attribute-unknown', 'unsigned-attribute-ignored'];
    assert.deepEqual([result.valid, codesOf(result)], [true, told]);
  });

  it('an empty set of attributes is malformed (SIZE (1..MAX))', async () => {
    assert.deepEqual(codesOf(verify(await changed({ attributes: [] }))), ['malformed-cms']);
  });

  it('protected algorithms stand alone in their attribute (RFC 6211)', async () => {
    const surplus = write.sequence(good.digest, write.context(1, write.oid('1.2.840.10045.4.3.2')), write.nullValue());
    const result = verify(await resigned(attribute(cmsOids.algorithmProtection, surplus)));
    assert.deepEqual(codesOf(result), ['algorithm-protection-mismatch']);
  });

  it('CRLs and OCSP responses in the message are handed on unread; of any other kind it is said that they are not used', async () => {
    const [crl, response, other] = [write.sequence(), write.sequence(write.nullValue()), write.sequence()];
    const format = (oid: string, info: Uint8Array) => write.context(1, write.oid(oid), info);
    const known = verify(await changed({ revocation: [crl, format(cmsOids.ocspResponseInfo, response)] }));
    assert.deepEqual([codesOf(known), known.revocationData], [[], { crls: [crl], ocspResponses: [response] }]);
    const unknown = verify(await changed({ revocation: [format('1.3.6.1.5.5.7.16.4', other)] }));
    assert.deepEqual(codesOf(unknown), ['revocation-data-ignored']);
  });
});

describe('EN 319 122-1, 5.2.8 and 5.3: time stamps of the content and of the signature', () => {
  const signatureStamp = async (over = good.signature) => stamp(pki, sha256(over));

  it('content-time-stamp is signed and judged over the content', async () => {
    const cms = await buildSignedData({ ...order, contentTimestamp: (imprint) => stamp(pki, imprint) });
    const { valid, contentTimestamps, findings } = verify(cms);
    assert.deepEqual([valid, findings], [true, []]);
    assert.deepEqual(
      contentTimestamps.map(({ intact, valid: tokenValid, genTime }) => [intact, tokenValid, genTime]),
      [[true, true, at]],
    );
    const wrong = await buildSignedData({ ...order, contentTimestamp: () => stamp(pki, sha256(utf8('other'))) });
    assert.deepEqual(verify(wrong).contentTimestamps.map(codesOf), [['imprint-mismatch']]);
  });

  it('several content-time-stamps may stand side by side, each with one token', async () => {
    const tokens = [await stamp(pki, sha256(content)), await stamp(pki, sha256(content))];
    const single = tokens.map((token) => attribute(cmsOids.contentTimestamp, token));
    const attributes = write.inDerOrder([...(good.attributes ?? []), ...single]);
    const result = verify(await putTogether({ ...good, attributes }, pki.seal.signer));
    assert.deepEqual([result.valid, result.contentTimestamps.length], [true, 2]);
    const double = [...(good.attributes ?? []), attribute(cmsOids.contentTimestamp, ...tokens)];
    const refused = verify(await putTogether({ ...good, attributes: write.inDerOrder(double) }, pki.seal.signer));
    assert.deepEqual(codesOf(refused), ['attribute-values-not-one']);
  });

  it('each signature time stamp is judged, four at most', async () => {
    const stamped = attribute(cmsOids.signatureTimeStampToken, await signatureStamp(), await signatureStamp(content));
    const two = verify(await putTogether({ ...good, unsigned: [stamped] }));
    assert.deepEqual(two.timestamps.map(codesOf), [[], ['imprint-mismatch']]);
    assert.deepEqual(codesOf(two), []);
    const six = verify(await putTogether({ ...good, unsigned: [stamped, stamped, stamped] }));
    assert.deepEqual([six.timestamps.length, codesOf(six)], [4, ['time-stamp-surplus']]);
  });

  it('an empty attribute, or a token under another name, is a damaged time stamp', async () => {
    const token = await signatureStamp();
    for (const unsigned of [
      attribute(cmsOids.signatureTimeStampToken),
      attribute('1.2.840.113549.1.9.16.2.15', token),
      attribute('1.2.840.113549.1.9.16.2.27', token),
    ]) {
      const { valid, findings, timestamps } = verify(await putTogether({ ...good, unsigned: [unsigned] }));
      assert.deepEqual([valid, codesOf({ findings }), timestamps], [true, ['time-stamp-damaged'], []]);
    }
  });

  it('a token of another kind beside a time stamp is only told', async () => {
    const token = await signatureStamp();
    const unsigned = [
      attribute(cmsOids.signatureTimeStampToken, token),
      attribute('0.4.0.1733.2.4', await signatureStamp()),
    ];
    const { findings, timestamps } = verify(await putTogether({ ...good, unsigned }));
    assert.deepEqual([codesOf({ findings }), timestamps.length], [['time-stamp-surplus'], 1]);
  });
});

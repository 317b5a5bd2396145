// The older attribute that names the signer's certificate by SHA-1, where it stands; RFC 5035, 5.4, RFC 2634, 5.4.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as write from '../../../src/codec/der-write.ts';
import { cmsOids } from '../../../src/codec/oids.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { buildSignedData } from '../../../src/pki/cms.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { attribute, putTogether, takeApart } from './bent-cms.ts';
import { sandboxPki } from './sandbox-pki.ts';

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
const withoutReference = (good.attributes ?? []).slice(0, 2);

describe('RFC 5035, 5.4: a SHA-1 signing-certificate', () => {
  const v1 = (hash: Uint8Array, ...rest: Uint8Array[]) =>
    attribute(
      cmsOids.signingCertificate,
      write.sequence(write.sequence(write.sequence(write.octetString(hash), ...rest))),
    );
  const sha1 = (der: Uint8Array) => new Uint8Array(createHash('sha1').update(der).digest());
  const signedWith = async (kept: readonly Uint8Array[], old: Uint8Array, optional = false) => {
    const attributes = write.inDerOrder([...kept, old]);
    const claim = optional ? ({ signingCertificate: 'optional' } as const) : {};
    const cms = await putTogether({ ...good, attributes }, pki.seal.signer);
    const { valid, findings } = verifySignedData({ cms, content: (name) => digest(name, content), ...claim });
    return [valid, ...findings.map(({ code }) => code)];
  };
  const both = good.attributes ?? [];
  const right = v1(sha1(pki.seal.certificate.der));
  const wrong = {
    'of another certificate': v1(sha1(pki.ca.certificate.der)),
    'of no certificate': v1(new Uint8Array(20)),
    'that is empty': attribute(cmsOids.signingCertificate, write.sequence(write.sequence())),
    'with a hash algorithm, which the older form has not': attribute(
      cmsOids.signingCertificate,
      write.sequence(
        write.sequence(
          write.sequence(write.sequence(write.oid('1.3.14.3.2.26')), write.octetString(sha1(pki.seal.certificate.der))),
        ),
      ),
    ),
    'with the issuer and serial of another': v1(
      sha1(pki.seal.certificate.der),
      write.sequence(
        write.sequence(write.context(4, pki.seal.certificate.issuerDer)),
        write.unsignedInteger(pki.ca.certificate.serial),
      ),
    ),
  };

  it('may stand beside the newer one when it names the same certificate', async () => {
    assert.deepEqual(await signedWith(both, right), [true]);
  });

  it('alone does not say who signed, and is no reason to refuse where it need not', async () => {
    assert.deepEqual(await signedWith(withoutReference, right), [false, 'signing-certificate-missing']);
    assert.deepEqual(await signedWith(withoutReference, right, true), [true, 'signing-certificate-missing']);
  });

  for (const [what, old] of Object.entries(wrong)) {
    it(`${what} makes the signature invalid, beside the newer one or alone`, async () => {
      assert.deepEqual(await signedWith(both, old), [false, 'signing-certificate-mismatch']);
      assert.deepEqual(await signedWith(withoutReference, old, true), [false, 'signing-certificate-mismatch']);
    });
  }
});

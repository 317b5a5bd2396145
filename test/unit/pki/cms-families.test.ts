// CMS of every algorithm, attached and detached, and the messages of GB/T 35275-2017 as they are met in the field; RFC 5652, RFC 5754, RFC 4055, RFC 8419.

import assert from 'node:assert/strict';
import * as write from '../../../src/codec/der-write.ts';
import { cmsOids, gmCmsOids } from '../../../src/codec/oids.ts';
import { algorithmNames } from '../../../src/crypto/algorithms.ts';
import { digest } from '../../../src/crypto/digest.ts';
import { derToRawSignature } from '../../../src/crypto/signature-form.ts';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import { buildAttachedData, buildSignedData } from '../../../src/pki/cms.ts';
import type { SignedDataClaim } from '../../../src/pki/verify-cms.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { attribute, type CmsParts, putTogether, takeApart } from './bent-cms.ts';
import { type SealSigner, sealSigner } from './cms-samples.ts';
import { sandboxPki } from './sandbox-pki.ts';

const pki = await sandboxPki();
const content = utf8('Signature.xml of an OFD');

function judge(claim: SignedDataClaim): [intact: boolean, valid: boolean, codes: string[]] {
  const { intact, valid, findings } = verifySignedData(claim);
  return [intact, valid, findings.map(({ code }) => code)];
}

const detached = async ({ signer, certificate, digestAlgorithm }: SealSigner, change = {}) => {
  const contentDigest = digest(digestAlgorithm, content);
  return buildSignedData({ contentDigest, digestAlgorithm, signer, certificate, chain: [], ...change });
};

const attached = async ({ signer, certificate, digestAlgorithm }: SealSigner, change = {}) =>
  buildAttachedData({ content, digestAlgorithm, signer, certificate, chain: [], ...change });

describe('RFC 5652, 5: each algorithm of the registry', () => {
  for (const algorithm of algorithmNames) {
    it(`signs with ${algorithm}, detached and attached, and verifies over that content only`, async () => {
      const signer = await sealSigner(pki, algorithm);
      const cms = await detached(signer);
      assert.deepEqual(judge({ cms, content }), [true, true, []]);
      assert.equal(verifySignedData({ cms, content }).algorithm, algorithm);
      assert.deepEqual(judge({ cms, content: utf8('other') }), [false, true, ['message-digest-mismatch']]);
      const inside = await attached(signer);
      assert.deepEqual(judge({ cms: inside, content: 'inside' }), [true, true, []]);
      assert.deepEqual(verifySignedData({ cms: inside, content: 'inside' }).content, content);
    });
  }

  it('says when the algorithm is not one for the key', async () => {
    const parts = takeApart(await detached(await sealSigner(pki, 'ES256')));
    const other = { ...parts, algorithm: write.sequence(write.oid('1.2.840.113549.1.1.11'), write.nullValue()) };
    assert.deepEqual(judge({ cms: await putTogether(other), content }), [true, false, ['algorithm-inconsistent']]);
  });

  it('takes rsaEncryption beside SHA-256 for RS256 (RFC 3370, 3.2), and beside nothing else', async () => {
    const parts = takeApart(await detached(await sealSigner(pki, 'RS256')));
    const algorithm = write.sequence(write.oid('1.2.840.113549.1.1.1'), write.nullValue());
    assert.deepEqual(judge({ cms: await putTogether({ ...parts, algorithm }), content }), [true, true, []]);
    const strange = write.sequence(write.oid('1.2.840.113549.1.1.1'), write.integer(5));
    const [, valid, codes] = judge({ cms: await putTogether({ ...parts, algorithm: strange }), content });
    assert.deepEqual([valid, codes], [false, ['algorithm-not-supported']]);
  });

  describe('RFC 4055, 3.1: RSASSA-PSS parameters', () => {
    const sha256 = write.sequence(write.oid('2.16.840.1.101.3.4.2.1'), write.nullValue());
    const sha1 = write.sequence(write.oid('1.3.14.3.2.26'), write.nullValue());
    const mgf = (hash: Uint8Array) => write.sequence(write.oid('1.2.840.113549.1.1.8'), hash);
    const pss = (...members: Uint8Array[]) => write.sequence(write.oid('1.2.840.113549.1.1.10'), ...members);
    const good = [write.context(0, sha256), write.context(1, mgf(sha256)), write.context(2, write.integer(32))];
    const cases: Record<string, Uint8Array> = {
      'no parameters': pss(),
      'parameters that are NULL': pss(write.nullValue()),
      'SHA-1 by leaving the digest out': pss(write.sequence(...good.slice(1))),
      'a mask over SHA-1': pss(write.sequence(...good.with(1, write.context(1, mgf(sha1))))),
      'another mask': pss(
        write.sequence(...good.with(1, write.context(1, write.sequence(write.oid('1.2.3'), sha256)))),
      ),
      'a salt of 20 octets': pss(write.sequence(...good.with(2, write.context(2, write.integer(20))))),
      'no salt length': pss(write.sequence(...good.slice(0, 2))),
      'another trailer': pss(write.sequence(...good, write.context(3, write.integer(2)))),
    };
    let parts: CmsParts;
    before(async () => {
      parts = takeApart(await detached(await sealSigner(pki, 'PS256')));
    });
    it('are accepted as written', async () => {
      assert.deepEqual(judge({ cms: await putTogether(parts), content }), [true, true, []]);
      const spelt = { ...parts, algorithm: pss(write.sequence(...good)) };
      assert.deepEqual(judge({ cms: await putTogether(spelt), content }), [true, true, []]);
    });
    for (const [sentence, algorithm] of Object.entries(cases)) {
      it(`are refused with ${sentence}`, async () => {
        const [, valid, codes] = judge({ cms: await putTogether({ ...parts, algorithm }), content });
        assert.deepEqual([valid, codes], [false, ['algorithm-not-supported']]);
      });
    }
  });
});

describe('RFC 5652, 5.2: encapsulated content', () => {
  let cms: Uint8Array;
  before(async () => {
    cms = await attached(await sealSigner(pki, 'ES256'));
  });

  it('is not handed out when it was changed', async () => {
    const contentInfo = write.sequence(write.oid(cmsOids.data), write.context(0, write.octetString(utf8('other'))));
    const changed = await putTogether({ ...takeApart(cms), contentInfo });
    assert.deepEqual(judge({ cms: changed, content: 'inside' }), [false, true, ['message-digest-mismatch']]);
    assert.equal(verifySignedData({ cms: changed, content: 'inside' }).content, undefined);
  });

  it('does not stand in for detached content, nor the other way round', async () => {
    assert.deepEqual(judge({ cms, content }), [true, false, ['content-not-detached']]);
    const outside = await putTogether({ ...takeApart(cms), contentInfo: write.sequence(write.oid(cmsOids.data)) });
    const [, valid, codes] = judge({ cms: outside, content: 'inside' });
    assert.deepEqual([valid, codes.includes('content-missing')], [false, true]);
  });
});

describe('GB/T 35275-2017 (GM/T 0010): SM2 messages under its own identifiers', () => {
  let sm2: SealSigner;
  let cms: Uint8Array;
  let parts: CmsParts;
  const gm = { families: ['gbt35275'] } as const;
  const bent = async (change: Partial<CmsParts>) => putTogether({ ...parts, ...change });

  before(async () => {
    sm2 = await sealSigner(pki, 'SM2');
    cms = await detached(sm2, { family: 'gbt35275' });
    parts = takeApart(cms);
  });

  it('are written with version 1, SM2 named by its key, and a DER signature', () => {
    assert.equal(parts.outerType, gmCmsOids.signedData);
    assert.deepEqual(parts.contentInfo, write.sequence(write.oid(gmCmsOids.data)));
    assert.equal(parts.version, 1);
    assert.deepEqual(parts.algorithm, write.sequence(write.oid('1.2.156.10197.1.301.1')));
    assert.notEqual(derToRawSignature(parts.signature, 64), undefined);
  });

  it('are accepted where they are awaited, and nowhere else', async () => {
    assert.deepEqual(judge({ cms, content, ...gm }), [true, true, []]);
    assert.deepEqual(judge({ cms, content }), [true, false, ['content-type-wrong']]);
    assert.deepEqual(judge({ cms: await detached(sm2), content, ...gm }), [true, false, ['content-type-wrong']]);
    assert.deepEqual(judge({ cms, content: utf8('other'), ...gm })[0], false);
    const inside = await attached(sm2, { family: 'gbt35275' });
    assert.deepEqual(verifySignedData({ cms: inside, content: 'inside', ...gm }).content, content);
  });

  it('are refused for an algorithm that the standard has not', async () => {
    const other = detached(await sealSigner(pki, 'ES256'), { family: 'gbt35275' });
    await assert.rejects(other, (error) => isTrustError(error, 'algorithm-not-supported'));
  });

  it('may name SM2 with SM3 as one algorithm, with NULL parameters, and plain data by PKCS #7', async () => {
    for (const type of ['1.2.156.10197.1.501', '1.2.156.10197.1.301.1']) {
      const algorithm = write.sequence(write.oid(type), write.nullValue());
      assert.deepEqual(judge({ cms: await bent({ algorithm }), content, ...gm }), [true, true, []]);
    }
    const attributes = write.inDerOrder(
      (parts.attributes ?? []).with(0, attribute(cmsOids.contentType, write.oid(cmsOids.data))),
    );
    const plain = { ...parts, contentInfo: write.sequence(write.oid(cmsOids.data)), attributes };
    assert.deepEqual(judge({ cms: await putTogether(plain, sm2.signer), content, ...gm }), [true, true, []]);
  });

  it('have no other version and no signer by key identifier', async () => {
    for (const change of [{ version: 3 }, { sid: write.primitiveContext(0, new Uint8Array(20)) }]) {
      assert.deepEqual(judge({ cms: await bent(change), content, ...gm }), [false, false, ['malformed-cms']]);
    }
  });

  it('may have a signature of 64 octets r‖s, which is told; any other length is wrong', async () => {
    const raw = derToRawSignature(parts.signature, 64) ?? new Uint8Array();
    for (const families of [['gbt35275'], ['rfc5652']] as const) {
      const of = takeApart(await detached(sm2, { family: families[0] }));
      const signature = derToRawSignature(of.signature, 64) ?? new Uint8Array();
      const read = judge({ cms: await putTogether({ ...of, signature }), content, families });
      assert.deepEqual(read, [true, true, ['signature-not-der']]);
    }
    const wrong = [raw.subarray(1), concatBytes(raw, Uint8Array.of(0)), raw.toReversed(), new Uint8Array(64)];
    for (const signature of wrong) {
      const [, valid, codes] = judge({ cms: await bent({ signature }), content, ...gm });
      assert.deepEqual([valid, codes], [false, ['signature-invalid']]);
    }
  });

  it('is the only algorithm with that licence: r‖s of ECDSA is wrong', async () => {
    const of = takeApart(await detached(await sealSigner(pki, 'ES256')));
    const signature = derToRawSignature(of.signature, 64) ?? new Uint8Array();
    assert.deepEqual(judge({ cms: await putTogether({ ...of, signature }), content })[2], ['signature-invalid']);
  });

  describe('without signed attributes', () => {
    const old = { ...gm, signingCertificate: 'optional', signedAttributes: 'optional' } as const;
    const told = ['signing-certificate-missing'];
    const bare = async (over: Uint8Array, inside?: Uint8Array) =>
      bent({
        attributes: undefined,
        signature: await sm2.signer.sign(over, 'der'),
        contentInfo: write.sequence(
          write.oid(gmCmsOids.data),
          ...(inside === undefined ? [] : [write.context(0, write.octetString(inside))]),
        ),
      });

    it('are over the content itself, inside or outside', async () => {
      const value = digest('SM3', content);
      const inside = { cms: await bare(value, value), content: 'inside', ...old } as const;
      assert.deepEqual(judge(inside), [true, true, told]);
      assert.deepEqual(verifySignedData(inside).content, value);
      assert.deepEqual(judge({ cms: await bare(content), content, ...old }), [true, true, told]);
    });

    it('are neither intact nor valid over anything else, and hand out nothing', async () => {
      const claim = { cms: await bare(content, utf8('other')), content: 'inside', ...old } as const;
      assert.deepEqual(judge(claim), [false, false, [...told, 'signature-invalid']]);
      assert.equal(verifySignedData(claim).content, undefined);
    });

    it('are refused where attributes are required, or only the digest of the content is known', async () => {
      const cms = await bare(content);
      const strict = judge({ cms, content, ...gm });
      assert.deepEqual([strict[1], strict[2].includes('signed-attributes-missing')], [false, true]);
      const blind = judge({ cms, content: (name) => digest(name, content), ...old });
      assert.deepEqual([blind[1], blind[2].includes('signed-attributes-missing')], [false, true]);
    });

    it('are refused when the content is the attributes that another signature was over', async () => {
      const stolen = write.tlv(0x31, ...(parts.attributes ?? []));
      const [, valid, codes] = judge({ cms: await bare(stolen, stolen), content: 'inside', ...old });
      assert.deepEqual([valid, codes.includes('signed-attributes-as-content')], [false, true]);
      const outside = judge({ cms: await bare(stolen), content: stolen, ...old });
      assert.equal(outside[1], false);
    });
  });
});

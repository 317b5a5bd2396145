// Each rule for a TimeStampToken has a token that breaks it, signed by the authority all the same; RFC 3161, 2.4.2, RFC 5816, RFC 5652.

import assert from 'node:assert/strict';
import { readDer } from '../../../src/codec/der.ts';
import * as write from '../../../src/codec/der-write.ts';
import { cmsOids, gmCmsOids } from '../../../src/codec/oids.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { concatBytes, utf8 } from '../../../src/kernel/bytes.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { writeDigestAlgorithm } from '../../../src/pki/algorithm-identifier.ts';
import { composeSignedData } from '../../../src/pki/cms.ts';
import { verifyTimestampToken } from '../../../src/pki/verify-timestamp.ts';
import { attribute, type CmsParts, putTogether, takeApart } from './bent-cms.ts';
import { stamp } from './cms-samples.ts';
import { at, sandboxPki } from './sandbox-pki.ts';

const pki = await sandboxPki();
const content = utf8('a signature value');
const good = takeApart(await stamp(pki, sha256(content), { nonce: Uint8Array.of(1, 2) }));
/** version, policy, messageImprint, serialNumber, genTime, accuracy, nonce. */
const info = readDer(good.contentInfo).children[1]?.children[0]?.content ?? new Uint8Array();
const members = readDer(info).children.map(({ raw }) => raw);

function judge(token: Uint8Array): [intact: boolean, valid: boolean, codes: string[]] {
  const { intact, valid, findings } = verifyTimestampToken({ token, imprint: (name) => digest(name, content) });
  return [intact, valid, findings.map(({ code }) => code)];
}

/** A token over this TSTInfo, signed by the authority. */
async function over(tstInfo: Uint8Array): Promise<Uint8Array> {
  const { signer, certificate } = pki.tsa;
  return composeSignedData({
    contentType: cmsOids.tstInfo,
    content: tstInfo,
    contentDigest: sha256(tstInfo),
    digestAlgorithm: 'SHA-256',
    signer,
    certificate,
    embedded: [certificate],
  });
}
const withMember = async (index: number, member: Uint8Array) => over(write.sequence(...members.with(index, member)));
const bent = async (change: Partial<CmsParts>) => putTogether({ ...good, ...change });
const resigned = async (change: Partial<CmsParts>) => putTogether({ ...good, ...change }, pki.tsa.signer);
const imprint = (algorithm: Uint8Array, octets: Uint8Array) => write.sequence(algorithm, write.octetString(octets));
const attributes = good.attributes ?? [];
const accuracy = (...parts: Uint8Array[]) => write.sequence(...parts);

describe('RFC 3161, 2.4.2: TSTInfo', () => {
  it('is good as our authority writes it, and gives what it says', async () => {
    assert.deepEqual(judge(await over(info)), [true, true, []]);
    const said = verifyTimestampToken({ token: await over(info), imprint: () => sha256(content) });
    assert.deepEqual([said.genTime, said.accuracySeconds, said.nonce], [at, 1, Uint8Array.of(1, 2)]);
  });

  const malformed: Record<string, () => Promise<Uint8Array>> = {
    'another version': () => withMember(0, write.integer(2)),
    'no policy': () => over(write.sequence(...members.toSpliced(1, 1))),
    'an imprint that is no OCTET STRING': () =>
      withMember(2, write.sequence(writeDigestAlgorithm('SHA-256'), write.utf8String('x'))),
    'surplus in its imprint': () =>
      withMember(
        2,
        write.sequence(writeDigestAlgorithm('SHA-256'), write.octetString(sha256(content)), write.nullValue()),
      ),
    'a negative serial number': () => withMember(3, write.integer(-1n)),
    'a serial number beyond 160 bits': () => withMember(3, write.integer(1n << 168n)),
    'a time of two-digit years': () => withMember(4, write.certificateTime(at)),
    'a time without Z': () => withMember(4, write.tlv(0x18, utf8('20260601000000'))),
    'a time with an offset': () => withMember(4, write.tlv(0x18, utf8('20260601080000+0800'))),
    'a fraction that ends in zero': () => withMember(4, write.tlv(0x18, utf8('20260601000000.10Z'))),
    'a day that does not exist': () => withMember(4, write.tlv(0x18, utf8('20260231000000Z'))),
    '1,000 milliseconds of accuracy': () => withMember(5, accuracy(write.primitiveContext(0, Uint8Array.of(3, 0xe8)))),
    'a negative accuracy': () => withMember(5, accuracy(write.integer(-1n))),
    'accuracy in another order': () =>
      withMember(5, accuracy(write.primitiveContext(1, Uint8Array.of(1)), write.primitiveContext(0, Uint8Array.of(1)))),
    'an extension': () => over(write.sequence(...members, write.context(1, write.sequence()))),
    'surplus members': () => over(write.sequence(...members, write.nullValue())),
    'octets after it': () => over(concatBytes(info, Uint8Array.of(0))),
    'nothing at all': () => over(new Uint8Array()),
  };
  for (const [what, make] of Object.entries(malformed)) {
    it(`with ${what} is malformed`, async () => {
      assert.deepEqual(judge(await make()), [false, false, ['malformed-timestamp']]);
    });
  }

  it('must be over what is stamped, under a digest that is accepted', async () => {
    const cases: [Uint8Array, string][] = [
      [imprint(writeDigestAlgorithm('SHA-256'), sha256(utf8('other'))), 'imprint-mismatch'],
      [imprint(writeDigestAlgorithm('SHA-256'), sha256(content).subarray(1)), 'imprint-mismatch'],
      [imprint(writeDigestAlgorithm('SHA-512'), sha256(content)), 'imprint-mismatch'],
      [imprint(write.sequence(write.oid('1.3.14.3.2.26')), new Uint8Array(20)), 'weak-algorithm'],
      [imprint(write.sequence(write.oid('1.2.840.113549.2.5')), new Uint8Array(16)), 'weak-algorithm'],
      [imprint(write.sequence(write.oid('1.2.3.4')), sha256(content)), 'algorithm-not-supported'],
    ];
    for (const [member, code] of cases) assert.deepEqual(judge(await withMember(2, member)), [false, true, [code]]);
  });

  it('takes accuracy in all three units together', async () => {
    const parts = [
      write.integer(2),
      write.primitiveContext(0, Uint8Array.of(1, 0xf4)),
      write.primitiveContext(1, Uint8Array.of(7)),
    ];
    const token = await withMember(5, accuracy(...parts));
    const { accuracySeconds } = verifyTimestampToken({ token, imprint: () => sha256(content) });
    assert.equal(accuracySeconds, 2.500007);
  });
});

describe('RFC 3161, 2.4.2 and RFC 5652: the signature of a token', () => {
  const otherSigner = () =>
    write.sequence(pki.seal.certificate.issuerDer, write.unsignedInteger(pki.seal.certificate.serial));
  const cases: Record<string, { codes: string[]; make: () => Promise<Uint8Array> }> = {
    'another content type': {
      codes: ['content-type-wrong', 'content-type-attribute-wrong'],
      make: () =>
        bent({
          version: 1,
          contentInfo: write.sequence(write.oid(cmsOids.data), write.context(0, write.octetString(info))),
        }),
    },
    'content changed after signing': {
      codes: ['message-digest-mismatch'],
      make: () => {
        const later = write.sequence(...members.with(4, write.generalizedTime(addSeconds(at, 1))));
        const contentInfo = write.sequence(write.oid(cmsOids.tstInfo), write.context(0, write.octetString(later)));
        return bent({ contentInfo });
      },
    },
    'a changed signature value': {
      codes: ['signature-invalid'],
      make: () => bent({ signature: good.signature.with(10, (good.signature[10] ?? 0) ^ 1) }),
    },
    'no certificate of its signer': {
      codes: ['signing-certificate-mismatch'],
      make: () => bent({ certificates: [pki.ca.certificate.der] }),
    },
    'no signing-certificate-v2': {
      codes: ['signing-certificate-missing'],
      make: () => resigned({ attributes: attributes.slice(0, 2) }),
    },
    'an unreadable signing-certificate-v2': {
      codes: ['signing-certificate-mismatch'],
      make: () =>
        resigned({
          attributes: write.inDerOrder(attributes.with(2, attribute(cmsOids.signingCertificateV2, write.nullValue()))),
        }),
    },
    'a signing-certificate-v2 whose name was changed, not signed again': {
      codes: ['signing-certificate-missing', 'signature-invalid'],
      make: () => {
        const [value = new Uint8Array()] =
          readDer(attributes[2] ?? new Uint8Array()).children[1]?.children.map((c) => c.raw) ?? [];
        return bent({ attributes: attributes.with(2, attribute('1.2.840.113549.1.9.16.2.46', value)) });
      },
    },
    'no signed attributes': {
      codes: ['signed-attributes-missing', 'signing-certificate-missing'],
      make: () => bent({ attributes: undefined }),
    },
    'the issuer and serial of another certificate': {
      codes: ['signing-certificate-mismatch'],
      make: () => bent({ sid: otherSigner() }),
    },
  };
  for (const [what, { codes, make }] of Object.entries(cases)) {
    it(`is refused with ${what}`, async () => {
      const [intact, valid, found] = judge(await make());
      assert.equal(intact && valid, false);
      assert.deepEqual(found, codes);
    });
  }

  it('is refused under the identifiers of GB/T 35275, and without content', async () => {
    const bare = write.sequence(write.oid(cmsOids.tstInfo));
    for (const change of [{ outerType: gmCmsOids.signedData, version: 1 }, { contentInfo: bare }]) {
      assert.deepEqual(judge(await bent(change)), [false, false, ['malformed-timestamp']]);
    }
  });

  it('with unsigned attributes of its own has that told', async () => {
    const unsigned = [attribute('1.2.3.4', write.nullValue())];
    assert.deepEqual(judge(await bent({ unsigned })), [true, true, ['unsigned-attribute-ignored']]);
  });
});

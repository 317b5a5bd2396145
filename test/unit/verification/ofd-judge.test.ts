// Proves the checking of OFD: each step of the standards with a vector that fails in it alone, what makers write and is accepted, and what was done to a package afterwards.

import assert from 'node:assert/strict';
import { signatureAlgorithms } from '../../../src/crypto/algorithms.ts';
import { digest } from '../../../src/crypto/digest.ts';
import { readDer } from '../../../src/codec/der.ts';
import {
  bitString,
  context,
  generalizedTime,
  ia5String,
  integer,
  octetString,
  oid,
  sequence,
  tlv,
  certificateTime,
} from '../../../src/codec/der-write.ts';
import { fromUtf8, toBase64, utf8 } from '../../../src/kernel/bytes.ts';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import { OfdPackage } from '../../../src/ofd/package.ts';
import { buildAttachedData, buildSignedData } from '../../../src/pki/cms.ts';
import { encodeSealInfo, parseSeal } from '../../../src/seal/ses/ses-seal.ts';
import { encodeSesSignature, encodeTbsSign, parseSesSignature } from '../../../src/seal/ses/ses-signature.ts';
import { type Files, ofdFiles, ofdJudge, zip } from '../../support/ofd-samples.ts';
import {
  type Bending,
  madeSeal,
  sealInfo,
  signedOfd,
  version1Seal,
  version1Signature,
} from '../../support/ofd-signing.ts';
import { needSharedData } from '../../support/shared-data.ts';
import { stamp } from '../pki/cms-samples.ts';
import { at, issued, memorySigner, type SandboxPki, sandboxPki, sealOrder } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki('SM2');
const source = zip(ofdFiles({ pageCount: 2 }));
const value = 'Doc_0/Signs/Sign_0/SignedValue.dat';
const description = 'Doc_0/Signs/Sign_0/Signature.xml';

async function judged(bytes: Uint8Array, options: Parameters<typeof ofdJudge>[1] = {}, of: SandboxPki = pki) {
  const { verdict, signatures, findings } = await ofdJudge(of, options).judge(bytes);
  const reports = signatures.map(({ report }) => report);
  const errors = [...findings, ...reports.flatMap((report) => report.findings)]
    .filter(({ severity }) => severity !== 'info')
    .map(({ code }) => code);
  return { verdict: `${verdict.indication} ${verdict.subIndication}`, errors, reports, findings };
}

/** The verdict and the codes of errors and warnings. */
async function told(bytes: Uint8Array, options: Parameters<typeof ofdJudge>[1] = {}) {
  const { verdict, errors } = await judged(bytes, options);
  return [verdict, ...errors];
}

async function bent(change: Bending, options: Parameters<typeof ofdJudge>[1] = {}) {
  return told(await signedOfd(pki, source, change), options);
}

function filesOf(bytes: Uint8Array): Files {
  const opened = OfdPackage.open(bytes);
  return Object.fromEntries(opened.names.map((name) => [name, opened.content(name)]));
}

const good = await signedOfd(pki, source);

describe('GB/T 33190 clause 18, GM/T 0031: a good OFD', function () {
  it('passes with seals of version 4 and 5, by certificate and by digest, and names what it found', async () => {
    for (const change of [
      {},
      { version: 4 as const },
      { certificates: [], certificateDigests: [{ algorithm: 'SM3', value: digest('SM3', pki.seal.certificate.der) }] },
    ]) {
      const seal = await madeSeal(pki, change);
      const { verdict, reports, errors } = await judged(await signedOfd(pki, source, { seal, ses: { sealDer: seal } }));
      const [report] = reports;
      assert.deepEqual([verdict, errors], ['TOTAL-PASSED null', []]);
      assert.deepEqual([report?.intact, report?.valid, report?.trusted], [true, true, true]);
      assert.deepEqual([report?.coverage, report?.timeSource, report?.level], ['whole-file', 'claimed', 'B-B']);
      assert.equal(report?.format, `SES V${'version' in change ? 4 : 5}`);
      assert.equal(report?.signingTime, at.toISOString());
    }
  });

  it('is signed in a piece of a larger buffer without touching it', async () => {
    const pool = Buffer.concat([Buffer.alloc(7, 1), source, Buffer.alloc(7, 2)]);
    const before = Buffer.from(pool);
    const { verdict } = await judged(await signedOfd(pki, pool.subarray(7, -7)));
    assert.deepEqual([verdict, pool.equals(before)], ['TOTAL-PASSED null', true]);
  });

  it('passes with keys of P-256 too', async () => {
    const other = await sandboxPki();
    const { verdict } = await judged(await signedOfd(other, source), {}, other);
    assert.equal(verdict, 'TOTAL-PASSED null');
  });

  it('may be signed again, and shows the first signature what came later', async () => {
    const twice = await signedOfd(pki, good, { mode: 'lock' });
    const { verdict, reports } = await judged(twice);
    assert.equal(verdict, 'TOTAL-PASSED null');
    assert.deepEqual(
      reports.map(({ coverage, changes }) => [coverage, changes.length]),
      [
        ['revision', 3],
        ['whole-file', 0],
      ],
    );
    const before = OfdPackage.open(good);
    const after = OfdPackage.open(twice);
    for (const name of before.names.filter((name) => !name.endsWith('Signatures.xml'))) {
      assert.deepEqual(after.entry(name).whole, before.entry(name).whole, name);
    }
    await assert.rejects(signedOfd(pki, twice), { code: 'locked-ofd' });
  });

  it('is a GB/T 35275 message as well: detached with attributes, or around the digest, plain or in base64', async () => {
    const { signer, certificate } = pki.seal;
    const order = { signer, certificate, chain: [], digestAlgorithm: 'SM3', family: 'gbt35275' } as const;
    const forms: NonNullable<Bending['value']>[] = [
      ({ signed }) => buildSignedData({ ...order, contentDigest: digest('SM3', signed) }),
      ({ signed }) => buildAttachedData({ ...order, content: digest('SM3', signed) }),
      ({ signed }) => buildAttachedData({ ...order, content: utf8(toBase64(digest('SM3', signed))) }),
    ];
    for (const form of forms) {
      const { verdict, reports } = await judged(await signedOfd(pki, source, { type: 'Sign', value: form }));
      assert.deepEqual([verdict, reports[0]?.format], ['TOTAL-PASSED null', 'GB/T 35275']);
    }
    const foreign = await bent({ value: () => buildAttachedData({ ...order, content: digest('SM3', utf8('other')) }) });
    assert.deepEqual(foreign, ['TOTAL-FAILED HASH_FAILURE', 'digest-mismatch']);
    const detached = await bent({
      value: () => buildSignedData({ ...order, contentDigest: digest('SM3', utf8('other')) }),
    });
    assert.deepEqual(detached, ['TOTAL-FAILED HASH_FAILURE', 'message-digest-mismatch']);
  });

  it('is accepted with the signature as r‖s, critical FALSE spelled out, times with offsets, and dates in any spelling', async () => {
    const raw = await signedOfd(pki, source, {
      ses: { signer: { ...pki.seal.signer, sign: (data) => pki.seal.signer.sign(data, 'raw') } },
    });
    const { verdict, reports } = await judged(raw);
    assert.equal(verdict, 'TOTAL-PASSED null');
    assert.ok(reports[0]?.findings.some(({ code }) => code === 'signature-not-der'));
    const ses = parseSesSignature(filesOf(good)[value] as Uint8Array);
    const tbs = sequence(
      integer(5),
      ses.sealDer,
      tlv(0x18, utf8('20260601080000.5+0800')),
      bitString(ses.dataHash),
      ia5String(ses.propertyInfo),
      context(0, sequence(sequence(oid('1.2.3'), tlv(1, Uint8Array.of(0)), octetString(utf8('x'))))),
    );
    const again = await bent({ seal: ses.sealDer, value: () => resigned(tbs) });
    assert.deepEqual(again, ['TOTAL-PASSED null']);
  });
});

async function resigned(tbsDer: Uint8Array, signer = pki.seal): Promise<Uint8Array> {
  return encodeSesSignature({
    tbsDer,
    certificate: signer.certificate.der,
    signatureAlgorithmOid: signatureAlgorithms[signer.signer.algorithm].oid,
    signature: await signer.signer.sign(tbsDer, 'der'),
  });
}

describe('GM/T 0031-2025: each step of the check fails on its own', function () {
  const sealed = async (change: Parameters<typeof madeSeal>[1], maker?: SandboxPki['maker']) => {
    const seal = await madeSeal(pki, change, maker);
    return { seal, ses: { sealDer: seal } };
  };

  it('a: the value is an SES signature in DER', async () => {
    assert.deepEqual(await bent({ value: async () => utf8('no value') }), [
      'TOTAL-FAILED FORMAT_FAILURE',
      'malformed-ses',
    ]);
    const [report] = (await judged(await signedOfd(pki, source, { value: async () => utf8('no value') }))).reports;
    assert.deepEqual([report?.valid, report?.intact, report?.trusted], [false, false, false]);
  });

  it('a: seal and signature are of one version', async () => {
    const made = await signedOfd(pki, source, {
      value: async ({ signed, path }) => {
        const sealDer = await madeSeal(pki);
        return resigned(
          encodeTbsSign({ version: 4, sealDer, signedAt: at, dataHash: digest('SM3', signed), propertyInfo: path }),
        );
      },
    });
    assert.deepEqual((await told(made)).slice(0, 2), ['TOTAL-FAILED FORMAT_FAILURE', 'ses-version-mismatch']);
  });

  it('a: no critical extension is unknown, in the seal or in the signature', async () => {
    const unknown = { oid: '1.2.3', critical: true, value: utf8('x') };
    const infoDer = encodeSealInfo(sealInfo(pki));
    const inSeal = sequence(
      ...readDer(infoDer).children.map(({ raw }) => raw),
      sequence(sequence(oid(unknown.oid), tlv(1, Uint8Array.of(0xff)), octetString(unknown.value))),
    );
    const seal = sequence(
      inSeal,
      octetString(pki.maker.certificate.der),
      oid(signatureAlgorithms.SM2.oid),
      bitString(await pki.maker.signer.sign(inSeal, 'der')),
    );
    assert.equal(parseSeal(seal).info.extensions[0]?.critical, true);
    assert.deepEqual(await bent({ seal, ses: { sealDer: seal } }), [
      'TOTAL-FAILED FORMAT_FAILURE',
      'seal-extension-unknown',
    ]);
    const inSignature = await bent({
      value: async ({ signed, path }) => {
        const sealDer = await madeSeal(pki);
        const extension = sequence(oid('1.2.3'), tlv(1, Uint8Array.of(0xff)), octetString(utf8('x')));
        return resigned(
          sequence(
            integer(5),
            sealDer,
            generalizedTime(at),
            bitString(digest('SM3', signed)),
            ia5String(path),
            context(0, sequence(extension)),
          ),
        );
      },
    });
    assert.ok(inSignature.includes('ses-extension-unknown'));
  });

  it('b: the signature value is over TBS_Sign', async () => {
    const signer = { ...pki.seal.signer, sign: () => pki.seal.signer.sign(utf8('other'), 'der') };
    assert.deepEqual(await bent({ ses: { signer } }), ['TOTAL-FAILED SIG_CRYPTO_FAILURE', 'signature-invalid']);
  });

  it('c: the certificate of the signer is one of the seal', async () => {
    const change = await sealed({ certificates: [pki.licence.certificate.der] });
    assert.deepEqual(await bent(change), ['TOTAL-FAILED FORMAT_FAILURE', 'seal-certificate-not-listed']);
    const digests = await sealed({
      certificates: [],
      certificateDigests: [{ algorithm: 'SM3', value: new Uint8Array(32) }],
    });
    assert.deepEqual(await bent(digests), ['TOTAL-FAILED FORMAT_FAILURE', 'seal-certificate-not-listed']);
  });

  it('d: the maker signed the seal, and his certificate is that of a seal maker whom we trust', async () => {
    const forged = await sealed({}, { ...pki.maker, signer: pki.seal.signer });
    assert.deepEqual(await bent(forged), ['TOTAL-FAILED SIG_CRYPTO_FAILURE', 'seal-maker-signature-wrong']);
    const noMaker = await bent(await sealed({}, pki.seal));
    assert.equal(noMaker[1], 'seal-maker-not-trusted');
    assert.notEqual(noMaker[0], 'TOTAL-PASSED null');
    const stranger = await bent({}, { anchors: { 'seal-maker': [] } });
    assert.deepEqual(stranger, ['INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND', 'seal-maker-not-trusted']);
  });

  it('d: since version 5 a maker whose certificate ended later is told of, and before it a fault', async () => {
    const signer = memorySigner('seal-maker', 'SM2');
    const short = {
      ...sealOrder(pki.ca, signer.spki),
      profile: 'seal-maker' as const,
      notAfter: moment('2026-05-01T00:00:00Z'),
    };
    const maker = { signer, certificate: await issued(short) };
    const five = await judged(await signedOfd(pki, source, await sealed({}, maker)));
    assert.equal(five.verdict, 'TOTAL-PASSED null');
    assert.ok(five.reports[0]?.findings.some(({ code }) => code === 'seal-maker-expired-since'));
    const four = await bent(await sealed({ version: 4 }, maker));
    assert.deepEqual(four, ['INDETERMINATE OUT_OF_BOUNDS_NO_POE', 'seal-maker-not-trusted']);
  });

  it('d: a maker that was revoked since is told of when a time stamp proves the seal older, for whoever has its key dates back', async () => {
    const stamped = addSeconds(moment('2026-02-01T00:00:00Z'), 3600);
    const seal = await madeSeal(pki, {}, pki.maker, async (value) =>
      stamp(pki, digest('SHA-256', value), { genTime: stamped }),
    );
    const proven = { seal, ses: { sealDer: seal } };
    const timestamp = async (value: Uint8Array) => stamp(pki, digest('SHA-256', value));
    const on = (when: Date) => ({ revoked: { certificate: pki.maker.certificate, at: when } });
    const after = on(addSeconds(stamped, 3600));
    const noProof = ['INDETERMINATE REVOKED_NO_POE', 'seal-maker-not-trusted'];
    assert.deepEqual(await bent({}, after), noProof);
    assert.deepEqual(
      await bent({ ses: { timestamp } }, after),
      noProof,
      'the signature is younger than the revocation',
    );
    assert.deepEqual(await bent({ ses: { timestamp } }, on(addSeconds(at, 3600))), ['TOTAL-PASSED null']);
    const told = await judged(await signedOfd(pki, source, proven), after);
    assert.equal(told.verdict, 'TOTAL-PASSED null');
    assert.ok(told.reports[0]?.findings.some(({ code }) => code === 'seal-maker-revoked-since'));
    assert.deepEqual(await bent(proven, on(addSeconds(stamped, -60))), noProof, 'the time stamp is younger than it');
    const before = await bent(proven, on(moment('2026-01-15T00:00:00Z')));
    assert.deepEqual(before, ['TOTAL-FAILED REVOKED', 'seal-maker-not-trusted']);
  });

  it('e: the certificate of the signer leads to an anchor', async () => {
    assert.deepEqual(await bent({}, { anchors: { seal: [] } }), [
      'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND',
      'no-path',
    ]);
  });

  it('f: the claimed time lies within the certificate of the signer and is not in the future', async () => {
    const seal = await sealed({
      validFrom: moment('2025-01-01T00:00:00Z'),
      validUntil: moment('2029-01-01T00:00:00Z'),
    });
    const early = await bent({ ...seal, ses: { ...seal.ses, signedAt: moment('2025-06-01T00:00:00Z') } });
    assert.deepEqual(early, ['TOTAL-FAILED NOT_YET_VALID', 'signed-outside-certificate']);
    const late = await bent({ ...seal, ses: { ...seal.ses, signedAt: moment('2028-06-01T00:00:00Z') } });
    assert.deepEqual(late, ['TOTAL-FAILED EXPIRED', 'signed-outside-certificate', 'signing-time-future']);
  });

  it('g: the digest is that of Signature.xml, and the signature was made for its place', async () => {
    assert.deepEqual(await bent({ ses: { dataHash: new Uint8Array(32) } }), [
      'TOTAL-FAILED HASH_FAILURE',
      'digest-mismatch',
    ]);
    assert.deepEqual(await bent({ ses: { path: '/Doc_0/Signs/Sign_7/Signature.xml' } }), [
      'TOTAL-FAILED FORMAT_FAILURE',
      'ses-property-wrong',
    ]);
    const properties = '{"doc.DocID":"1";"ofd.Sign":"/Doc_0/Signs/Sign_0/Signature.xml"}';
    assert.deepEqual(await bent({ ses: { path: properties } }), ['TOTAL-PASSED null']);
  });

  it('h: the seal was valid at the signing time, and is still while nothing proves that time', async () => {
    const day = moment('2026-05-01T00:00:00Z');
    assert.deepEqual(await bent(await sealed({ validUntil: day })), ['TOTAL-FAILED EXPIRED', 'seal-expired']);
    assert.deepEqual(await bent(await sealed({ validFrom: moment('2026-07-01T00:00:00Z') })), [
      'TOTAL-FAILED NOT_YET_VALID',
      'seal-not-yet-valid',
    ]);
    const before = await sealed({ validUntil: day });
    const claimed = await bent({ ...before, ses: { ...before.ses, signedAt: moment('2026-04-01T00:00:00Z') } });
    assert.deepEqual(claimed, ['INDETERMINATE OUT_OF_BOUNDS_NO_POE', 'seal-expired-since']);
  });

  it('i: a time stamp is over the signature value', async () => {
    const damaged = await bent({ ses: { timestamp: async () => utf8('no token') } });
    assert.deepEqual(damaged, ['TOTAL-FAILED FORMAT_FAILURE', 'time-stamp-invalid']);
    const other = await bent({ ses: { timestamp: async () => stamp(pki, digest('SHA-256', utf8('other'))) } });
    assert.deepEqual(other, ['TOTAL-FAILED FORMAT_FAILURE', 'time-stamp-invalid']);
  });

  it('i: its authority is trusted, else the time stays claimed', async () => {
    const timestamp = async (value: Uint8Array) => stamp(pki, digest('SHA-256', value));
    const good = await judged(await signedOfd(pki, source, { ses: { timestamp } }));
    assert.deepEqual([good.verdict, good.reports[0]?.timeSource], ['TOTAL-PASSED null', 'time-stamp']);
    const stranger = { anchors: { 'time-stamp': [] } };
    const claimed = await judged(await signedOfd(pki, source, { ses: { timestamp } }), stranger);
    assert.deepEqual([claimed.errors, claimed.reports[0]?.timeSource], [['time-stamp-not-trusted'], 'claimed']);
  });

  it('i: no time stamp is older than the claimed time', async () => {
    const timestamp = async (value: Uint8Array) =>
      stamp(pki, digest('SHA-256', value), { genTime: addSeconds(at, -3600) });
    assert.deepEqual(await bent({ ses: { timestamp } }), [
      'INDETERMINATE TIMESTAMP_ORDER_FAILURE',
      'time-stamp-before-signing',
    ]);
  });

  it('d.f: the time stamp of a seal is over the value of its maker, not older than the seal, and of a trusted authority', async () => {
    const made = addSeconds(moment('2026-02-01T00:00:00Z'), 60);
    const stampedSeal = async (genTime: Date, over?: Uint8Array) => {
      const seal = await madeSeal(pki, {}, pki.maker, async (value) =>
        stamp(pki, digest('SHA-256', over ?? value), { genTime }),
      );
      return { seal, ses: { sealDer: seal } };
    };
    const good = await stampedSeal(made);
    assert.deepEqual(await bent(good), ['TOTAL-PASSED null']);
    assert.deepEqual(await bent(await stampedSeal(made, utf8('other'))), [
      'TOTAL-FAILED FORMAT_FAILURE',
      'seal-time-stamp-wrong',
    ]);
    assert.deepEqual(await bent(await stampedSeal(moment('2026-01-31T00:00:00Z'))), [
      'TOTAL-FAILED TIMESTAMP_ORDER_FAILURE',
      'seal-time-stamp-wrong',
    ]);
    assert.deepEqual(await bent(good, { anchors: { 'time-stamp': [] } }), [
      'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND',
      'seal-time-stamp-not-trusted',
    ]);
    const broken = await madeSeal(pki, {}, pki.maker, async () => utf8('no token'));
    assert.deepEqual(await bent({ seal: broken, ses: { sealDer: broken } }), [
      'TOTAL-FAILED FORMAT_FAILURE',
      'seal-time-stamp-wrong',
    ]);
  });

  it('d: a maker of another system is trusted by its own certificate, at the time it made the seal', async () => {
    const stranger = await sandboxPki('SM2');
    const { signer } = stranger.seal;
    const maker = stranger.seal; // a certificate that says nothing of making seals
    const seal = await sealed({}, { signer, certificate: maker.certificate });
    const listed = { anchors: { 'seal-maker': [maker.certificate] } };
    assert.deepEqual(await bent(seal, listed), ['TOTAL-PASSED null']);
    assert.equal((await bent(seal))[1], 'seal-maker-not-trusted');
    const underItsAuthority = { anchors: { 'seal-maker': [stranger.root.certificate, stranger.ca.certificate] } };
    assert.equal((await bent(seal, underItsAuthority))[1], 'seal-maker-not-trusted');
    const early = await sealed({ createdAt: moment('2025-06-01T00:00:00Z') }, maker);
    assert.deepEqual(await bent(early, listed), ['INDETERMINATE OUT_OF_BOUNDS_NO_POE', 'seal-maker-not-trusted']);
  });

  it('says that a bare signature names nobody', async () => {
    const nobody = ['INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND', 'signer-certificate-missing'];
    for (const form of ['der', 'raw'] as const) {
      assert.deepEqual(await bent({ type: 'Sign', value: ({ signed }) => pki.seal.signer.sign(signed, form) }), nobody);
    }
  });
});

describe('GM/T 0031-2014: a signature of version 1, written by its grammar', function () {
  const signedBy1 = async (change: Parameters<typeof version1Signature>[2] = {}) => {
    const seal = change.seal ?? (await version1Seal(pki));
    return signedOfd(pki, source, { seal, value: (update) => version1Signature(pki, update, { seal, ...change }) });
  };

  it('passes, with its time in any of the forms that makers wrote', async () => {
    for (const timeInfo of [
      certificateTime(at),
      generalizedTime(at),
      utf8('20260601000000Z'),
      utf8('20260601000000'),
    ]) {
      const { verdict, errors, reports } = await judged(await signedBy1({ timeInfo }));
      assert.deepEqual([verdict, errors, reports[0]?.format], ['TOTAL-PASSED null', [], 'SES V1']);
      assert.equal(reports[0]?.signingTime, at.toISOString());
    }
    const { verdict, reports } = await judged(await signedBy1({ timeInfo: utf8('?') }));
    assert.deepEqual([verdict, reports[0]?.timeSource], ['TOTAL-PASSED null', 'claimed']);
  });

  it('fails when a bit of what is signed is another, or the seal has expired', async () => {
    const file = await signedBy1();
    const der = filesOf(file)[value] as Uint8Array;
    for (const [code, needle] of [
      ['signature-invalid', digest('SM3', filesOf(file)[description] as Uint8Array)],
      ['seal-maker-signature-wrong', utf8('测试市行政审批局')],
    ] as const) {
      const place = Buffer.from(der).indexOf(needle) + needle.length - 1;
      assert.ok(place > 0, code);
      const damaged = der.with(place, (der[place] ?? 0) ^ 1);
      const errors = await told(zip({ ...filesOf(file), [value]: damaged }));
      assert.ok(errors.includes(code), errors.join());
      assert.notEqual(errors[0], 'TOTAL-PASSED null');
    }
    const old = await version1Seal(pki, { validUntil: moment('2026-05-01T00:00:00Z') });
    assert.deepEqual(await told(await signedBy1({ seal: old })), ['TOTAL-FAILED EXPIRED', 'seal-expired']);
  });
});

describe('GB/T 33190 clause 18: what was done to a signed package', function () {
  const changed = async (change: (files: Files) => Files) => told(zip(change(filesOf(good))));
  const replaced = (name: string, from: string, to: string) => (files: Files) => {
    const text = fromUtf8(files[name] as Uint8Array) ?? '';
    assert.ok(text.includes(from), `${name} holds ${from}`);
    return { ...files, [name]: text.replace(from, to) };
  };

  const attacks: readonly (readonly [string, (files: Files) => Files, readonly string[]])[] = [
    [
      'a page is changed',
      replaced('Doc_0/Pages/Page_0/Content.xml', '印信', '信印'),
      ['TOTAL-FAILED HASH_FAILURE', 'digest-mismatch'],
    ],
    [
      'a page is removed',
      (files) => without(files, 'Doc_0/Pages/Page_1/Content.xml'),
      ['TOTAL-FAILED FORMAT_FAILURE', 'malformed-ofd'],
    ],
    [
      'OFD.xml is changed',
      replaced('OFD.xml', 'DocType="OFD"', 'DocType="OFD" '),
      ['TOTAL-FAILED HASH_FAILURE', 'digest-mismatch'],
    ],
    [
      'a file is added',
      (files) => ({ ...files, 'Doc_0/Annots/Annotations.xml': '<x/>' }),
      ['INDETERMINATE SIG_CONSTRAINTS_FAILURE', 'package-not-covered'],
    ],
    [
      'Signature.xml is changed',
      replaced(description, 'Boundary="100 ', 'Boundary="10 '),
      ['TOTAL-FAILED HASH_FAILURE', 'digest-mismatch'],
    ],
    [
      'a reference is taken out',
      (files) => ({
        ...files,
        [description]: (fromUtf8(files[description] as Uint8Array) ?? '').replace(
          /<ofd:Reference .*?<\/ofd:Reference>/,
          '',
        ),
      }),
      ['TOTAL-FAILED HASH_FAILURE', 'digest-mismatch', 'package-not-covered'],
    ],
    [
      'the seal is another',
      (files) => ({ ...files, 'Doc_0/Signs/Sign_0/Seal.esl': utf8('seal') }),
      ['TOTAL-FAILED HASH_FAILURE', 'digest-mismatch', 'seal-file-differs'],
    ],
    [
      'the signature is taken off the list',
      replaced('Doc_0/Signs/Signatures.xml', '<ofd:Signature ID', '<ofd:Other ID'),
      ['TOTAL-FAILED FORMAT_FAILURE', 'signature-hidden'],
    ],
    [
      'the value is missing',
      (files) => without(files, value),
      ['TOTAL-FAILED FORMAT_FAILURE', 'signature-value-missing'],
    ],
    [
      'a signature is listed that is none',
      replaced(
        'Doc_0/Signs/Signatures.xml',
        '</ofd:Signatures>',
        '<ofd:Signature ID="9" BaseLoc="/OFD.xml"/></ofd:Signatures>',
      ),
      ['TOTAL-FAILED FORMAT_FAILURE', 'malformed-ofd'],
    ],
    [
      'the signature is listed twice',
      replaced(
        'Doc_0/Signs/Signatures.xml',
        '</ofd:Signatures>',
        `<ofd:Signature ID="9" BaseLoc="/${description}"/></ofd:Signatures>`,
      ),
      ['TOTAL-FAILED FORMAT_FAILURE', 'malformed-ofd'],
    ],
    [
      'the list has an entity',
      replaced(
        'Doc_0/Signs/Signatures.xml',
        '<ofd:Signatures',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ofd:Signatures',
      ),
      ['TOTAL-FAILED FORMAT_FAILURE', 'malformed-ofd'],
    ],
  ];
  for (const [what, change, expected] of attacks) {
    it(`tells when ${what}`, async () => assert.deepEqual(await changed(change), expected));
  }

  it('tells of data in front of the package', async () => {
    const { findings, verdict } = await judged(Uint8Array.from([...utf8('KingGrid'), ...good]));
    assert.deepEqual([findings.map(({ code }) => code), verdict], [['package-prefix'], 'TOTAL-PASSED null']);
  });

  it('calls nothing part of another signature that is none, whatever that one names its own', async () => {
    const first = zip({ ...filesOf(good), 'Doc_0/Pages/Page_0/Late.xml': '<x/>' });
    const { signer, certificate } = pki.seal;
    const order = { signer, certificate, chain: [], digestAlgorithm: 'SM3', family: 'gbt35275' } as const;
    const own = '<ofd:Seal><ofd:BaseLoc>/Doc_0/Pages/Page_0/Late.xml</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>';
    const plain = filesOf(await signedOfd(pki, first, { type: 'Sign', value: async () => new Uint8Array(1) }));
    const second = 'Doc_0/Signs/Sign_1/';
    const signed = utf8(
      (fromUtf8(plain[`${second}Signature.xml`] as Uint8Array) ?? '')
        .replace(/<ofd:Seal>.*<\/ofd:Seal>/, '')
        .replace('</ofd:SignedInfo>', own),
    );
    const cms = await buildSignedData({ ...order, contentDigest: digest('SM3', signed) });
    const files = { ...plain, [`${second}Signature.xml`]: signed, [`${second}SignedValue.dat`]: cms };
    const { reports } = await judged(zip(without(files, `${second}Seal.esl`)));
    assert.deepEqual([reports[0]?.coverage, reports[0]?.subIndication], ['partial', 'SIG_CONSTRAINTS_FAILURE']);
    assert.ok(reports[0]?.changes.some(({ kind, object }) => kind === 'uncovered' && object?.endsWith('Late.xml')));
  });

  it('reads no signature value that is longer than any', async () => {
    assert.deepEqual(await changed((files) => ({ ...files, [value]: new Uint8Array(9 * 1024 * 1024).fill(0x30) })), [
      'TOTAL-FAILED FORMAT_FAILURE',
      'unsupported-ofd',
    ]);
  });

  it('accepts no digest that proves nothing, and no signature that protects nothing', async () => {
    const md5 = { checkMethodOid: 'MD5', digest: (content: Uint8Array) => content.subarray(0, 16) };
    assert.deepEqual(await bent(md5), ['INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE', 'weak-algorithm']);
    const odd = { checkMethodOid: '1.2.3.4' };
    assert.deepEqual((await bent(odd)).slice(0, 2), [
      'INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE',
      'algorithm-not-supported',
    ]);
    for (const name of ['SM3', 'sm3', '1.2.156.10197.1.401.2'])
      assert.deepEqual(await bent({ checkMethodOid: name }), ['TOTAL-PASSED null']);
    const nothing = await told(zip(emptied(filesOf(good))));
    assert.ok(nothing.includes('references-missing'));
  });

  it('tells of a stamp on a page that is not there', async () => {
    const boundary = { xMm: 1, yMm: 1, widthMm: 42, heightMm: 42 };
    assert.deepEqual(await bent({ stamps: [{ pageId: '77', boundary }] }), ['TOTAL-PASSED null', 'stamp-page-unknown']);
  });

  it('says that an unsigned OFD is none, and refuses what is no OFD', async () => {
    assert.deepEqual(await told(source), ['INDETERMINATE SIGNED_DATA_NOT_FOUND', 'no-signature']);
    await assert.rejects(told(zip({ 'a.xml': '<a/>' })), { code: 'malformed-ofd' });
  });
});

function without(files: Files, name: string): Files {
  return Object.fromEntries(Object.entries(files).filter(([other]) => other !== name));
}

function emptied(files: Files): Files {
  const text = fromUtf8(files[description] as Uint8Array) ?? '';
  return { ...files, [description]: text.replace(/<ofd:Reference .*<\/ofd:Reference>/, '') };
}

describe('files of other makers (shared data)', function () {
  it('reads ofdrw-v4-seal-expired.ofd: digests and signature are right, seal and certificates are past their dates', async function () {
    const bytes = needSharedData(this, 'seal/ofdrw-v4-seal-expired.ofd');
    const { verdict, reports, errors } = await judged(bytes, { now: moment('2026-11-22T00:00:00Z') });
    const [report] = reports;
    assert.equal(verdict, 'TOTAL-FAILED EXPIRED');
    assert.deepEqual([report?.intact, report?.valid, report?.trusted], [true, true, false]);
    assert.deepEqual(
      [report?.format, report?.coverage, report?.signingTime],
      ['SES V4', 'whole-file', '2026-08-04T02:08:09.000Z'],
    );
    assert.deepEqual(errors, ['seal-maker-not-trusted', 'seal-expired', 'no-path', 'signed-outside-certificate']);
  });

  it('signs it once more without changing an octet of its entries', async function () {
    const bytes = needSharedData(this, 'seal/ofdrw-v4-seal-expired.ofd');
    const twice = await signedOfd(pki, bytes);
    const { reports } = await judged(twice, { now: moment('2026-11-22T00:00:00Z') });
    assert.deepEqual(
      reports.map(({ indication, intact, coverage }) => [indication, intact, coverage]),
      [
        ['TOTAL-FAILED', true, 'revision'],
        ['TOTAL-PASSED', true, 'whole-file'],
      ],
    );
  });
});

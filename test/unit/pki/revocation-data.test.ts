// Revocation data that travels with signatures: read where it stands, within limits, and worth nothing without the right signature.

import assert from 'node:assert/strict';
import * as write from '../../../src/codec/der-write.ts';
import { readDer } from '../../../src/codec/der.ts';
import { cmsOids } from '../../../src/codec/oids.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import { embeddedRevocation, readEmbeddedRevocation } from '../../../src/pki/embedded-revocation.ts';
import { noRevocationData, readRevocationArchive } from '../../../src/pki/revocation-data.ts';
import { authority, forge, forgeCrl, name, usage } from './forge.ts';
import { at } from './sandbox-pki.ts';

const caName = name('CN=CA');
const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });
const ca = await forge({ subject: caName, issuer: root, serial: 2, extensions: [authority(), usage(5, 6)] });
const leaf = await forge({ subject: name('CN=Leaf'), issuer: ca, serial: 3 });
const above = [ca.certificate, root.certificate];

describe('ISO 32000-2, 12.8.3.3.2: adbe-revocationInfoArchival', () => {
  const attribute = (value: Uint8Array) => ({ type: cmsOids.revocationInfoArchival, values: [readDer(value)] });
  const [crl, response] = [write.sequence(), write.sequence(write.nullValue())];

  it('holds CRLs and OCSP responses, either or both', () => {
    const both = write.sequence(write.context(0, write.sequence(crl)), write.context(1, write.sequence(response)));
    assert.deepEqual(readRevocationArchive([attribute(both)]), { crls: [crl], ocspResponses: [response] });
    const one = write.sequence(write.context(1, write.sequence(response, response)));
    assert.deepEqual(readRevocationArchive([attribute(one)]), { crls: [], ocspResponses: [response, response] });
  });

  it('holds nothing when it is broken, and other attributes are none of its business', () => {
    const broken = [
      write.nullValue(),
      write.sequence(write.context(0, crl, crl)),
      write.sequence(write.context(0, write.sequence(write.integer(1)))),
    ];
    for (const value of broken) assert.deepEqual(readRevocationArchive([attribute(value)]), noRevocationData);
    assert.deepEqual(
      readRevocationArchive([{ type: '1.2.3', values: [readDer(write.nullValue())] }]),
      noRevocationData,
    );
  });
});

describe('revocation data from strangers', () => {
  it('is read within limits, and what is left out is counted', async () => {
    const { der } = await forgeCrl({ issuer: ca });
    const many = readEmbeddedRevocation({ crls: Array.from({ length: 50 }, () => der), ocspResponses: [] });
    assert.deepEqual([many.crls.length, many.leftOut], [40, 10]);
    const long = new Uint8Array(16 * 1024 * 1024 + 1);
    const mixed = readEmbeddedRevocation({
      crls: [long, der, Uint8Array.of(0x30)],
      ocspResponses: [new Uint8Array(4)],
    });
    assert.deepEqual([mixed.crls.length, mixed.responses.length, mixed.leftOut], [1, 0, 3]);
  });

  it('tells the status when the issuer has signed it and it is in force, and nothing otherwise', async () => {
    const told = async (draft: Parameters<typeof forgeCrl>[0]) => {
      const part = readEmbeddedRevocation({ crls: [(await forgeCrl(draft)).der], ocspResponses: [] });
      const answer = embeddedRevocation([part], { now: at, certificates: [] }).check(leaf.certificate, ca.certificate);
      return answer.status === 'unknown' ? answer.code : answer.status;
    };
    assert.equal(await told({ issuer: ca }), 'good');
    assert.equal(await told({ issuer: ca, entries: [{ serial: 3 }] }), 'revoked');
    assert.equal(await told({ issuer: { ...ca, signer: root.signer } }), 'crl-signature-wrong');
    assert.equal(await told({ issuer: ca, nextUpdate: addSeconds(at, -1) }), 'crl-out-of-date');
    assert.equal(await told({ issuer: ca, thisUpdate: addSeconds(at, 1) }), 'crl-from-future');
    assert.equal(await told({ issuer: root }), 'crl-missing');
  });

  it('cannot have the paths of ever more CRL issuers judged', async () => {
    const stranger = await forge({ subject: caName, serial: 9, extensions: [authority(), usage(6)] });
    const newKey = await forge({ subject: caName, issuer: root, serial: 4, extensions: [authority(), usage(6)] });
    const others = [stranger.certificate, newKey.certificate];
    const ofRoot = await forgeCrl({ issuer: root });
    const genuine = await forgeCrl({ issuer: newKey, thisUpdate: addSeconds(at, -600) });
    const forged = await forgeCrl({ issuer: stranger });
    const status = (count: number) => {
      const crls = [...Array.from({ length: count }, () => ({ ...forged })), { ...genuine }, ofRoot];
      const source = new CrlRevocationSource({ crls, now: at });
      return source.check(leaf.certificate, ca.certificate, { above, others, algorithms: 'current' }).status;
    };
    assert.equal(status(10), 'good');
    assert.equal(status(30), 'unknown');
  });
});

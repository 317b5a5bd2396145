// What strangers can send as a chain: loops, bags without end, changed octets, extensions full of nonsense; RFC 5280, 6 and RFC 4158, 2.4.

import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import * as write from '../../../src/codec/der-write.ts';
import { extensionOids } from '../../../src/codec/oids.ts';
import { isTrustError } from '../../../src/kernel/errors.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { CrlRevocationSource } from '../../../src/pki/crl-revocation.ts';
import { validatePath } from '../../../src/pki/path.ts';
import {
  altNames,
  authority,
  codesOf,
  extension,
  forge,
  forgeCrl,
  generalNames,
  judged,
  mappings,
  membersOf,
  name,
  nameConstraints,
  policies,
  requireExplicit,
  signed,
} from './forge.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import type { Identity } from './sandbox-pki.ts';
import { allGood, at, memorySigner } from './sandbox-pki.ts';

function withinSeconds<T>(seconds: number, work: () => T): T {
  const start = cpuMs();
  const result = work();
  const took = cpuMs() - start;
  assert.ok(took < seconds * 1000, `${took} ms`);
  return result;
}

function read(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    assert.ok(isTrustError(error, 'malformed-certificate'), String(error));
    return undefined;
  }
}

const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });

describe('RFC 4158, 2.4.2: certificates that lead in circles', () => {
  it('end in no path, at once', async () => {
    const a = await forge({ subject: name('CN=A'), extensions: [authority()] });
    const b = await forge({ subject: name('CN=B'), issuer: a, extensions: [authority()] });
    const back = await forge({ subject: name('CN=A'), issuer: b, signer: a.signer, extensions: [authority()] });
    const leaf = await forge({ subject: name('CN=Leaf'), issuer: b });
    const result = withinSeconds(10, () => judged(root, [leaf, b, back, a]));
    assert.deepEqual(codesOf(result), ['no-path']);
  });

  it('do not hide a way out', async () => {
    const a = await forge({ subject: name('CN=A'), extensions: [authority()] });
    const b = await forge({ subject: name('CN=B'), issuer: a, extensions: [authority()] });
    const back = await forge({ subject: name('CN=A'), issuer: b, signer: a.signer, extensions: [authority()] });
    const out = await forge({ subject: name('CN=A'), issuer: root, signer: a.signer, extensions: [authority()] });
    const leaf = await forge({ subject: name('CN=Leaf'), issuer: b });
    assert.equal(judged(root, [leaf, back, a, b, out]).trusted, true);
  });

  it('by the dozen, all signed by one another, are given up in bounded time', async () => {
    const signers = Array.from({ length: 10 }, () => memorySigner('issuing-ca'));
    const first = await forge({ subject: name('CN=0'), extensions: [authority()] });
    const mesh: Identity[] = [];
    for (const [from, signer] of signers.entries()) {
      const issuer = { signer, certificate: { ...first.certificate, subjectDer: name(`CN=${from}`) } };
      for (const [to, subject] of signers.entries()) {
        if (from !== to)
          mesh.push(await forge({ subject: name(`CN=${to}`), issuer, signer: subject, extensions: [authority()] }));
      }
    }
    const [anyMember] = mesh;
    const leaf = await forge({ subject: name('CN=Leaf'), ...(anyMember === undefined ? {} : { issuer: anyMember }) });
    const result = withinSeconds(30, () => judged(root, [leaf, ...mesh]));
    assert.deepEqual(codesOf(result), ['no-path', 'path-search-limit']);
  });
});

describe('a chain with one octet changed', () => {
  it('is never trusted and never an exception, wherever the octet is', async () => {
    const ca = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority(), policies('1.2.3')] });
    const leaf = await forge({ subject: name('CN=Leaf'), issuer: ca, extensions: [policies('1.2.3')] });
    const ders = [leaf.certificate.der, ca.certificate.der];
    const judge = (certificates: readonly (Certificate | undefined)[]): boolean => {
      const [first, ...intermediates] = certificates.filter((certificate) => certificate !== undefined);
      if (first === undefined || certificates[0] === undefined) return false;
      const request = { leaf: first, intermediates, anchors: [root.certificate], at, purpose: 'any' as const };
      return validatePath({ ...request, revocation: allGood }).trusted;
    };
    assert.equal(judge(ders.map(read)), true);
    fc.assert(
      fc.property(fc.nat(1), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, place, change) => {
        const changed = ders.map((der, index) => {
          const offset = place % der.length;
          return index === which ? der.with(offset, (der[offset] ?? 0) ^ change) : der;
        });
        assert.equal(judge(changed.map(read)), false);
      }),
      { numRuns: 800 },
    );
  });
});

describe('an authority that signs nonsense', () => {
  const kinds = [
    policies('1.2.3', '2.5.29.32.0'),
    mappings(['1.2.3', '1.2.4']),
    requireExplicit(1),
    altNames(generalNames.host('a.example'), generalNames.mailbox('a@b.example'), generalNames.address(1, 2, 3, 4)),
    nameConstraints({
      permitted: [generalNames.directory(name('O=x')), generalNames.uri('.example')],
      excluded: [generalNames.address(1, 2, 3, 4, 255, 255, 0, 0)],
    }),
    extension(extensionOids.inhibitAnyPolicy, write.integer(0)),
    extension(
      extensionOids.crlDistributionPoints,
      write.sequence(write.sequence(write.context(0, write.context(0, generalNames.uri('http://x.example'))))),
    ),
    authority(1),
  ];

  it('gets a report or malformed-certificate, whatever octets its extensions hold', async () => {
    const base = await forge({ subject: name('CN=CA'), issuer: root, extensions: kinds });
    const members = membersOf(base.certificate);
    const body = members[7] ?? new Uint8Array();
    const crls = [await forgeCrl({ issuer: root, entries: [{ serial: 9, reason: 1, issuer: name('CN=x') }] })];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(body.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (edits) => {
          const changed = edits.reduce((bytes, [place, octet]) => bytes.with(place, octet), body);
          const ca = read(await signed(write.sequence(...members.with(7, changed)), root.signer));
          if (ca === undefined) return;
          const revocation = new CrlRevocationSource({ crls, now: at });
          const leaf = await forge({
            subject: name('O=x', 'CN=Leaf'),
            issuer: { signer: base.signer, certificate: ca },
            extensions: [policies('1.2.4'), altNames(generalNames.uri('http://y.example/'))],
          });
          const request = { leaf: leaf.certificate, intermediates: [ca], anchors: [root.certificate], at, revocation };
          const result = withinSeconds(10, () => validatePath({ ...request, purpose: 'any' }));
          assert.equal(result.trusted, result.findings.length === 0);
          for (const { code } of result.findings) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('in its CRLs gets an answer that is not "good" for what it revoked, or malformed-certificate', async () => {
    const leaf = await forge({ subject: name('CN=Leaf'), issuer: root, serial: 9 });
    const crl = await forgeCrl({ issuer: root, entries: [{ serial: 9, reason: 1 }] });
    fc.assert(
      fc.property(fc.nat(crl.der.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        let changed: ReturnType<typeof parseCrl>;
        try {
          changed = parseCrl(crl.der.with(place, (crl.der[place] ?? 0) ^ change));
        } catch (error) {
          assert.ok(isTrustError(error, 'malformed-certificate'), String(error));
          return;
        }
        const source = new CrlRevocationSource({ crls: [changed], now: at });
        assert.equal(source.check(leaf.certificate, root.certificate).status, 'unknown');
      }),
      { numRuns: 600 },
    );
  });
});

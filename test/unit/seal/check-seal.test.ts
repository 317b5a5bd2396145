// Proves the check of a seal before it acts: each step of the standard fails on its own, with its code.

import assert from 'node:assert/strict';
import { sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { addSeconds, moment } from '../../../src/kernel/clock.ts';
import { checkSeal, type SealCheck } from '../../../src/seal/ses/check-seal.ts';
import { faceExtension } from '../../../src/seal/ses/face-extension.ts';
import type { SesSealInfo } from '../../../src/seal/ses/ses-seal.ts';
import { madeSeal, sealInfo } from '../../support/ofd-signing.ts';
import { allGood, at, type Identity, issued, memorySigner, sandboxPki, sealOrder } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki('SM2');
const face = utf8('outlines');
const bound = { extensions: [faceExtension(face)] };

async function codes(
  { info = {}, maker = pki.maker }: { info?: Partial<SesSealInfo>; maker?: Identity } = {},
  change: Partial<SealCheck> = {},
): Promise<string[]> {
  const findings = checkSeal({
    sesSeal: await madeSeal(pki, { ...bound, ...info }, maker),
    face,
    sealCode: sealInfo(pki).esId,
    signerCertificate: pki.seal.certificate.der,
    at,
    anchors: [pki.root.certificate],
    intermediates: [pki.ca.certificate],
    revocation: allGood,
    ...change,
  });
  return findings.map(({ code }) => code);
}

/** A maker whose certificate ended before `at`, after the seals were made. */
async function pastMaker(): Promise<Identity> {
  const signer = memorySigner('seal-maker', 'SM2');
  const notAfter = moment('2026-05-01T00:00:00Z');
  return {
    signer,
    certificate: await issued({ ...sealOrder(pki.ca, signer.spki), profile: 'seal-maker', notAfter }),
  };
}

describe('GM/T 0031-2025, 6.1.2: a seal may act', () => {
  it('when every step is good, in version 4 and 5, up to its last moment', async () => {
    assert.deepEqual(await codes(), []);
    assert.deepEqual(await codes({ info: { version: 4 } }), []);
    const { validUntil } = sealInfo(pki);
    assert.deepEqual(await codes({}, { at: addSeconds(validUntil, -1) }), []);
  });

  it('a: not when it is no SES seal', async () => {
    assert.deepEqual(await codes({}, { sesSeal: utf8('no seal') }), ['seal-malformed']);
    const whole = await madeSeal(pki, bound);
    assert.deepEqual(await codes({}, { sesSeal: whole.subarray(0, -1) }), ['seal-malformed']);
  });

  it('b: not when its maker did not sign it', async () => {
    const forged = { ...pki.maker, signer: pki.seal.signer };
    assert.deepEqual(await codes({ maker: forged }), ['seal-maker-signature-wrong']);
  });

  it('c, d: not when its maker is none, unknown, revoked, or was not valid when he made it', async () => {
    const untrusted = ['seal-maker-not-trusted'];
    assert.deepEqual(await codes({ maker: pki.seal }), untrusted);
    assert.deepEqual(await codes({}, { anchors: [] }), untrusted);
    const revoked = { status: 'revoked', revokedAt: moment('2026-01-15T00:00:00Z'), reason: 'keyCompromise' } as const;
    assert.deepEqual(await codes({}, { revocation: { check: () => revoked } }), untrusted);
    assert.deepEqual(await codes({ info: { createdAt: moment('2025-12-01T00:00:00Z') } }), untrusted);
  });

  it('d: in version 5, but not before, when his certificate ended after he made it', async () => {
    const maker = await pastMaker();
    assert.deepEqual(await codes({ maker }), []);
    assert.deepEqual(await codes({ maker, info: { version: 4 } }), ['seal-maker-not-trusted']);
  });

  it('a: not with a critical extension that nobody knows, or with other outlines than were signed', async () => {
    const unknown = { oid: '1.2.3.4', critical: true, value: utf8('x') };
    assert.deepEqual(await codes({ info: { extensions: [...bound.extensions, unknown] } }), ['seal-extension-unknown']);
    assert.deepEqual(await codes({}, { face: utf8('other outlines') }), ['seal-face-altered']);
    assert.deepEqual(await codes({ info: { extensions: [] } }), ['seal-face-altered']);
  });

  it('not under another code, nor with a certificate that it does not list', async () => {
    assert.deepEqual(await codes({}, { sealCode: '99010000000002' }), ['seal-code-wrong']);
    const { der } = pki.licence.certificate;
    assert.deepEqual(await codes({}, { signerCertificate: der }), ['seal-certificate-not-listed']);
    const digests = [{ algorithm: 'SHA-256', value: sha256(pki.seal.certificate.der) }];
    assert.deepEqual(await codes({ info: { certificates: [], certificateDigests: digests } }), []);
  });

  it('e: not before its validity and not from its end on', async () => {
    const { validFrom, validUntil } = sealInfo(pki);
    assert.deepEqual(await codes({}, { at: addSeconds(validFrom, -1) }), ['seal-not-yet-valid']);
    assert.deepEqual(await codes({}, { at: validUntil }), ['seal-expired']);
  });

  it('stops at the first step that fails', async () => {
    const forged = { ...pki.maker, signer: pki.seal.signer };
    assert.deepEqual(
      await codes({ maker: forged }, { sealCode: '1', anchors: [], at: moment('2030-01-01T00:00:00Z') }),
      ['seal-maker-signature-wrong'],
    );
  });
});

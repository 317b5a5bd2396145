// What time stamps prove of a signature, and what a damaged one leaves open; ETSI EN 319 102-1, 5.4 and 5.5.4.

import assert from 'node:assert/strict';
import * as write from '../../../src/codec/der-write.ts';
import { cmsOids } from '../../../src/codec/oids.ts';
import { digest, sha256 } from '../../../src/crypto/digest.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { addSeconds } from '../../../src/kernel/clock.ts';
import { buildSignedData } from '../../../src/pki/cms.ts';
import { noAnchors } from '../../../src/pki/trust-anchor.ts';
import { verifySignedData } from '../../../src/pki/verify-cms.ts';
import { verdictOf } from '../../../src/verification/points.ts';
import { judgeTimestamps } from '../../../src/verification/time-judge.ts';
import { attribute, type CmsParts, putTogether, takeApart } from '../pki/bent-cms.ts';
import { stamp } from '../pki/cms-samples.ts';
import { allGood, at, sandboxPki } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki();
const stranger = await sandboxPki();
const content = utf8('the signed byte ranges of a document');
const order = { contentDigest: sha256(content), digestAlgorithm: 'SHA-256', ...pki.seal, chain: [] } as const;
const signature = takeApart(await buildSignedData(order));
const over = sha256(signature.signature);
const none = { crls: [], responses: [], leftOut: 0 };
const trust = {
  anchors: { ...noAnchors, 'time-stamp': [pki.root.certificate] },
  revocation: allGood,
  past: () => allGood,
  provenAt: undefined,
  material: { certificates: [], store: none, own: none },
  certificates: [],
  findings: [],
  now: addSeconds(at, 3600),
};

/** Our signature with these tokens beside it. */
async function stamped(...tokens: Uint8Array[]): Promise<Uint8Array> {
  const unsigned = tokens.map((token) => attribute(cmsOids.signatureTimeStampToken, token));
  return putTogether({ ...signature, unsigned });
}

function judged(cms: Uint8Array) {
  const { genTime, points } = judgeTimestamps(
    verifySignedData({ cms, content: (name) => digest(name, content) }),
    trust,
  );
  const { indication, subIndication } = verdictOf(points);
  return { genTime, verdict: `${indication} ${subIndication}`, codes: points.map((point) => point.finding.code) };
}

async function bentToken(change: (parts: CmsParts) => Partial<CmsParts>): Promise<Uint8Array> {
  const parts = takeApart(await stamp(pki, over));
  return putTogether({ ...parts, ...change(parts) });
}

const passed = 'TOTAL-PASSED null';

describe('the trusted time of a signature', () => {
  it('is that of its time stamp, and of the earliest when there are several', async () => {
    const earlier = addSeconds(at, -60);
    const cms = await stamped(await stamp(pki, over), await stamp(pki, over, { genTime: earlier }));
    assert.deepEqual(judged(cms), { genTime: earlier, verdict: passed, codes: [] });
    assert.deepEqual(judged(await stamped()), { genTime: undefined, verdict: passed, codes: [] });
  });

  it('is not that of a strange authority, of the future, or from before the authority had its certificate', async () => {
    const told = { genTime: undefined, verdict: passed, codes: ['time-stamp-not-trusted'] };
    assert.deepEqual(judged(await stamped(await stamp(stranger, over))), told);
    for (const genTime of [addSeconds(trust.now, 120), addSeconds(pki.tsa.certificate.notBefore, -1)]) {
      assert.deepEqual(judged(await stamped(await stamp(pki, over, { genTime }))), told);
    }
    const soon = addSeconds(trust.now, 30);
    assert.deepEqual(judged(await stamped(await stamp(pki, over, { genTime: soon }))).genTime, soon);
  });

  it('is refused when the token is over something else or damaged: somebody touched it', async () => {
    for (const token of [
      await stamp(pki, sha256(content)),
      await bentToken(({ signature: value }) => ({ signature: value.with(10, (value[10] ?? 0) ^ 1) })),
      await bentToken(() => ({ certificates: [] })),
      write.sequence(),
    ]) {
      const { genTime, verdict, codes } = judged(await stamped(token));
      const expected = [undefined, 'TOTAL-FAILED FORMAT_FAILURE', ['time-stamp-invalid']];
      assert.deepEqual([genTime, verdict, codes], expected);
    }
  });

  it('stays open when the token uses an algorithm that is not known, as a damaged one seems to', async () => {
    const token = await bentToken(() => ({ algorithm: write.sequence(write.oid('1.2.840.10045.4.3.6')) }));
    const { genTime, verdict, codes } = judged(await stamped(token));
    const expected = [undefined, 'INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE', ['time-stamp-not-accepted']];
    assert.deepEqual([genTime, verdict, codes], expected);
  });

  it('is not proven, and nothing else, by a token of the old kind', async () => {
    const { attributes = [], ...parts } = takeApart(await stamp(pki, over));
    const old = await putTogether({ ...parts, attributes: attributes.slice(0, 2) }, pki.tsa.signer);
    const told = { genTime: undefined, verdict: passed, codes: ['time-stamp-not-accepted'] };
    assert.deepEqual(judged(await stamped(old)), told);
  });
});

describe('a content time stamp', () => {
  const signed = async (genTime: Date, imprint = sha256(content)) => {
    const cms = await buildSignedData({ ...order, contentTimestamp: () => stamp(pki, imprint, { genTime }) });
    const parts = takeApart(cms);
    const token = await stamp(pki, sha256(parts.signature));
    return putTogether({ ...parts, unsigned: [attribute(cmsOids.signatureTimeStampToken, token)] });
  };

  it('is older than the time stamp of the signature', async () => {
    assert.deepEqual(judged(await signed(addSeconds(at, -5))), { genTime: at, verdict: passed, codes: [] });
    const { verdict, codes } = judged(await signed(addSeconds(at, 5)));
    assert.deepEqual([verdict, codes], ['INDETERMINATE TIMESTAMP_ORDER_FAILURE', ['time-stamps-out-of-order']]);
  });

  it('over another content is told and proves nothing', async () => {
    const { genTime, verdict, codes } = judged(await signed(at, sha256(utf8('other'))));
    assert.deepEqual([genTime, verdict, codes], [at, passed, ['content-time-stamp-invalid']]);
  });
});

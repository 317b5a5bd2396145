// Policies of a path; RFC 5280, 6.1, and RFC 9618 for their cost.

import assert from 'node:assert/strict';
import { authority, codesOf, forge, judged, mappings, name, policies, requireExplicit } from './forge.ts';
import { cpuMs } from '../../support/cpu-time.ts';
import type { Identity } from './sandbox-pki.ts';

const [gold, silver, bronze] = ['1.2.3.1', '1.2.3.2', '1.2.3.3'];
const anyPolicy = '2.5.29.32.0';

const root = await forge({ subject: name('CN=Root'), extensions: [authority()] });

/** A CA under the root with these extensions, and a leaf with those. */
async function path(above: readonly Uint8Array[], below: readonly Uint8Array[]): Promise<Identity[]> {
  const ca = await forge({ subject: name('CN=CA'), issuer: root, extensions: [authority(), ...above] });
  const leaf = await forge({ subject: name('CN=Leaf'), issuer: ca, extensions: below });
  return [leaf, ca];
}

describe('RFC 5280, 6.1: policies of a path', () => {
  it('are those that every certificate names', async () => {
    const chain = await path([policies(gold, silver)], [policies(silver, bronze)]);
    assert.deepEqual(judged(root, chain).policies, [silver]);
    assert.deepEqual(judged(root, chain, { policies: { initial: [silver], explicit: true } }).policies, [silver]);
    const other = judged(root, chain, { policies: { initial: [gold], explicit: true } });
    assert.deepEqual([other.trusted, codesOf(other)], [false, ['policy-missing']]);
  });

  it('are missing without being demanded, and the path is good all the same', async () => {
    const chain = await path([policies(gold)], [policies(silver)]);
    assert.deepEqual([judged(root, chain).trusted, judged(root, chain).policies], [true, []]);
    assert.deepEqual(codesOf(judged(root, chain, { policies: { explicit: true } })), ['policy-missing']);
  });

  it('are demanded by requireExplicitPolicy of an authority above (6.1.4 (i))', async () => {
    assert.deepEqual(codesOf(judged(root, await path([policies(gold), requireExplicit(0)], [policies(silver)]))), [
      'policy-missing',
    ]);
    assert.equal(judged(root, await path([policies(gold), requireExplicit(0)], [policies(gold)])).trusted, true);
    assert.equal(judged(root, await path([policies(gold), requireExplicit(2)], [])).trusted, true);
  });

  it('pass through anyPolicy unless it is inhibited (6.1.3 (d) (2))', async () => {
    const chain = await path([policies(anyPolicy)], [policies(gold)]);
    const demand = { initial: [gold], explicit: true };
    assert.deepEqual(judged(root, chain, { policies: demand }).policies, [gold]);
    assert.equal(judged(root, chain, { policies: { ...demand, inhibitAny: true } }).trusted, false);
    assert.deepEqual(judged(root, await path([policies(anyPolicy)], [policies(anyPolicy)])).policies, [anyPolicy]);
  });

  it('are told in the words of the first authority when they are mapped, unless mapping is inhibited (6.1.4 (b))', async () => {
    const chain = await path([policies(gold), mappings([gold, silver])], [policies(silver)]);
    assert.deepEqual(judged(root, chain, { policies: { explicit: true } }).policies, [gold]);
    const inhibited = judged(root, chain, { policies: { explicit: true, inhibitMapping: true } });
    assert.deepEqual(codesOf(inhibited), ['policy-missing']);
  });

  it('are never mapped to or from anyPolicy (6.1.4 (a))', async () => {
    for (const pair of [
      [anyPolicy, gold],
      [gold, anyPolicy],
    ] as const) {
      const result = judged(root, await path([policies(gold), mappings(pair)], [policies(gold)]));
      assert.deepEqual([result.trusted, codesOf(result)], [false, ['policy-mapping-any']]);
    }
  });

  it('cost little where the tree of RFC 5280 would have 20 to the power of 8 nodes (RFC 9618, 3)', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `1.2.3.${index + 1}`);
    const everyToEvery = names.flatMap((from) => names.map((to) => [from, to] as const));
    let issuer = root;
    const chain: Identity[] = [];
    for (let depth = 0; depth < 8; depth++) {
      const extensions = [authority(), policies(...names), mappings(...everyToEvery)];
      issuer = await forge({ subject: name(`CN=CA ${depth}`), issuer, extensions });
      chain.unshift(issuer);
    }
    const leaf = await forge({ subject: name('CN=Leaf'), issuer, extensions: [policies(names[0] ?? '')] });
    const start = cpuMs();
    const result = judged(root, [leaf, ...chain], { policies: { explicit: true } });
    assert.equal(result.trusted, true);
    assert.equal(result.policies.length, 20);
    assert.ok(cpuMs() - start < 20_000, `${cpuMs() - start} ms`);
  });
});

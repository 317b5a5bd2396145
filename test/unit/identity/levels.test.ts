// Real-name levels, the strength of logins and what clients may ask about acr; OpenID Connect Core 5.5.1.1, RFC 8176, RFC 9470.

import assert from 'node:assert/strict';
import {
  acrOf,
  acrWish,
  answeredLevel,
  floorOfClient,
  levelOfAcr,
  strengthOf,
} from '../../../src/identity/levels/levels.ts';

const rn = (level: number): string => `urn:yinxin:rn:${level}`;
const essential = (request: object): { claims: string } => ({
  claims: JSON.stringify({ id_token: { acr: { essential: true, ...request } } }),
});

describe('RFC 8176: what a login’s strength allows', () => {
  it('lets one factor stand for level 3, two for 4, and a hardware key with a second factor for 5', () => {
    assert.equal(strengthOf([]), 0);
    assert.equal(strengthOf(['pwd']), 3);
    assert.equal(strengthOf(['pwd', 'pin']), 3, 'two secrets are one factor');
    assert.equal(strengthOf(['pwd', 'sms']), 4);
    assert.equal(strengthOf(['face', 'pwd']), 4);
    assert.equal(strengthOf(['hwk']), 3);
    assert.equal(strengthOf(['hwk', 'pin']), 5);
    assert.equal(strengthOf(['swk', 'user', 'mfa']), 5, 'a passkey that checked its holder is two');
    assert.equal(strengthOf(['otp', 'mfa']), 4);
  });

  it('spells a level as acr and reads nothing else as one', () => {
    assert.equal(acrOf(0), undefined);
    assert.equal(acrOf(4), rn(4));
    for (const text of ['urn:yinxin:rn:0', 'urn:yinxin:rn:6', 'urn:yinxin:rn:04', '4', undefined, 4]) {
      assert.equal(levelOfAcr(text), 0);
    }
  });
});

describe('OpenID Connect Core 5.5.1.1: requesting acr', () => {
  it('takes the lowest of acr_values as floor and ignores values that are not ours', () => {
    assert.equal(acrWish({ acr_values: `${rn(4)} ${rn(2)} phr` }, 0).floor, 2);
    assert.equal(acrWish({ acr_values: 'phr' }, 0).floor, 0);
    assert.equal(acrWish({}, 0).floor, 0);
  });

  it('takes an essential claim as a duty, and one that names nothing of ours as unattainable', () => {
    assert.equal(acrWish(essential({ value: rn(3) }), 0).floor, 3);
    assert.equal(acrWish(essential({ values: [rn(5), rn(2)] }), 0).floor, 2);
    assert.equal(acrWish({ ...essential({ values: [rn(2)] }), acr_values: rn(3) }, 0).floor, 3);
    assert.equal(acrWish(essential({ value: 'phr' }), 0).floor, Infinity);
    assert.equal(acrWish(essential({}), 0).floor, 0, 'essential without values asks for any acr');
  });

  it('answers an essential claim with a value that was asked for, and others with the level itself', () => {
    assert.equal(answeredLevel(4, acrWish(essential({ values: [rn(2), rn(3), rn(5)] }), 0)), 3);
    assert.equal(answeredLevel(4, acrWish({ acr_values: rn(2) }, 0)), 4);
  });

  it('reads a claims parameter that is no JSON, or no object, as no wish', () => {
    for (const claims of ['{', '[]', 'null', '{"id_token":null}', '{"id_token":{"acr":7}}', '{"__proto__":{}}']) {
      assert.equal(acrWish({ claims }, 0).floor, 0);
    }
  });

  it('has the client’s own floor below every wish: no request lowers it', () => {
    assert.equal(acrWish({}, 4).floor, 4);
    assert.equal(acrWish({ acr_values: rn(2) }, 4).floor, 4);
    assert.equal(acrWish({ acr_values: rn(5) }, 4).floor, 5);
    assert.equal(acrWish(essential({ values: [rn(1), rn(4)] }), 3).floor, 4, 'the duty below the floor cannot be met');
    assert.equal(acrWish(essential({ values: [rn(1)] }), 3).floor, Number.POSITIVE_INFINITY);
    assert.equal(floorOfClient({ level_floor: 4 }), 4);
    assert.equal(floorOfClient({ level_floor: '4' }), 0);
    assert.equal(floorOfClient(undefined), 0);
  });
});

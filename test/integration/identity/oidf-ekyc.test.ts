// The OpenID Foundation's modules of `ekyc-test-plan-oidccore`, by name, with openid-client; OpenID Connect for Identity Assurance 1.0.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { house } from '../../../src/kernel/principal.ts';
import type { Browser } from './browser.ts';
import { begin, callback, jsonOf, password, redeem, type Service, signInAndAgree, startService } from './service.ts';

const verification = { trust_framework: null };
const known = { name: '测试辛', idType: 'resident-id', idNumber: '990000199202140010' } as const;

describe('OpenID Foundation, ekyc-test-plan-oidccore', () => {
  let service: Service;
  let config: oidc.Configuration;
  let browser: Browser;
  let metadata: Record<string, unknown>;

  before(async () => {
    service = await startService();
    const { accounts, evidence } = service.identity;
    const { accountId } = await accounts.create({ loginName: 'proven', password, roles: [], evidence: [] }, house);
    await evidence.establish(house, accountId, {
      person: known,
      evidence: [
        { method: 'population-register', source: 'population-gateway', reference: 'R-1' },
        { method: 'face', source: 'population-gateway', reference: 'F-1' },
      ],
    });
    await accounts.create(
      {
        loginName: 'stated',
        password,
        person: known,
        roles: [],
        evidence: [{ level: 2, method: 'self-stated' }],
      },
      house,
    );
    config = await service.client('sandbox-web');
    browser = service.browser();
    metadata = await jsonOf(fetch(`${service.publicUrl}/oidc/.well-known/openid-configuration`));
  });
  after(() => service.close());

  interface Answer {
    readonly idToken: unknown;
    readonly userinfo: unknown;
  }

  /** What both places say to a request, as a person who agrees; the session goes on from test to test. */
  async function answerTo(claims: object, { loginName = 'proven', by = browser } = {}): Promise<Answer> {
    const started = await begin(config, by, { scope: 'openid', claims: JSON.stringify(claims) });
    const tokens = await redeem(config, started, await signInAndAgree(by, started.page, loginName));
    const info = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    return { idToken: tokens.claims()?.['verified_claims'], userinfo: info['verified_claims'] };
  }
  const asked = (claims: object, more: object = {}) => ({ verification: { ...verification, ...more }, claims });
  const inBoth = (request: unknown) => ({
    id_token: { verified_claims: request },
    userinfo: { verified_claims: request },
  });
  const framework = { trust_framework: 'x_cn_realname' };
  const same = (value: unknown): Answer => ({ idToken: value, userinfo: value });

  it('ekyc-server-happypath: gives a claim that discovery declares, in the ID token and by userinfo', async () => {
    const supported = metadata['claims_in_verified_claims_supported'];
    assert.deepEqual(supported, ['name', 'birthdate', 'gender', 'nationalities', 'x_resident_id']);
    const answer = await answerTo(inBoth(asked({ name: null })));
    assert.deepEqual(answer, same({ verification: framework, claims: { name: '测试辛' } }));
  });

  it('ekyc-server-happypath-emptyobject: an empty object asks as null does', async () => {
    const answer = await answerTo(inBoth(asked({ birthdate: {} })));
    assert.deepEqual(answer, same({ verification: framework, claims: { birthdate: '1992-02-14' } }));
  });

  it('ekyc-server-happypath-essentialfalse: a claim that is not essential is given', async () => {
    const answer = await answerTo(inBoth(asked({ gender: { essential: false } })));
    assert.deepEqual(answer, same({ verification: framework, claims: { gender: 'male' } }));
  });

  it('ekyc-server-unknown-claim-omitted: an unknown claim is left out', async () => {
    const answer = await answerTo(inBoth(asked({ name: null, x_unknown_4711: null })));
    assert.deepEqual(answer, same({ verification: framework, claims: { name: '测试辛' } }));
  });

  it('ekyc-server-unknown-essential-claim-omitted: an unknown essential claim is left out, without an error', async () => {
    const answer = await answerTo(inBoth(asked({ name: null, x_unknown_4711: { essential: true } })));
    assert.deepEqual(answer, same({ verification: framework, claims: { name: '测试辛' } }));
  });

  it('ekyc-server-unknown-claim-specialchars-omitted: a name of special characters is left out', async () => {
    const answer = await answerTo(inBoth(asked({ name: null, 'x "<&>% 名\u0007': null })));
    assert.deepEqual(answer, same({ verification: framework, claims: { name: '测试辛' } }));
  });

  it('ekyc-server-one-claim-with-random-value-omitted: a claim of another value is left out, the other stays', async () => {
    const answer = await answerTo(inBoth(asked({ name: { value: 'random-4711' }, gender: null })));
    assert.deepEqual(answer, same({ verification: framework, claims: { gender: 'male' } }));
    assert.deepEqual(await answerTo(inBoth(asked({ name: { value: 'random-4711' } }))), same(undefined));
  });

  it('ekyc-server-request-only-in-idtoken: userinfo says nothing', async () => {
    const { id_token } = inBoth(asked({ name: null }));
    const answer = await answerTo({ id_token });
    assert.deepEqual(answer, { idToken: { verification: framework, claims: { name: '测试辛' } }, userinfo: undefined });
  });

  it('ekyc-server-request-only-in-userinfo: the ID token says nothing', async () => {
    const { userinfo } = inBoth(asked({ name: null }));
    const answer = await answerTo({ userinfo });
    assert.deepEqual(answer, { idToken: undefined, userinfo: { verification: framework, claims: { name: '测试辛' } } });
  });

  const checks = (checkMethod: string) => [
    { type: { value: 'electronic_record' }, check_details: [{ check_method: { value: checkMethod }, txn: null }] },
  ];

  it('ekyc-server-testuserprovidedrequest: a request with evidence, time and level is answered as it asks', async () => {
    const more = { assurance_level: { value: '4' }, time: { max_age: 3600 }, evidence: checks('bvr') };
    const { idToken } = await answerTo(inBoth(asked({ name: null, x_resident_id: null }, more)));
    assert.ok(typeof idToken === 'object' && idToken !== null && 'verification' in idToken && 'claims' in idToken);
    const { time, ...rest } = { time: '', ...(idToken.verification as object) };
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
    assert.deepEqual(rest, {
      ...framework,
      assurance_level: '4',
      evidence: [{ type: 'electronic_record', check_details: [{ check_method: 'bvr', txn: 'F-1' }] }],
    });
    assert.deepEqual(idToken.claims, { name: '测试辛', x_resident_id: known.idNumber });
    const tooHigh = { assurance_level: { value: '5' } };
    assert.deepEqual(await answerTo(inBoth(asked({ name: null }, tooHigh))), same(undefined));
  });

  it('ekyc-server-testbasedonuserinfo-defaults: all that discovery declares is there when it is asked for', async () => {
    const every = Object.fromEntries(
      (metadata['claims_in_verified_claims_supported'] as string[]).map((name) => [name, null]),
    );
    const { userinfo } = await answerTo(inBoth(asked(every, { evidence: checks('data') })));
    assert.ok(typeof userinfo === 'object' && userinfo !== null && 'claims' in userinfo);
    assert.deepEqual(userinfo.claims, {
      name: '测试辛',
      birthdate: '1992-02-14',
      gender: 'male',
      nationalities: ['CHN'],
      x_resident_id: known.idNumber,
    });
  });

  it('ekyc-server-test-userinfo-notfoundinop: what discovery does not declare is answered by nothing, without an error', async () => {
    for (const more of [
      { evidence: [{ type: { value: 'vouch' } }] },
      { evidence: checks('vcrypt') },
      { trust_framework: { value: 'eidas' } },
    ]) {
      assert.deepEqual(await answerTo(inBoth(asked({ name: null }, more))), same(undefined));
    }
    assert.ok(!JSON.stringify(metadata['evidence_supported']).includes('vouch'));
  });

  it('section 5.6: a list is answered element by element, also by a form that the engine gets as an object', async () => {
    const list = [
      asked({ name: null }, { trust_framework: { value: 'eidas' } }),
      asked({ gender: null }),
      asked({ name: null }),
    ];
    const answer = await answerTo(inBoth(list));
    assert.deepEqual(
      answer,
      same([
        { verification: framework, claims: { gender: 'male' } },
        { verification: framework, claims: { name: '测试辛' } },
      ]),
    );
  });

  it('section 5.7.3: says in words what is released, asks again for more, and releases nothing that was not agreed to', async () => {
    const by = service.browser();
    const request = (claims: object) => ({ scope: 'openid', claims: JSON.stringify(inBoth(asked(claims))) });
    const first = await begin(config, by, request({ name: null }));
    const consent = await by.submit(first.page, first.page.url.slice(first.page.url.lastIndexOf('/')), {
      loginName: 'proven',
      password,
    });
    assert.match(consent.text, /经核实的姓名/);
    assert.match(consent.text, /您的身份是如何、由谁、在何时核实的/);
    assert.doesNotMatch(consent.text, /身份证号码|测试辛/);
    assert.ok((await by.submit(consent, '/consent', {})).url.startsWith(callback));
    const again = await begin(config, by, request({ name: null }));
    assert.ok(again.page.url.startsWith(callback), 'nothing new is asked for');
    const more = await begin(config, by, request({ name: null, x_resident_id: null }));
    assert.match(more.page.text, /经核实的身份证号码/);
    assert.doesNotMatch(more.page.text, /经核实的姓名/);
    const silent = await begin(config, by, { ...request({ x_resident_id: null }), prompt: 'none' });
    assert.equal(new URL(silent.page.url).searchParams.get('error'), 'consent_required');
  });

  it('what a person only says of themselves is never verified, and a sign-in that needs a level only names nobody', async () => {
    const by = service.browser();
    const answer = await answerTo(inBoth(asked({ name: null })), { loginName: 'stated', by });
    assert.deepEqual(answer, same(undefined));
    const own = service.browser();
    const level = await begin(config, own, { scope: 'openid', acr_values: 'urn:yinxin:rn:2' });
    const tokens = await redeem(config, level, await signInAndAgree(own, level.page, 'stated'));
    const info = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims()?.sub ?? '');
    assert.deepEqual(Object.keys(info), ['sub']);
    assert.doesNotMatch(JSON.stringify(tokens.claims()), /测试|99000019/);
  });

  it('lost evidence is in no answer any more, although the token is older', async () => {
    const by = service.browser();
    const { accounts, evidence } = service.identity;
    const { accountId } = await accounts.create({ loginName: 'losing', password, roles: [], evidence: [] }, house);
    const proof = { person: known, evidence: [{ method: 'population-register', source: 'gateway' }] } as const;
    await evidence.establish(house, accountId, proof);
    await evidence.establish(house, accountId, { evidence: [{ method: 'phone', source: 'sms' }] });
    const started = await begin(config, by, { scope: 'openid', claims: JSON.stringify(inBoth(asked({ name: null }))) });
    const tokens = await redeem(config, started, await signInAndAgree(by, started.page, 'losing'));
    assert.notEqual(tokens.claims()?.['verified_claims'], undefined);
    await evidence.withdraw(house, accountId, 'population-register');
    const answer = await fetch(`${service.publicUrl}/oidc/me`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    assert.doesNotMatch(await answer.text(), /测试辛/);
  });

  it('section 5.3: a malformed request ends as invalid_request at the client, before anybody is asked anything', async () => {
    for (const request of [
      { verification, claims: {} },
      { claims: { name: null } },
      { verification: {}, claims: { name: null } },
      { verification, claims: { name: { values: 'x' } } },
      [],
      'name',
    ]) {
      const started = await begin(config, service.browser(), { claims: JSON.stringify(inBoth(request)) });
      assert.ok(started.page.url.startsWith(callback), started.page.url);
      assert.equal(new URL(started.page.url).searchParams.get('error'), 'invalid_request', JSON.stringify(request));
    }
  });

  it('section 8: discovery declares the framework, the evidence and the claims', () => {
    assert.deepEqual(metadata['trust_frameworks_supported'], ['x_cn_realname']);
    assert.deepEqual(metadata['evidence_supported'], ['document', 'electronic_record']);
    assert.deepEqual(metadata['documents_supported'], ['idcard']);
    assert.ok((metadata['electronic_records_supported'] as string[]).includes('x_resident_register'));
    assert.equal(metadata['claims_parameter_supported'], true);
    assert.ok((metadata['claims_supported'] as string[]).includes('verified_claims'));
  });
});

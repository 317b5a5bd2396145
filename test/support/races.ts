// Everything that may be used once, each as a race: what a round prepares, and what every rival then sends; docs/sessions.md has the list.

import { Secret, TOTP } from 'otpauth';
import { addSeconds, systemClock } from '../../src/kernel/clock.ts';
import type { Principal } from '../../src/kernel/principal.ts';
import {
  assertion,
  authorization,
  basic,
  callback,
  cibaGrant,
  deviceGrant,
  ownClient,
  proof,
  Racer,
} from './races-client.ts';
import type { RacesHouse } from './races-house.ts';
import { systemSecret } from './client-token.ts';

export interface Answer {
  readonly status: number;
  readonly won: boolean;
}

/** What one rival sends, to the process at `url`. */
export type Rival = (url: string, number: number) => Promise<Answer>;

export interface Race {
  readonly name: string;
  /** Makes a new thing to be used once. */
  prepare(): Promise<Rival>;
}

export async function races(house: RacesHouse): Promise<Race[]> {
  return [...atTheTokenEndpoint(house), ...ofProofs(house), pushed(house), ...(await ofFactors(house)), deeds(house)];
}

type Form = Readonly<Record<string, string>>;

async function send(url: string, form: Form, headers: Form = {}): Promise<Answer & { json: Record<string, unknown> }> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
  const text = await response.text();
  const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, won: response.status < 300, json };
}

/** RFC 6749 4.1.3 and 6, RFC 8628 3.4, OpenID CIBA Core 10.1. */
function atTheTokenEndpoint({ publicUrl, services }: RacesHouse): Race[] {
  const citizen = new Racer('citizen1');
  const redeem =
    (form: Form, headers: Form = {}): Rival =>
    (url) =>
      send(`${url}/oidc/token`, form, headers);
  return [
    {
      name: 'authorization code',
      prepare: async () => redeem(await citizen.code(publicUrl, { scope: 'openid' })),
    },
    {
      name: 'refresh token',
      prepare: async () => {
        const code = await citizen.code(publicUrl, { scope: 'openid offline_access', prompt: 'consent' });
        const { json } = await send(`${publicUrl}/oidc/token`, code);
        const refreshToken = String(json['refresh_token']);
        return redeem({ grant_type: 'refresh_token', client_id: 'sandbox-web', refresh_token: refreshToken });
      },
    },
    {
      name: 'device code',
      prepare: async () => {
        const { json } = await send(`${publicUrl}/oidc/device/auth`, { client_id: 'racer-device', scope: 'openid' });
        const typed = await citizen.browser.open(`${publicUrl}/device`);
        const form = { user_code: String(json['user_code']) };
        const confirm = await citizen.browser.submit(typed, '/oidc/device', form);
        await citizen.through(await citizen.browser.submit(confirm, '/oidc/device', { confirm: 'yes' }));
        const deviceCode = String(json['device_code']);
        return redeem({ grant_type: deviceGrant, client_id: 'racer-device', device_code: deviceCode });
      },
    },
    {
      name: 'CIBA auth_req_id',
      prepare: async () => {
        const asked = { scope: 'openid', login_hint: 'citizen1', binding_message: '竞速' };
        const { json } = await send(`${publicUrl}/oidc/backchannel`, asked, basic('racer-counter'));
        const { approvals } = services.identity;
        const person = await principalOf(services, 'citizen1');
        for (const { approvalId } of await approvals.openOf(person.accountId))
          await approvals.approve(person, approvalId);
        const form = { grant_type: cibaGrant, auth_req_id: String(json['auth_req_id']) };
        return redeem(form, basic('racer-counter'));
      },
    },
  ];
}

/** The `jti` of a client assertion (RFC 7523, 3) and of a DPoP proof (RFC 9449, 11.1), at the token endpoint and at our API. */
function ofProofs({ publicUrl }: RacesHouse): Race[] {
  const issuer = `${publicUrl}/oidc`;
  const form = { grant_type: 'client_credentials', scope: 'seal.read' };
  const system = basic('sandbox-system', systemSecret);
  return [
    {
      name: 'client assertion',
      prepare: async () => {
        const asserted = {
          ...form,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertion(issuer),
        };
        return (url) => send(`${url}/oidc/token`, asserted);
      },
    },
    {
      name: 'DPoP proof, token endpoint',
      prepare: async () => {
        const dpop = await proof('POST', `${issuer}/token`);
        return (url) => send(`${url}/oidc/token`, form, { ...system, dpop });
      },
    },
    {
      name: 'DPoP proof, our API',
      prepare: async () => {
        const { json } = await send(`${issuer}/token`, form, {
          ...system,
          dpop: await proof('POST', `${issuer}/token`),
        });
        const token = String(json['access_token']);
        const path = '/api/v1/seals';
        const headers = { authorization: `DPoP ${token}`, dpop: await proof('GET', publicUrl + path, token) };
        return async (url) => {
          const response = await fetch(url + path, { headers });
          await response.arrayBuffer();
          return { status: response.status, won: response.status === 200 };
        };
      },
    },
  ];
}

/** RFC 9126, 7.3: a request_uri may be opened again, but is answered once. */
function pushed({ publicUrl }: RacesHouse): Race {
  const citizen = new Racer('citizen1');
  const clientId = 'racer-pushing';
  const address = async (): Promise<string> => {
    const { json } = await send(
      `${publicUrl}/oidc/request`,
      authorization({ client_id: clientId, scope: 'openid' }),
      basic(clientId),
    );
    const query = new URLSearchParams({ client_id: clientId, request_uri: String(json['request_uri']) });
    return `/oidc/auth?${query.toString()}`;
  };
  return {
    name: 'request_uri (PAR)',
    prepare: async () => {
      await citizen.through(await citizen.browser.open(publicUrl + (await address())));
      const path = await address();
      return async (url) => {
        const { status, headers } = await citizen.browser.request(url + path);

        const location = headers.get('location') ?? '';
        return { status, won: location.startsWith(callback) && new URL(location).searchParams.has('code') };
      };
    },
  };
}

/** Rivals at a page of a sign-in, each from a network of its own; whoever is led on has won. */
const network = (number: number): Form => ({ 'x-forwarded-for': `198.51.${number}.1` });
/** To the engine, by a page of ours; a redirect back to where the sign-in stands is none. */
const ledOn = (status: number): boolean => status === 200;

/** NIST SP 800-63B 3.1.3 (codes by SMS), RFC 6238 5.2 (a time step), 800-63B 3.1.2 (recovery codes). */
async function ofFactors({ publicUrl, services, sms }: RacesHouse): Promise<Race[]> {
  const { factors } = services.identity;
  const number = '+8613800000001';
  const clerk = await principalOf(services, 'clerk1');
  await factors.bindPhone(clerk.account, number, clerk);
  const agent = await principalOf(services, 'citizen2');
  const draft = factors.totp.draftFor(agent.account);
  const app = new TOTP({ secret: Secret.fromBase32(draft.secret) });
  await factors.addTotp(agent.account, { draft: draft.draft, code: app.generate(), label: '' }, agent);
  let texted = 0;

  /** Sign-ins of one person that have shown the password: a proof that goes through twice would lead two of them on. */
  const waiting = new Set<{ racer: Racer; path: string }>();
  const atSecondFactor = async (method: 'totp' | 'recoveryCode', code: string): Promise<Rival> => {
    while (waiting.size < 4) {
      const racer = new Racer('citizen2');
      const first = await racer.begin(publicUrl, { scope: 'openid', client_id: ownClient.clientId });
      await racer.password(first);
      waiting.add({ racer, path: new URL(first.url).pathname });
    }
    const all = [...waiting];
    return async (url, place) => {
      const one = all[place % all.length];
      if (one === undefined) throw new Error('nobody waits');
      const body = new URLSearchParams({ code });
      const headers = network(place);
      const page = `${url}${one.path}/second-factor/${method}`;
      const { status } = await one.racer.browser.request(page, { method: 'POST', body, headers });
      if (ledOn(status)) waiting.delete(one);
      return { status, won: ledOn(status) };
    };
  };
  return [
    {
      name: 'SMS code',
      prepare: async () => {
        const racer = new Racer('clerk1');
        const first = await racer.begin(publicUrl, { scope: 'openid', client_id: ownClient.clientId });
        const page = await racer.browser.open(`${first.url}/sms`);
        await racer.browser.submit(page, '/sms', { number });
        const code = /\d{6}/.exec(await sms.code(number, ++texted))?.[0] ?? '';
        const path = `${new URL(first.url).pathname}/sms/code`;
        return async (url, place) => {
          const form = { method: 'POST', body: new URLSearchParams({ code }), headers: network(place) };
          const { status } = await racer.browser.request(url + path, form);
          return { status, won: ledOn(status) };
        };
      },
    },
    {
      name: 'TOTP step',
      prepare: async () => {
        // As if the step that bound it, or the one of the last round, were long ago.
        await services.database.query({ text: "UPDATE identity.factor SET last_counter = 0 WHERE kind = 'totp'" });
        return atSecondFactor('totp', app.generate());
      },
    },
    {
      name: 'recovery code',
      prepare: async () => {
        const [code = ''] = await factors.makeRecoveryCodes(agent.account, agent);
        return atSecondFactor('recoveryCode', code);
      },
    },
  ];
}

/** A deed of two administrators: approved once. */
function deeds({ publicUrl, services }: RacesHouse): Race {
  const approver = new Racer('admin2');
  let isGiven = false;
  return {
    name: 'approval of two',
    prepare: async () => {
      const proposer = await principalOf(services, 'admin1');
      const { accountId } = await principalOf(services, 'auditor1');
      const kind = isGiven ? 'administrator.take' : 'administrator.give';
      isGiven = !isGiven;
      const { proposalId } = await services.administration.twoPerson.propose(proposer, { kind, accountId }, '竞速');
      // Approving wants a sign-in of the last five minutes (RFC 9470), and all rounds together take longer.
      const code = await approver.code(publicUrl, { scope: 'openid identity.manage', max_age: '120' });
      const { json } = await send(`${publicUrl}/oidc/token`, code);
      const headers = { authorization: `Bearer ${String(json['access_token'])}` };
      return (url) => send(`${url}/api/v1/identity-proposals/${proposalId}/approve`, {}, headers);
    },
  };
}

/** A person of the sandbox as somebody who has just signed in. */
async function principalOf({ identity }: RacesHouse['services'], loginName: string) {
  const account = await identity.accounts.findByLoginName(loginName);
  if (account === undefined) throw new Error(`no ${loginName}`);
  const { accountId, level, roles } = account;
  const principal: Principal = {
    kind: 'person',
    accountId,
    clientId: 'yinxin-pages',
    scopes: new Set(['identity.manage']),
    roles: new Set(roles),
    level,
    amr: ['pwd'],
    authenticatedAt: addSeconds(systemClock.now(), -1),
  };
  return { ...principal, accountId, account };
}

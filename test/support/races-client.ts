// The business system's side of the races: registered clients, a browser that is signed in, and JWTs by hand; RFC 6749, RFC 7523, RFC 9449.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { toBase64url } from '../../src/kernel/bytes.ts';
import { epochSeconds, randomBytes, systemClock } from '../../src/kernel/clock.ts';
import type { ClientRegistration } from '../../src/identity/clients/client-registration.ts';
import { house } from '../../src/kernel/principal.ts';
import { sandboxPassword } from '../../src/sandbox/city.ts';
import { Browser, type Page } from '../integration/identity/browser.ts';
import type { RacesHouse } from './races-house.ts';

export const callback = 'http://localhost:8765/callback';
export const secret = 'a secret of the racers';
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
export const cibaGrant = 'urn:openid:params:grant-type:ciba';
export const verifier = 'v'.repeat(43);

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { kty = '', crv = '', x = '', y = '' } = keys.publicKey.export({ format: 'jwk' });
const jwk = { kty, crv, x, y };

const base = { name: '竞速', nameEn: 'Racer', apiScopes: ['seal.read'] } as const;

/** Sends people to us, and asks about its tokens. */
export const pushingClient: ClientRegistration = {
  ...base,
  clientId: 'racer-pushing',
  kind: 'confidential',
  secret,
  redirectUris: [callback],
};

/** Asks for no consent: a proof leads its person on to the client. */
export const ownClient: ClientRegistration = { ...pushingClient, clientId: 'racer-own', firstParty: true };

export async function registerRacers({ identity: { clients } }: RacesHouse['services']): Promise<void> {
  const asserting = { authMethod: 'private_key_jwt', jwks: { keys: [jwk] } } as const;
  await clients.register({ ...base, ...asserting, clientId: 'racer-asserting', kind: 'system' }, house);
  await clients.register(pushingClient, house);
  await clients.register(ownClient, house);
  await clients.register({ ...base, clientId: 'racer-device', kind: 'public', grantTypes: [deviceGrant] }, house);
  await clients.register(
    { ...base, clientId: 'racer-counter', kind: 'confidential', secret, grantTypes: [cibaGrant] },
    house,
  );
}

export const basic = (clientId: string, its = secret): Record<string, string> => ({
  authorization: `Basic ${btoa(`${clientId}:${its.replaceAll(' ', '+')}`)}`,
});

export function authorization(more: Readonly<Record<string, string>>): Record<string, string> {
  return {
    response_type: 'code',
    redirect_uri: callback,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
}

/** An assertion of `racer-asserting`; good for one request. */
export function assertion(issuer: string): Promise<string> {
  const now = epochSeconds(systemClock.now());
  const claims = { iss: 'racer-asserting', sub: 'racer-asserting', aud: issuer, jti: unique(), iat: now };
  return new SignJWT({ ...claims, exp: now + 60 }).setProtectedHeader({ alg: 'ES256' }).sign(keys.privateKey);
}

/** A proof of possession; `accessToken` for our API. */
export function proof(method: string, url: string, accessToken?: string): Promise<string> {
  const ath = accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') };
  const claims = { jti: unique(), htm: method, htu: url, iat: epochSeconds(systemClock.now()), ...ath };
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk }).sign(keys.privateKey);
}

const unique = () => toBase64url(randomBytes(16));

/** A person of the sandbox in a browser of their own: signs in and agrees wherever a page asks for it. */
export class Racer {
  readonly browser = new Browser({ stopAt: callback });
  readonly #loginName: string;

  constructor(loginName: string) {
    this.#loginName = loginName;
  }

  /** On to the client's address, or to a page that asks for something else. */
  async through(begun: Page): Promise<Page> {
    let page = begun;
    if (page.text.includes('name="password"')) page = await this.password(page);
    return page.text.includes('/consent"') ? this.browser.submit(page, '/consent', {}) : page;
  }

  password(page: Page): Promise<Page> {
    const form = { loginName: this.#loginName, password: sandboxPassword };
    return this.browser.submit(page, new URL(page.url).pathname, form);
  }

  /** The first page of an authorization request of `sandbox-web`. */
  begin(publicUrl: string, more: Readonly<Record<string, string>>): Promise<Page> {
    const query = new URLSearchParams(authorization({ client_id: 'sandbox-web', ...more }));
    return this.browser.open(`${publicUrl}/oidc/auth?${query.toString()}`);
  }

  /** The form that redeems a fresh code of `sandbox-web`. */
  async code(publicUrl: string, more: Readonly<Record<string, string>>): Promise<Record<string, string>> {
    const page = await this.through(await this.begin(publicUrl, more));
    const code = new URL(page.url).searchParams.get('code');
    if (code === null) throw new Error(`no code at ${page.url}: ${page.text.slice(0, 300)}`);
    const grant = { grant_type: 'authorization_code', client_id: 'sandbox-web', code_verifier: verifier };
    return { ...grant, code, redirect_uri: callback };
  }
}

/** An access token of `racer-pushing` for userinfo: one that stands in the database. */
export async function opaqueToken(publicUrl: string): Promise<string> {
  const racer = new Racer('citizen1');
  const query = new URLSearchParams(authorization({ client_id: pushingClient.clientId, scope: 'openid' }));
  const page = await racer.through(await racer.browser.open(`${publicUrl}/oidc/auth?${query.toString()}`));
  const code = new URL(page.url).searchParams.get('code') ?? '';
  const form = { grant_type: 'authorization_code', code, redirect_uri: callback, code_verifier: verifier };
  const response = await fetch(`${publicUrl}/oidc/token`, {
    method: 'POST',
    headers: basic(pushingClient.clientId),
    body: new URLSearchParams(form),
  });
  const answer: Record<string, unknown> = JSON.parse(await response.text());
  if (typeof answer['access_token'] !== 'string') throw new Error(`no token: ${JSON.stringify(answer)}`);
  return answer['access_token'];
}

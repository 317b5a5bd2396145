// A FAPI 2.0 client for tests, which does by hand what a library would: assertions, proofs and request objects can be wrong on purpose.

import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWTPayload, SignJWT } from 'jose';
import type { ClientKey } from '../../../src/identity/clients/client-keys.ts';
import type { ClientRegistration } from '../../../src/identity/clients/client-registration.ts';
import { epochSeconds, randomBytes, systemClock } from '../../../src/kernel/clock.ts';
import { toBase64url } from '../../../src/kernel/bytes.ts';
import { house } from '../../../src/kernel/principal.ts';
import type { Browser, Page } from './browser.ts';
import { callback, type Service, signInAndAgree } from './service.ts';

export type Members = Readonly<Record<string, unknown>>;

/** `undefined` takes a member away. */
export interface Changes {
  readonly claims?: Members;
  readonly header?: Members;
  readonly key?: KeyObject;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

export const now = () => epochSeconds(systemClock.now());
export const unique = () => toBase64url(randomBytes(16));
export const keyPair = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const verifier = 'a'.repeat(43);
const challenge = createHash('sha256').update(verifier).digest('base64url');

export function publicJwk({ publicKey }: KeyPair, kid?: string): ClientKey {
  const { kty = '', crv = '', x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return { kty, crv, x, y, ...(kid === undefined ? {} : { kid }) };
}

export class FapiClient {
  readonly service: Pick<Service, 'identity' | 'publicUrl'>;
  readonly clientId: string;
  readonly keys = keyPair();
  readonly dpopKeys = keyPair();

  constructor(service: Pick<Service, 'identity' | 'publicUrl'>, clientId: string) {
    this.service = service;
    this.clientId = clientId;
  }

  async register(more: Partial<ClientRegistration> = {}): Promise<this> {
    await this.service.identity.clients.register(
      {
        clientId: this.clientId,
        kind: 'confidential',
        name: '高安全系统',
        nameEn: 'High security system',
        authMethod: 'private_key_jwt',
        jwks: { keys: [publicJwk(this.keys, 'one')] },
        profile: 'fapi2',
        dpopBound: true,
        redirectUris: [callback],
        apiScopes: ['licence.read'],
        offlineAccess: true,
        ...more,
      },
      house,
    );
    return this;
  }

  get issuer(): string {
    return `${this.service.publicUrl}/oidc`;
  }

  assertion({ claims, header, key }: Changes = {}): Promise<string> {
    return signed(
      {
        iss: this.clientId,
        sub: this.clientId,
        aud: this.issuer,
        jti: unique(),
        iat: now(),
        exp: now() + 60,
        ...claims,
      },
      { alg: 'ES256', ...header },
      key ?? this.keys.privateKey,
    );
  }

  /** Parameters with which the client proves that it is the one. */
  async proven(changes: Changes = {}): Promise<Members> {
    return {
      client_id: this.clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await this.assertion(changes),
    };
  }

  proof(method: string, url: string, { claims, header, key }: Changes = {}, keys = this.dpopKeys): Promise<string> {
    return signed(
      { jti: unique(), htm: method, htu: url, iat: now(), ...claims },
      { alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk(keys), ...header },
      key ?? keys.privateKey,
    );
  }

  thumbprint(keys = this.dpopKeys): Promise<string> {
    return calculateJwkThumbprint({ ...keys.publicKey.export({ format: 'jwk' }) });
  }

  parameters(more: Members = {}): Members {
    return {
      response_type: 'code',
      redirect_uri: callback,
      scope: 'openid profile',
      state: 'the state',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...more,
    };
  }

  requestObject(parameters: Members = {}, { claims, header, key }: Changes = {}): Promise<string> {
    return signed(
      {
        ...this.parameters(parameters),
        client_id: this.clientId,
        iss: this.clientId,
        aud: this.issuer,
        nbf: now(),
        exp: now() + 60,
        ...claims,
      },
      { alg: 'ES256', typ: 'oauth-authz-req+jwt', ...header },
      key ?? this.keys.privateKey,
    );
  }

  async push(
    parameters: Members,
    more: { readonly proof?: string; readonly assertion?: Changes } = {},
  ): Promise<Answer> {
    return post(`${this.issuer}/request`, { ...parameters, ...(await this.proven(more.assertion)) }, more);
  }

  async pushed(more: Members = {}, options: { readonly proof?: string } = {}): Promise<string> {
    const { json } = await this.push(this.parameters(more), options);
    if (typeof json['request_uri'] !== 'string') throw new Error(JSON.stringify(json));
    return json['request_uri'];
  }

  address(requestUri: string, clientId = this.clientId): string {
    return `${this.issuer}/auth?${new URLSearchParams({ client_id: clientId, request_uri: requestUri }).toString()}`;
  }

  /** Signs `loginName` in, as far as the browser asks for it; the page is the client's address with the answer. */
  async authorized(browser: Browser, requestUri: string, loginName = 'alice'): Promise<Page> {
    return signInAndAgree(browser, await browser.open(this.address(requestUri)), loginName);
  }

  async code(browser: Browser, more: Members = {}, options: { readonly proof?: string } = {}): Promise<string> {
    const page = await this.authorized(browser, await this.pushed(more, options));
    const code = new URL(page.url).searchParams.get('code');
    if (code === null) throw new Error(page.url);
    return code;
  }

  async token(
    parameters: Members,
    more: { readonly proof?: string | undefined; readonly assertion?: Changes } = {},
  ): Promise<Answer> {
    const proof = 'proof' in more ? more.proof : await this.proof('POST', `${this.issuer}/token`);
    const body = {
      grant_type: 'authorization_code',
      redirect_uri: callback,
      code_verifier: verifier,
      ...(await this.proven(more.assertion)),
      ...parameters,
    };
    return post(`${this.issuer}/token`, body, proof === undefined ? {} : { proof });
  }

  /** Userinfo with a bound token. */
  async userinfo(accessToken: string, scheme = 'DPoP', changes: Changes = {}): Promise<Answer> {
    const url = `${this.issuer}/me`;
    const ath = createHash('sha256').update(accessToken).digest('base64url');
    const proof = await this.proof('GET', url, { ...changes, claims: { ath, ...changes.claims } });
    return read(await fetch(url, { headers: { authorization: `${scheme} ${accessToken}`, dpop: proof } }));
  }
}

export async function post(url: string, parameters: Members, { proof }: { readonly proof?: string } = {}) {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) body.append(name, String(one));
  }
  return read(await fetch(url, { method: 'POST', body, ...(proof === undefined ? {} : { headers: { dpop: proof } }) }));
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  const json: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, json, headers: response.headers };
}

async function signed(claims: Members, { alg, ...header }: Members, key: KeyObject): Promise<string> {
  const payload: JWTPayload = JSON.parse(JSON.stringify(claims));
  if (alg === 'none') {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg, ...header })}.${part(payload)}.`;
  }
  return new SignJWT(payload).setProtectedHeader({ alg: String(alg), ...header }).sign(key);
}

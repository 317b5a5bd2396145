// A confidential client of plain OpenID Connect for tests, whose answers come back in its address or in a form.

import assert from 'node:assert/strict';
import { decodeJwt, type JWTPayload } from 'jose';
import type { ClientRegistration } from '../../../src/identity/clients/client-registration.ts';
import { house } from '../../../src/kernel/principal.ts';
import type { Browser, Page } from './browser.ts';
import { type Answer, FapiClient, type Members, post, verifier } from './fapi-client.ts';
import { callback, jsonOf, type Service, signInAndAgree } from './service.ts';

const secret = 'a secret of a basic client';

export interface BasicClientOptions {
  readonly clientId?: string;
  readonly responseMode?: 'query' | 'form_post';
}

export class BasicClient {
  readonly service: Service;
  readonly issuer: string;
  readonly clientId: string;
  readonly responseMode: 'query' | 'form_post';

  constructor(service: Service, { clientId = 'basic', responseMode = 'query' }: BasicClientOptions = {}) {
    this.service = service;
    this.issuer = `${service.publicUrl}/oidc`;
    this.clientId = clientId;
    this.responseMode = responseMode;
  }

  async register(more: Partial<ClientRegistration> = {}): Promise<this> {
    await this.service.identity.clients.register(
      {
        clientId: this.clientId,
        kind: 'confidential',
        name: '基础系统',
        nameEn: 'Basic system',
        authMethod: 'client_secret_basic',
        secret,
        redirectUris: [callback],
        responseModes: ['query', 'form_post'],
        apiScopes: [],
        offlineAccess: true,
        idTokenAlg: 'RS256',
        ...more,
      },
      house,
    );
    return this;
  }

  parameters(more: Members = {}): Members {
    return {
      client_id: this.clientId,
      ...new FapiClient(this.service, this.clientId).parameters({ nonce: 'the nonce' }),
      ...(this.responseMode === 'query' ? {} : { response_mode: this.responseMode }),
      ...more,
    };
  }

  /** Where a browser asks with these parameters, in their order; `undefined` takes one away. */
  address(more: Members = {}): string {
    return this.addressOf(this.parameters(more));
  }

  addressOf(members: Members): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(members)) if (typeof value === 'string') query.set(name, value);
    return `${this.issuer}/auth?${query.toString()}`;
  }

  /** What the client is told, in its address or in a form, and in no other place. */
  answerOf(page: Page): ReadonlyMap<string, string> {
    if (this.responseMode === 'query') {
      assert.ok(page.url.startsWith(`${callback}?`), page.url);
      return new Map(new URL(page.url).searchParams);
    }
    assert.match(page.text, new RegExp(`<form method="post" action="${callback}">`), page.url);
    assert.doesNotMatch(page.url, /[?&](code|error)=/);
    const fields = page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
    return new Map([...fields].map(([, name = '', value = '']) => [name, value]));
  }

  /** Signs alice in, as far as the browser asks for it. */
  async answer(browser: Browser, more: Members = {}): Promise<ReadonlyMap<string, string>> {
    return this.answerOf(await signInAndAgree(browser, await browser.open(this.address(more)), 'alice'));
  }

  async code(browser: Browser, more: Members = {}): Promise<string> {
    const told = await this.answer(browser, more);
    assert.deepEqual([told.get('state'), told.get('iss')], ['the state', this.issuer], JSON.stringify([...told]));
    return told.get('code') ?? '';
  }

  /** The secret goes in the body. */
  token(code: string, more: Members = {}): Promise<Answer> {
    return post(`${this.issuer}/token`, {
      grant_type: 'authorization_code',
      client_id: this.clientId,
      client_secret: secret,
      redirect_uri: callback,
      code_verifier: verifier,
      code,
      ...more,
    });
  }

  /** The secret goes in the header (RFC 6749, 2.3.1). */
  async tokenByHeader(code: string): Promise<Readonly<Record<string, unknown>>> {
    const pair = [this.clientId, secret].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':');
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      redirect_uri: callback,
      code_verifier: verifier,
      code,
    });
    const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    const response = await fetch(`${this.issuer}/token`, { method: 'POST', body, headers });
    assert.deepEqual([response.status, response.headers.get('cache-control')], [200, 'no-store']);
    return jsonOf(response);
  }

  async tokens(browser: Browser, more: Members = {}): Promise<Readonly<Record<string, unknown>>> {
    const { status, json } = await this.token(await this.code(browser, more));
    assert.equal(status, 200, JSON.stringify(json));
    return json;
  }

  async claims(browser: Browser, more: Members = {}): Promise<JWTPayload> {
    return decodeJwt(String((await this.tokens(browser, more))['id_token']));
  }

  async userinfo(accessToken: unknown): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.userinfoAnswer(accessToken);
    assert.deepEqual([response.status, response.headers.get('content-type')?.split(';')[0]], [200, 'application/json']);
    return jsonOf(response);
  }

  userinfoAnswer(accessToken: unknown): Promise<Response> {
    return fetch(`${this.issuer}/me`, { headers: { authorization: `Bearer ${String(accessToken)}` } });
  }
}

/** The sign-in of this browser was so many seconds earlier: what a test would else wait for. */
export async function ageSignIn({ identity }: Service, browser: Browser, seconds: number): Promise<void> {
  const session = await identity.provider.Session.find(browser.cookie('yinxin-session') ?? '');
  assert.ok(session?.loginTs !== undefined);
  session.loginTs -= seconds;
  await session.persist();
}

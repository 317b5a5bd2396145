// The identity room served over HTTP for tests, with the sandbox's clients and people, and a real OIDC client beside it.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import * as oidc from 'openid-client';
import type { AuditEntry } from '../../../src/audit/audit-entry.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import { providerPages } from '../../../src/http/pages/sign-in-provider-pages.ts';
import { problemHandler } from '../../../src/http/problem.ts';
import { requestContext } from '../../../src/http/request-context.ts';
import { securityHeaders } from '../../../src/http/security-headers.ts';
import { createServer } from '../../../src/http/server.ts';
import { signInRouter } from '../../../src/http/sign-in.ts';
import type { SmsMessage } from '../../../src/identity/factors/sms-gateway.ts';
import type { ClientCertificates } from '../../../src/identity/engine/client-certificate.ts';
import { createIdentity, type Identity } from '../../../src/identity/identity.ts';
import { sandboxRegister } from '../../../src/identity/levels/sandbox-register.ts';
import { addSeconds, type Clock, randomBytes, systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type RealNameLevel, type Role } from '../../../src/kernel/principal.ts';
import { registeredPeople } from '../../../src/sandbox/city.ts';
import { testDatabase, type TestDatabase } from '../../support/database.ts';
import { Browser, type Page } from './browser.ts';

export const password = 'sandbox-Pass-2026';
export const callback = 'http://localhost:8765/callback';

export interface Service {
  readonly test: TestDatabase;
  readonly identity: Identity;
  readonly audit: AuditLog;
  readonly publicUrl: string;
  /** Where it listens. */
  readonly ownUrl: string;
  /** Text messages that left, oldest first; wait for `identity.factors.smsCodes.idle()`. */
  readonly messages: readonly SmsMessage[];
  browser(): Browser;
  client(clientId: string, secret?: string): Promise<oidc.Configuration>;
  /** The newest audit entries of an action, oldest first. */
  entries(action: AuditEntry['action']): Promise<AuditEntry[]>;
  close(): Promise<void>;
}

export interface ServiceOptions {
  readonly clock?: Clock;
  /** The address that browsers use, when it is another than the one that is listened on (a proxy in front). */
  readonly publicUrl?: string;
  /** A key store that others have open too, and that outlives the service. */
  readonly keyStore?: { readonly directory: string; readonly keyEncryptionKey: Uint8Array };
  /** Where a TLS proxy would say with which certificate a client came. */
  readonly clientCertificates?: ClientCertificates;
}

export async function startService({ clock = systemClock, ...given }: ServiceOptions = {}): Promise<Service> {
  const test = await testDatabase({ maxConnections: 24 });
  const directory = given.keyStore?.directory ?? mkdtempSync(join(tmpdir(), 'yinxin-identity-'));
  const keyEncryptionKey = given.keyStore?.keyEncryptionKey ?? randomBytes(32);
  const cipher = new FieldCipher({ keyEncryptionKey });
  const keys = new FileKeyStore({ directory, keyEncryptionKey, clock });
  const audit = new AuditLog({ database: test.database, clock, cipher, log: silentLog });
  const app = express();
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const ownUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const publicUrl = given.publicUrl ?? ownUrl;
  const messages: SmsMessage[] = [];
  const identity = await createIdentity({
    database: test.database,
    audit,
    keys,
    cipher,
    clock,
    publicUrl,
    cookieKeys: ['one key for the cookies of tests'],
    pages: providerPages({ sandbox: true }),
    clientCertificates: given.clientCertificates,
    sms: {
      maxPerDay: 1000,
      gateway: {
        send: async (message) => {
          messages.push(message);
        },
      },
    },
    verifier: sandboxRegister(registeredPeople),
    logoutRules: { loopback: true, internalHosts: [] },
    log: silentLog,
  });
  app.use(requestContext({ publicUrl, sandbox: true }), securityHeaders({ https: false }));
  app.use(
    signInRouter({
      identity,
      publicUrl,
      sandbox: true,
      sealName: async () => undefined,
      passkeyScript: '/assets/passkey.js',
    }),
  );
  app.use(problemHandler(silentLog));
  await registerClients(identity, publicUrl);
  return {
    test,
    identity,
    audit,
    publicUrl,
    ownUrl,
    messages,
    entries: async (action) => [...(await audit.entries({ action, limit: 200 })).items].reverse(),
    browser: () => new Browser({ stopAt: callback }),
    client: (clientId, secret) =>
      oidc.discovery(new URL(`${publicUrl}/oidc`), clientId, secret, secret === undefined ? oidc.None() : undefined, {
        execute: [oidc.allowInsecureRequests],
      }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      await test.close();
      if (given.keyStore === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function registerClients({ clients }: Identity, publicUrl: string): Promise<void> {
  await clients.register(
    {
      clientId: 'sandbox-system',
      kind: 'system',
      name: '沙箱业务系统',
      nameEn: 'Sandbox system',
      secret: 'sandbox-system-secret',
      apiScopes: ['seal.read', 'seal.stamp', 'verify'],
    },
    house,
  );
  await clients.register(
    {
      clientId: 'sandbox-web',
      kind: 'public',
      name: '沙箱网站',
      nameEn: 'Sandbox site',
      redirectUris: [callback, 'http://127.0.0.1:8765/callback'],
      postLogoutRedirectUris: ['http://localhost:8765/callback/bye'],
      apiScopes: ['licence.read', 'seal.read'],
      offlineAccess: true,
    },
    house,
  );
  await clients.register(
    {
      clientId: 'yinxin-pages',
      kind: 'confidential',
      name: '印信',
      nameEn: 'Yinxin',
      secret: 'a secret of our own pages',
      redirectUris: [`${publicUrl}/signed-in`, callback],
      apiScopes: ['licence.read'],
      firstParty: true,
    },
    house,
  );
}

let serial = 0;

/** A person with a resident number of region 99. */
export async function person(identity: Identity, loginName: string, level: RealNameLevel, roles: Role[] = []) {
  const seventeen = `99000019900101${String(++serial).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(seventeen[i]), 0);
  return identity.accounts.create(
    {
      loginName,
      password,
      person: { name: '测试甲', idType: 'resident-id', idNumber: seventeen + '10X98765432'.charAt(sum % 11) },
      roles,
      evidence: [{ level, method: 'sandbox', expiresAt: addSeconds(systemClock.now(), 3600) }],
    },
    house,
  );
}

export interface Started {
  readonly page: Page;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
}

/** Begins an authorization request and stops at the first page, or at the client's address. */
export async function begin(
  config: oidc.Configuration,
  browser: Browser,
  more: Record<string, string> = {},
): Promise<Started> {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: callback,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...more,
  });
  return { page: await browser.open(url.href), verifier, state, nonce };
}

/** Signs in and agrees, through the forms of the pages, until the client's address is reached. */
export async function signInAndAgree(browser: Browser, page: Page, loginName: string): Promise<Page> {
  let now = page;
  if (now.text.includes('name="password"')) {
    now = await browser.submit(now, now.url.slice(now.url.lastIndexOf('/')), { loginName, password });
  }
  if (now.text.includes('/consent"')) now = await browser.submit(now, '/consent', {});
  return now;
}

/** Redeems the code that a page's address carries. */
export async function redeem(
  config: oidc.Configuration,
  started: Started,
  page: Page,
  more: Record<string, string> = {},
) {
  return oidc.authorizationCodeGrant(
    config,
    new URL(page.url),
    { pkceCodeVerifier: started.verifier, expectedState: started.state, expectedNonce: started.nonce },
    more,
  );
}

/** The JSON object of an answer; its members are for the test to judge. */
export async function jsonOf(response: Response | Promise<Response>): Promise<Record<string, unknown>> {
  const value: Record<string, unknown> = JSON.parse(await (await response).text());
  return value;
}

export interface PublicJwk {
  readonly kid: string;
  readonly kty: string;
  readonly alg: string;
  readonly use: string;
}

export async function jwksOf({ publicUrl }: Service): Promise<PublicJwk[]> {
  const { keys }: { keys: PublicJwk[] } = JSON.parse(await (await fetch(`${publicUrl}/oidc/jwks`)).text());
  return keys;
}

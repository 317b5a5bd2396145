// Another identity platform, run by a foreign implementation with default settings of its own: signs in whoever the test says.

import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

export interface PlatformPerson {
  readonly sub: string;
  readonly acr?: string;
  readonly name?: string;
  readonly idNumber?: string;
}

export interface UpstreamPlatform {
  readonly issuer: string;
  /** Who signs in there next; `undefined`: whoever comes changes their mind. */
  next: PlatformPerson | undefined;
  /** The last authorization request. */
  asked: URLSearchParams;
  close(): Promise<void>;
}

export const platformClient = { clientId: 'yinxin-there', clientSecret: 'a secret between two platforms' };

/** `claimsAt`: where it tells who the person is. */
export async function startPlatform(options: { redirectUri: string; claimsAt: 'id-token' | 'userinfo' }) {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const persons = new Map<string, PlatformPerson>();
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] },
    cookies: { keys: ['of the platform'] },
    acrValues: ['urn:platform:high', 'urn:platform:low'],
    claims: { openid: ['sub', 'acr'], profile: ['name', 'id_number'] },
    conformIdTokenClaims: options.claimsAt === 'userinfo',
    features: { devInteractions: { enabled: false } },
    clients: [
      {
        client_id: platformClient.clientId,
        client_secret: platformClient.clientSecret,
        redirect_uris: [options.redirectUri],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, name: persons.get(sub)?.name, id_number: persons.get(sub)?.idNumber }),
    }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: platformClient.clientId,
        accountId: ctx.oidc.session?.accountId ?? '',
      });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  const platform: UpstreamPlatform = {
    issuer,
    next: undefined,
    asked: new URLSearchParams(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  const callback = provider.callback();
  server.on('request', (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    if (url.pathname === '/auth') platform.asked = url.searchParams;
    if (!url.pathname.startsWith('/interaction/')) {
      void callback(request, response);
      return;
    }
    const { next } = platform;
    if (next !== undefined) persons.set(next.sub, next);
    const result =
      next === undefined
        ? { error: 'access_denied' }
        : { login: { accountId: next.sub, remember: false, ...(next.acr === undefined ? {} : { acr: next.acr }) } };
    void provider.interactionFinished(request, response, result);
  });
  return platform;
}

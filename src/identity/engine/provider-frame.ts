// What is put around the OIDC engine: addresses come from the issuer and never from the request, discovery says what is so.

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { scopes as apiScopes } from '../../kernel/principal.ts';
import { clientResponseModes } from '../clients/client-registration.ts';
import type { ClientName, PageRequest, ProviderPages } from './provider-pages.ts';
import { assuranceMetadata } from '../levels/verified-facts.ts';

/**
 * The engine builds addresses from the Host header and knows from the socket whether it is served over https. Both are known here
 * without asking: they are those of the issuer, also behind a proxy that ends TLS, and whatever a caller sends.
 */
export function pinnedToIssuer(provider: Provider): void {
  const { origin, host, hostname, protocol } = new URL(provider.issuer);
  const fixed: Record<string, string> = { origin, host, hostname, protocol: protocol.slice(0, -1) };
  for (const [name, value] of Object.entries(fixed)) {
    Reflect.defineProperty(provider.request, name, { get: () => value });
  }
  Reflect.defineProperty(provider.OIDCContext.prototype, 'urlFor', {
    value: (name: string, options?: { [name: string]: unknown }) => provider.urlFor(name, options),
  });
}

/** Corrects answers of the engine on their way out. `also`: what discovery says of endpoints that are not the engine's. */
export function refined(provider: Provider, pages: ProviderPages, also: Readonly<Record<string, string>>): void {
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.path.startsWith('/.well-known/') && isObject(ctx.body))
      Object.assign(ctx.body, discoveryCorrections, assuranceMetadata, also);
    // The engine lets any origin read an answer until it knows the client; here no client is a script of a foreign page.
    if (!ctx.path.startsWith('/.well-known/') && ctx.path !== '/jwks') {
      for (const name of ['allow-origin', 'allow-methods', 'allow-headers', 'expose-headers', 'max-age']) {
        ctx.remove(`access-control-${name}`);
      }
    }
    // Signing out is a form POST; Chromium drops a redirect of it that leaves `form-action 'self'`.
    const location: unknown = ctx.response.get('location');
    if (ctx.method === 'POST' && ctx.status === 303 && typeof location === 'string' && location !== '') {
      ctx.remove('location');
      ctx.status = 200;
      ctx.type = 'html';
      ctx.body = pages.onward(pageRequestOf(ctx), new URL(location, provider.issuer).href);
    }
  });
}

/** The engine lists what it can do; clients here may use less (response mode) and more (scopes of the API). */
const discoveryCorrections = {
  response_modes_supported: [...clientResponseModes],
  scopes_supported: ['openid', 'profile', 'offline_access', ...apiScopes],
  ui_locales_supported: ['zh-CN', 'en'],
  backchannel_user_code_parameter_supported: false,
};

interface RequestParts {
  readonly path: string;
  readonly query: unknown;
  readonly headers: PageRequest['headers'];
}

export function pageRequestOf(ctx: RequestParts): PageRequest {
  return { path: ctx.path, query: ctx.query, headers: ctx.headers };
}

/** The client of the request as people are shown it. */
export function clientNameOf(ctx: KoaContextWithOIDC): { client?: ClientName } {
  const metadata = ctx.oidc.client?.metadata();
  return metadata === undefined ? {} : { client: namesOf(metadata) };
}

export function namesOf(metadata: {
  readonly client_id?: string | undefined;
  readonly client_name?: string | undefined;
  readonly [name: string]: unknown;
}): ClientName {
  const name = metadata.client_name ?? metadata.client_id ?? '';
  const { client_name_en: nameEn } = metadata;
  const { policy_uri: policyUri, tos_uri: tosUri } = metadata;
  return {
    name,
    nameEn: typeof nameEn === 'string' ? nameEn : name,
    ...(typeof policyUri === 'string' && { policyUri }),
    ...(typeof tosUri === 'string' && { tosUri }),
    ...(metadata['registered_itself'] === true && { registeredItself: true }),
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

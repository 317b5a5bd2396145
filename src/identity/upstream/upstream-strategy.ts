// Sends a browser to another platform to sign in, and reads its answer; OpenID Connect Core 1.0 (code flow), RFC 7636, RFC 9207, RFC 9700.

import * as oidc from 'openid-client';
import { type AuthenticateOptions, Strategy } from 'openid-client/passport';
import { TrustError } from '../../kernel/errors.ts';
import { arrivalOf } from './upstream-arrival.ts';
import type { UpstreamSource } from './upstream-source.ts';

/** What one request asks of the platform. */
export interface UpstreamWish {
  /** 0: any. */
  readonly level: number;
  /** The person must show anew who they are, not only that they once did. */
  readonly again: boolean;
  readonly uiLocales: string;
}

/** Between signing in there and the answer here. */
const freshSeconds = 120;
const timeoutSeconds = 10;
/** A key set or a token answer has a few kB. */
const maxAnswerBytes = 256 * 1024;

/** One for each request: Passport takes an instance as well as a name. */
class UpstreamStrategy extends Strategy {
  readonly source: UpstreamSource;
  readonly wish: UpstreamWish;

  constructor(options: {
    source: UpstreamSource;
    config: oidc.Configuration;
    callbackURL: string;
    wish: UpstreamWish;
  }) {
    const { source, config, callbackURL, wish } = options;
    super(
      { config, name: source.id, sessionKey: `upstream:${source.id}`, callbackURL, scope: source.scopes.join(' ') },
      async (tokens, done) => {
        const arrival = arrivalOf(source, await claimsOf(source, config, tokens));
        done(arrival === undefined ? new TrustError('upstream-failed', 'the platform named nobody') : null, arrival);
      },
    );
    this.source = source;
    this.wish = wish;
  }

  override authorizationRequestParams(
    request: Parameters<Strategy['authorizationRequestParams']>[0],
    options: AuthenticateOptions,
  ): URLSearchParams {
    const { source, wish } = this;
    const params = new URLSearchParams(super.authorizationRequestParams(request, options));
    params.set('state', oidc.randomState());
    params.set('nonce', oidc.randomNonce());
    params.set('ui_locales', wish.uiLocales);
    const enough = [...source.levels].filter(([, level]) => level >= wish.level).map(([acr]) => acr);
    if (wish.level > source.otherwise && enough.length > 0) params.set('acr_values', enough.join(' '));
    if (wish.again) {
      params.set('prompt', 'login');
      params.set('max_age', String(freshSeconds)); // the strategy checks auth_time against it
    }
    return params;
  }
}

/** Of the ID token; of userinfo (OpenID Connect Core 5.3) where the person is not in it. What the ID token says about the login stands. */
async function claimsOf(
  { person }: UpstreamSource,
  config: oidc.Configuration,
  tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
): Promise<Record<string, unknown>> {
  const claims = tokens.claims();
  if (claims === undefined) return {};
  const whole = person === undefined || (person.name in claims && person.idNumber in claims);
  if (whole || config.serverMetadata().userinfo_endpoint === undefined) return { ...claims };
  return { ...(await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)), ...claims };
}

/** The platforms as their metadata describes them, each asked when it was first needed: one that is down keeps no start of ours waiting. */
export class Upstreams {
  readonly #publicUrl: string;
  readonly #sources: ReadonlyMap<string, UpstreamSource>;
  readonly #found = new Map<string, Promise<oidc.Configuration>>();

  constructor(options: { publicUrl: string; sources: readonly UpstreamSource[] }) {
    this.#publicUrl = options.publicUrl;
    this.#sources = new Map(options.sources.map((source) => [source.id, source]));
  }

  get sources(): readonly UpstreamSource[] {
    return [...this.#sources.values()];
  }

  find(id: string): UpstreamSource | undefined {
    return this.#sources.get(id);
  }

  /** For `authenticate`. Throws `upstream-unavailable` when the platform does not say where it is to be found. */
  async strategy(source: UpstreamSource, wish: UpstreamWish): Promise<Strategy> {
    const callbackURL = `${this.#publicUrl}${upstreamCallbackPath(source.id)}`;
    return new UpstreamStrategy({ source, config: await this.#configuration(source), callbackURL, wish });
  }

  async #configuration(source: UpstreamSource): Promise<oidc.Configuration> {
    const found = this.#found.get(source.id) ?? discovered(source);
    this.#found.set(source.id, found);
    try {
      return await found;
    } catch (error) {
      this.#found.delete(source.id); // asked again by the next who comes
      throw new TrustError('upstream-unavailable', 'the platform cannot be reached', { cause: error });
    }
  }
}

/** An address of its own for each platform, so that none can answer for another (RFC 9700, 4.4). */
export function upstreamCallbackPath(id: string): string {
  return `/sign-in/upstream/${id}`;
}

function discovered(source: UpstreamSource): Promise<oidc.Configuration> {
  const insecure = source.issuer.startsWith('http:'); // refused in production when the settings are read
  return oidc.discovery(
    new URL(source.issuer),
    source.clientId,
    { id_token_signed_response_alg: source.idTokenAlg },
    oidc.ClientSecretBasic(source.clientSecret),
    {
      timeout: timeoutSeconds,
      [oidc.customFetch]: limitedFetch,
      execute: [oidc.enableNonRepudiationChecks, ...(insecure ? [oidc.allowInsecureRequests] : [])],
    },
  );
}

const limitedFetch: oidc.CustomFetch = async (url, { method, headers, body, signal }) => {
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body ? { body } : {}),
    ...(signal ? { signal } : {}),
  });
  return new Response(await limitedBody(response), { status: response.status, headers: response.headers });
};

async function limitedBody(response: Response): Promise<Blob | null> {
  if (response.body === null || response.status === 204 || response.status === 304) return null;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxAnswerBytes) throw new TypeError('the platform answers with more than an answer has');
    chunks.push(new Uint8Array(chunk));
  }
  return new Blob(chunks);
}

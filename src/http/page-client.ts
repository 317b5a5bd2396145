// Our own pages as a client of our own OIDC issuer: authorization code with PKCE; OpenID Connect Core 1.0, RFC 7636, RFC 9207.

import * as oidc from 'openid-client';

export interface PageClientOptions {
  readonly publicUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where this process reaches the issuer, e.g. http://127.0.0.1:3000; default: PUBLIC_URL, which may lie behind a proxy. */
  readonly issuerOrigin?: string;
}

const timeoutSeconds = 10;

/** The issuer's metadata is known without asking, so that the pages can start before it answers. */
export function pageClient(options: PageClientOptions): oidc.Configuration {
  const { publicUrl, clientId, clientSecret, issuerOrigin = publicUrl } = options;
  const issuer = `${publicUrl}/oidc`;
  const configuration = new oidc.Configuration(
    {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/session/end`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
    },
    clientId,
    { id_token_signed_response_alg: 'ES256' },
    oidc.ClientSecretBasic(clientSecret),
  );
  configuration.timeout = timeoutSeconds;
  configuration[oidc.customFetch] = (url, { method, headers, body, signal }) =>
    fetch(atOrigin(url, issuerOrigin), {
      method,
      headers,
      redirect: 'manual',
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    });
  // The ID token's signature is checked although it comes straight from the issuer: between the two may be a plain-http loopback.
  oidc.enableNonRepudiationChecks(configuration);
  if (publicUrl.startsWith('http:')) oidc.allowInsecureRequests(configuration);
  return configuration;
}

function atOrigin(url: string, origin: string): string {
  const { pathname, search } = new URL(url);
  return `${origin}${pathname}${search}`;
}

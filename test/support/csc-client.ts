// Signing software of somebody else for tests: it keeps its documents, asks people for leave through the browser, and has digests signed; CSC API 2.2.

import assert from 'node:assert/strict';
import * as oidc from 'openid-client';
import { toBase64 } from '../../src/kernel/bytes.ts';
import { Browser } from '../integration/identity/browser.ts';
import { signInAndAgree } from '../integration/identity/service.ts';
import { isObject, type JsonObject } from './json-schema.ts';

export const cscCallback = 'http://localhost:8765/callback';
export const sha256Oid = '2.16.840.1.101.3.4.2.1';
export const ecdsaSha256Oid = '1.2.840.10045.4.3.2';

export interface CscAnswer {
  readonly status: number;
  readonly json: JsonObject;
  readonly headers: Headers;
}

export interface NamedDigest {
  readonly digest: Uint8Array;
  readonly label?: string;
}

/** RFC 9396, with the members of CSC API 2.2, 8.4. */
export function credentialDetail(credentialID: string, digests: readonly NamedDigest[]) {
  return {
    type: 'https://cloudsignatureconsortium.org/2025/credential',
    credentialID,
    numSignatures: digests.length,
    documentDigests: digests.map(({ digest, label }) => ({
      hash: toBase64(digest),
      ...(label === undefined ? {} : { label }),
      hashType: 'DTBSR',
    })),
    hashAlgorithmOID: sha256Oid,
  };
}

export class CscClient {
  readonly #url: string;
  readonly #config: oidc.Configuration;

  private constructor(url: string, config: oidc.Configuration) {
    this.#url = url;
    this.#config = config;
  }

  /** Knows nothing but the address of the service: the rest is in `info`. */
  static async at(url: string, clientId = 'sandbox-signer', secret = `${clientId}-secret`): Promise<CscClient> {
    const info = await post(`${url}/csc/v2/info`, {});
    const { oauth2 } = info.json;
    assert.equal(typeof oauth2, 'string');
    const config = new oidc.Configuration(
      {
        issuer: `${url}/oidc`,
        authorization_endpoint: `${String(oauth2)}/oauth2/authorize`,
        token_endpoint: `${String(oauth2)}/oauth2/token`,
        pushed_authorization_request_endpoint: `${String(oauth2)}/oauth2/pushed_authorize`,
        revocation_endpoint: `${String(oauth2)}/oauth2/revoke`,
      },
      clientId,
      undefined,
      oidc.ClientSecretBasic(secret),
    );
    oidc.allowInsecureRequests(config);
    return new CscClient(url, config);
  }

  /** Through the pages of the service, as a person goes; `pages` gets what they read. */
  async personToken(loginName: string, asked: Record<string, string>, pages: string[] = []) {
    const verifier = oidc.randomPKCECodeVerifier();
    const parameters = {
      redirect_uri: cscCallback,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: oidc.randomState(),
      ...asked,
    };
    const browser = new Browser({ stopAt: cscCallback });
    let page = await browser.open(oidc.buildAuthorizationUrl(this.#config, parameters).href);
    if (page.text.includes('name="password"')) {
      pages.push(page.text);
      page = await browser.submit(page, page.url.slice(page.url.lastIndexOf('/')), {
        loginName,
        password: 'sandbox-Pass-2026',
      });
    }
    pages.push(page.text);
    const back = await signInAndAgree(browser, page, loginName);
    return oidc.authorizationCodeGrant(this.#config, new URL(back.url), {
      pkceCodeVerifier: verifier,
      expectedState: parameters.state,
    });
  }

  /** The leave of a person for these digests. */
  async leave(loginName: string, credentialID: string, digests: readonly NamedDigest[], pages?: string[]) {
    const details = JSON.stringify([credentialDetail(credentialID, digests)]);
    return this.personToken(loginName, { scope: 'credential', authorization_details: details }, pages);
  }

  call(method: string, body: unknown, token?: string, headers: Record<string, string> = {}): Promise<CscAnswer> {
    const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return post(`${this.#url}/csc/v2/${method}`, body, { ...authorization, ...headers });
  }

  signHash(token: string, credentialID: string, digests: readonly Uint8Array[], more: object = {}) {
    const hashes = digests.map(toBase64);
    const body = { credentialID, hashes, hashAlgorithmOID: sha256Oid, signAlgo: ecdsaSha256Oid, ...more };
    return this.call('signatures/signHash', body, token);
  }
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<CscAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const json: unknown = JSON.parse(await response.text());
  assert.ok(isObject(json));
  return { status: response.status, json, headers: response.headers };
}

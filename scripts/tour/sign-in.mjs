// citizen1 signs in through our own forms to the public client sandbox-web; the client is openid-client 6, with PKCE (RFC 7636).

import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';
import { expect } from './outcomes.mjs';

const clientId = 'sandbox-web';
const callback = 'http://localhost:8765/callback';
const loginName = 'citizen1';
const password = 'sandbox-Pass-2026';

export async function signInTour({ url, outcomes }) {
  const client = await outcomes.step('the issuer is discovered', async () => {
    const insecure = url.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
    const found = await oidc.discovery(new URL(`${url}/oidc`), clientId, undefined, oidc.None(), { execute: insecure });
    return [found, found.serverMetadata().issuer];
  });
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const nonce = oidc.randomNonce();
  const browser = new Browser({ stopAt: callback });
  const form = await outcomes.step('code + PKCE leads to our sign-in page', async () => {
    const address = oidc.buildAuthorizationUrl(client, {
      redirect_uri: callback,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    const page = await browser.open(address.href);
    expect(page.text.includes('name="password"'), `${page.url} is no sign-in page (${page.status})`);
    return [page, titleOf(page)];
  });
  const back = await outcomes.step(`${loginName} signs in and agrees, without JavaScript`, async () => {
    const asked = await browser.submit(form, new URL(form.url).pathname, { loginName, password });
    const page = asked.text.includes('/consent"') ? await browser.submit(asked, '/consent', {}) : asked;
    expect(page.url.startsWith(callback), `the journey ended at ${page.url}`);
    return [page, titleOf(asked)];
  });
  await outcomes.step('the code becomes an ID token', async () => {
    const tokens = await oidc.authorizationCodeGrant(client, new URL(back.url), {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
    });
    const { acr, amr, sub } = tokens.claims();
    const { name } = await oidc.fetchUserInfo(client, tokens.access_token, sub);
    return [undefined, `acr ${acr}, amr ${amr.join(' ')}, name ${name}`];
  });
  return [
    { action: 'sign-in', query: 'action=sign-in' },
    { action: 'token.issued', query: `action=token.issued&clientId=${clientId}` },
  ];
}

function titleOf(page) {
  return /<title>([^<]*)<\/title>/.exec(page.text)?.[1] ?? new URL(page.url).pathname;
}

// The API of initial access tokens over their office in the identity room.

import * as contract from '../contract/registration-tokens.ts';
import type { RegistrationToken, RegistrationTokens } from '../identity/self-registration/registration-tokens.ts';
import type { Binding, binder } from './api.ts';

export function registrationTokenHandlers(bind: ReturnType<typeof binder>, tokens: RegistrationTokens): Binding[] {
  return [
    bind(contract.makeRegistrationToken, async ({ principal, json }) => {
      const { token, secret } = await tokens.make(principal, json);
      return { json: { token: tokenJson(token), secret } };
    }),
    bind(contract.listRegistrationTokens, async ({ principal, query }) => {
      const page = await tokens.list(principal, query);
      return { json: { items: page.items.map(tokenJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.endRegistrationToken, async ({ principal, params }) => ({
      json: tokenJson(await tokens.end(principal, params.registrationTokenId)),
    })),
  ];
}

function tokenJson({ tokenId, apiScopes, hosts, createdAt, expiresAt, endedAt, ...rest }: RegistrationToken) {
  return {
    registrationTokenId: tokenId,
    ...rest,
    apiScopes: [...apiScopes],
    hosts: [...hosts],
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}

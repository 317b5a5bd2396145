// Where the OIDC engine's own way with sessions is replaced by ours: their end, who is told of it, and by which name relying parties know them;
// OpenID Connect RP-Initiated Logout 1.0 and Back-Channel Logout 1.0.

import type { Client, Provider as OidcProvider, Session } from 'oidc-provider';
import { toBase64url } from '../../kernel/bytes.ts';
import { randomBytes } from '../../kernel/clock.ts';
import { anonymous, type Principal } from '../../kernel/principal.ts';
import { presentCall } from '../call-context.ts';
import { Provider } from './engine.ts';
import { levelOfAcr } from '../levels/levels.ts';
import type { OidcStore } from './oidc-store.ts';
import { sessionIdOf } from '../sessions/session-id.ts';
import type { Sessions } from '../sessions/sessions.ts';

export interface SessionEndOptions {
  readonly sessions: Sessions;
  readonly store: OidcStore;
}

/**
 * Signing out is one transaction with its entry and the notices for relying parties. The engine would delete a row, and ask the parties
 * itself while the person waits, each once: that it does no more.
 */
export function endsSessions(provider: OidcProvider, { sessions, store }: SessionEndOptions): void {
  const { Session, Client } = provider;
  provider.use(async (ctx, next) => {
    await next();
    if (!(await store.sessions.finish())) return;
    // The answer that came first stands: this one leads nowhere, and its cookies would take the place of the other's.
    ctx.remove('location');
    ctx.remove('set-cookie');
  });
  Reflect.defineProperty(Session.prototype, 'destroy', {
    value: async function destroy(this: Session & { destroyed?: boolean }) {
      const { uid, accountId } = this;
      if (accountId === undefined) await store.adapter('Session').destroy(this.jti);
      else await store.inTransaction((tx) => sessions.signOut(tx, { uid, accountId }, signingOut(this, accountId)));
      this.destroyed = true;
    },
  });
  Reflect.defineProperty(Client.prototype, 'backchannelLogout', { value: async () => undefined });
  // Our own pages live as long as the session through which somebody came, and know it by its public name.
  Reflect.defineProperty(Client.prototype, 'includeSid', {
    value: function includeSid(this: Client) {
      return isOwnPages(this) || this.backchannelLogoutUri !== undefined;
    },
  });
  Reflect.defineProperty(Session.prototype, 'ensureClientContainer', {
    value: function ensureClientContainer(this: Session, clientId: string) {
      if (this.sidFor(clientId) !== undefined) return;
      const client = Provider.ctx?.oidc.client;
      const own = client !== undefined && isOwnPages(client);
      this.sidFor(clientId, own ? sessionIdOf(this.uid) : toBase64url(randomBytes(16)));
    },
  });
}

function signingOut(session: Session, accountId: string): Principal {
  const clientId = Provider.ctx?.oidc.client?.clientId;
  return {
    ...anonymous,
    kind: 'person',
    accountId,
    level: levelOfAcr(session.acr),
    ...(clientId === undefined ? {} : { clientId }),
    ...presentCall(),
  };
}

function isOwnPages(client: Client): boolean {
  return client.metadata()['first_party'] === true;
}

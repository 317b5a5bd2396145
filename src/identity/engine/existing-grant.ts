// The grant that an authorization request finds: the one of this session, one that a person agreed to just now, or for our own pages one that is made without asking.

import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { AuditLog, Deed } from '../../audit/audit-log.ts';
import type { Database } from '../../db/database.ts';
import { addAgreed, agreedIn, type ConsentDetails, hasAgreed } from './consent-details.ts';
import { isApiScope } from '../tokens/api-scopes.ts';
import { presentCall } from '../call-context.ts';
import { presentLevel } from './login-policy.ts';
import type { OidcStore } from './oidc-store.ts';

export interface GrantOptions {
  readonly database: Database;
  readonly store: OidcStore;
  readonly audit: AuditLog;
}

export async function existingGrant(ctx: KoaContextWithOIDC, options: GrantOptions): Promise<Grant | undefined> {
  const { provider, client, session, account, result } = ctx.oidc;
  if (client === undefined || account === undefined) return undefined;
  const grantId = result?.consent?.grantId ?? session?.grantIdFor(client.clientId);
  const found = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const agreed = result?.login?.accountId === account.accountId ? agreedIn(result) : undefined;
  const isOwn = client.metadata()['first_party'] === true;
  if (!isOwn && agreed === undefined) return found;
  const grant = found ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  if (agreed !== undefined) await savedAgreed(grant, agreed, ctx, options);
  const scopes = isOwn ? addRequested(grant, ctx) : [];
  if (scopes.length > 0) await saved(grant, scopes, ctx, options);
  return grant;
}

/** Its entry was written when the person agreed. The answer to a later question brings the earlier agreement along, which is granted. */
async function savedAgreed(grant: Grant, agreed: ConsentDetails, ctx: KoaContextWithOIDC, { store }: GrantOptions) {
  if (hasAgreed(grant, agreed)) return;
  addAgreed(grant, agreed);
  if (isThroughSession(ctx)) store.sessions.grantWaits();
  await grant.save();
}

/** A device is not answered through a session. */
function isThroughSession({ oidc: { route } }: KoaContextWithOIDC): boolean {
  return route === 'authorization' || route === 'resume';
}

/** Adds what the request asks for and the grant lacks; returns what was added. */
function addRequested(grant: Grant, ctx: KoaContextWithOIDC): string[] {
  const asked = [...ctx.oidc.requestParamScopes];
  const granted = new Set(grant.getOIDCScope().split(' '));
  const added = [...ctx.oidc.requestParamOIDCScopes].filter((scope) => !granted.has(scope));
  if (added.length > 0) grant.addOIDCScope(added.join(' '));
  for (const [resource, server] of Object.entries(ctx.oidc.resourceServers ?? {})) {
    const grantedHere = new Set(grant.getResourceScope(resource).split(' '));
    const addedHere = asked.filter((scope) => server.scopes.has(scope) && !grantedHere.has(scope));
    if (addedHere.length > 0) grant.addResourceScope(resource, addedHere.join(' '));
    added.push(...addedHere);
  }
  return added;
}

async function saved(grant: Grant, scopes: readonly string[], ctx: KoaContextWithOIDC, options: GrantOptions) {
  const accountId = ctx.oidc.account?.accountId ?? '';
  const clientId = ctx.oidc.client?.clientId ?? '';
  const deed: Deed = {
    principal: {
      kind: 'person',
      accountId,
      clientId,
      scopes: new Set(scopes.filter(isApiScope)),
      roles: new Set(),
      level: presentLevel(ctx),
      ...presentCall(),
    },
    event: {
      action: 'consent',
      outcome: 'done',
      subjectId: accountId,
      facts: { client: clientId, scope: scopes.join(' '), asked: false },
    },
  };
  const withSession = isThroughSession(ctx) && options.store.sessions.grantWaits(deed);
  if (withSession) await grant.save();
  else
    await options.database.transaction((tx) =>
      options.store.within(tx, async () => {
        await grant.save();
        await options.audit.record(tx, deed.principal, deed.event);
      }),
    );
}

// Deeds of the OIDC engine that it tells of only when they are done: revocation (RFC 7009) and refused token requests (RFC 6749, 5.2).

import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { anonymous, type Principal } from '../../kernel/principal.ts';
import { presentCall } from '../call-context.ts';
import { clientGrantTypes } from '../clients/client-registration.ts';

/** Strangers can ask as often as they like, so what is refused has an entry of its own only so many times a minute and process. */
const refusalsPerMinute = 60;

const grants: ReadonlySet<string> = new Set(['refresh_token', ...clientGrantTypes]);

/** The entry is durable before the answer leaves; when the log does not take it, the caller hears that it failed and asks again. */
export function recordsDeeds(provider: Provider, { audit }: { audit: AuditLog }): void {
  const refusals = new Allowance({ perMinute: refusalsPerMinute });
  provider.use(async (ctx, next) => {
    await next();
    if (!isEngineContext(ctx)) return;
    switch (ctx.oidc.route) {
      case 'revocation':
        await revoked(ctx, audit);
        break;
      case 'token':
        await refused(ctx, audit, refusals);
        break;
    }
  });
}

/** A client that names a token which is none has revoked nothing. */
async function revoked(ctx: KoaContextWithOIDC, audit: AuditLog): Promise<void> {
  const { RefreshToken: refresh, AccessToken: access, ClientCredentials: system } = ctx.oidc.entities;
  const token = refresh ?? access ?? system;
  if (token === undefined || ctx.status !== 200 || token.clientId !== ctx.oidc.client?.clientId) return;
  const accountId = refresh?.accountId ?? access?.accountId;
  await audit.append(callerOf(ctx), {
    action: 'token.revoked',
    outcome: 'done',
    ...(accountId === undefined ? {} : { subjectId: accountId }),
  });
}

async function refused(ctx: KoaContextWithOIDC, audit: AuditLog, allowance: Allowance): Promise<void> {
  if (ctx.status < 400 || ctx.status >= 500) return;
  const { body } = ctx;
  const error: unknown = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  if (error === 'authorization_pending' || error === 'slow_down') return; // asked again and again, by design
  if (!allowance.take()) return;
  const grant = ctx.oidc.params?.['grant_type'];
  const token = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken;
  await audit.append(callerOf(ctx), {
    action: 'token.refused',
    outcome: 'failed',
    ...(token?.accountId === undefined ? {} : { subjectId: token.accountId }),
    facts: {
      error: typeof error === 'string' ? error : 'unknown',
      // What a stranger wrote never becomes public.
      grant: typeof grant === 'string' && grants.has(grant) ? grant : 'other',
    },
  });
}

/** A client is named only when it is registered, whether or not it proved that it is the one. */
function callerOf(ctx: KoaContextWithOIDC): Principal {
  const clientId = ctx.oidc.client?.clientId;
  return { ...anonymous, ...(clientId === undefined ? {} : { kind: 'system', clientId }), ...presentCall() };
}

/** The engine knows this request. */
export function isEngineContext(ctx: object): ctx is KoaContextWithOIDC {
  return 'oidc' in ctx && ctx.oidc !== undefined;
}

class Allowance {
  readonly #perMinute: number;
  #left: number;
  #untilMs = 0;

  constructor({ perMinute }: { perMinute: number }) {
    this.#perMinute = perMinute;
    this.#left = perMinute;
  }

  take(): boolean {
    const now = monotonicMs();
    if (now >= this.#untilMs) {
      this.#untilMs = now + 60_000;
      this.#left = this.#perMinute;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}

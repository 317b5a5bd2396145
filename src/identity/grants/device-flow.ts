// The device flow: a device without a browser shows a code, a person types it elsewhere and agrees there; RFC 8628.

import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Principal } from '../../kernel/principal.ts';
import { presentCall } from '../call-context.ts';
import { countedAgainst } from '../sign-in/counters.ts';
import { isEngineContext } from '../engine/engine-deeds.ts';
import { acrWish, floorOfClient, levelOfAcr } from '../levels/levels.ts';
import { firstIntervalSeconds } from './poll-pace.ts';
import { namesOf, pageRequestOf } from '../engine/provider-frame.ts';
import type { DeviceFault, ProviderPages } from '../engine/provider-pages.ts';

export interface DeviceFlowOptions {
  readonly publicUrl: string;
  readonly pages: ProviderPages;
  readonly database: Database;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** Below the engine's mount. */
const path = '/device';
/** RFC 8628, 5.1: 20^8 codes of which few are good, and so many tries for everybody behind one address. */
const tries = { max: 40, windowSeconds: 15 * 60 };

/** 20 consonants: no digits, no vowels, nothing that looks like another, and no words. */
export function deviceFlow({ pages }: DeviceFlowOptions) {
  return {
    enabled: true,
    charset: 'base-20',
    mask: '****-****',
    // Where the device asks from, as coarsely as the log knows it: the person may see that it is not their own.
    deviceInfo: () => ({ origin: presentCall().origin ?? '' }),
    userCodeInputSource: (ctx, _form, out, error) => {
      const typed = typedCodes.get(ctx) ?? (error !== undefined && 'userCode' in error ? error.userCode : undefined);
      const fault = error === undefined ? undefined : faultOf(error.name, out?.error);
      ctx.body = pages.device(pageRequestOf(ctx), {
        ...formOf(ctx),
        ...(typeof typed === 'string' && { userCode: typed.slice(0, 20) }),
        ...(fault !== undefined && { fault }),
      });
    },
    userCodeConfirmSource: (ctx, _form, client, { origin }, userCode) => {
      const params = ctx.oidc.deviceCode?.params ?? {};
      ctx.body = pages.deviceConfirm(pageRequestOf(ctx), {
        ...formOf(ctx),
        userCode,
        client: namesOf(client.metadata()),
        scopes: typeof params['scope'] === 'string' ? params['scope'].split(' ') : [],
        level: acrWish(params, floorOfClient(client.metadata())).floor,
        ...(typeof origin === 'string' && origin !== '' && { origin }),
      });
    },
    successSource: (ctx) => {
      ctx.body = pages.deviceDone(pageRequestOf(ctx), namesOf(ctx.oidc.client?.metadata() ?? {}));
    },
  } satisfies NonNullable<Configuration['features']>['deviceFlow'];
}

/** What stands around the engine's steps: what was typed into the address, the limit of tries, the audit entry. */
export function aroundDeviceFlow(provider: Provider, options: DeviceFlowOptions): void {
  const { publicUrl, pages } = options;
  provider.use(async (ctx, next) => {
    if (ctx.path === path && ctx.method === 'GET') {
      // The engine would answer with a form that a script sends; here the person sees the code and sends it (RFC 8628, 5.4).
      const { user_code: typed } = ctx.query;
      if (typeof typed === 'string') typedCodes.set(ctx, typed);
      ctx.querystring = '';
    }
    if (ctx.path === path && ctx.method === 'POST' && !(await mayTry(options))) {
      ctx.status = 429;
      ctx.set('retry-after', String(tries.windowSeconds));
      ctx.type = 'html';
      ctx.body = pages.device(pageRequestOf(ctx), { action: ctx.path, xsrf: '', fault: 'too-many' });
      return;
    }
    await next();
    if (!isEngineContext(ctx)) return;
    if (ctx.oidc.route === 'device_authorization') addressForPeople(ctx, publicUrl);
    if (ctx.oidc.route === 'code_verification' || ctx.oidc.route === 'device_resume')
      await recorded(ctx, options.audit);
  });
}

const typedCodes = new WeakMap<object, string>();

async function mayTry({ database, clock }: DeviceFlowOptions): Promise<boolean> {
  const subject = `user-code:${presentCall().origin ?? 'unknown'}`;
  return (await countedAgainst({ database, clock }, [{ subject, ...tries }])).length === 0;
}

/** The engine keeps a secret in the session, which its form must bring back. */
function formOf(ctx: KoaContextWithOIDC): { action: string; xsrf: string } {
  const secret = ctx.oidc.session?.state?.['secret'];
  return { action: ctx.oidc.urlFor('code_verification'), xsrf: typeof secret === 'string' ? secret : '' };
}

const faults: Readonly<Record<string, DeviceFault>> = {
  NoCodeError: 'missing',
  NotFoundError: 'unknown',
  ExpiredError: 'unknown',
  AlreadyUsedError: 'used',
  AbortedError: 'refused',
};

function faultOf(name: string, code: string | undefined): DeviceFault {
  return faults[name] ?? (code === 'unmet_authentication_requirements' ? 'level' : 'failed');
}

/** People type a short address, which leads to the engine's. */
function addressForPeople(ctx: KoaContextWithOIDC, publicUrl: string): void {
  const { body } = ctx;
  if (typeof body !== 'object' || body === null || !('user_code' in body)) return;
  const uri = `${publicUrl}/device`;
  Object.assign(body, {
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${encodeURIComponent(String(body.user_code))}`,
    interval: firstIntervalSeconds,
  });
}

/** Somebody agreed or refused: the entry is durable before they hear it. */
async function recorded(ctx: KoaContextWithOIDC, audit: AuditLog): Promise<void> {
  const { deviceCode: code, session } = ctx.oidc;
  if (code === undefined || (code.accountId === undefined && code.error === undefined)) return;
  if (code.error === 'access_denied' && ctx.status >= 400) return; // somebody else was faster
  const accountId = code.accountId ?? session?.accountId;
  const caller: Principal = {
    kind: accountId === undefined ? 'anonymous' : 'person',
    ...(accountId !== undefined && { accountId }),
    ...(code.clientId !== undefined && { clientId: code.clientId }),
    scopes: new Set(),
    roles: new Set(),
    level: levelOfAcr(code.acr),
    ...presentCall(),
  };
  await audit.append(caller, {
    action: 'device.answered',
    outcome: code.error === undefined ? 'done' : 'failed',
    ...(accountId !== undefined && { subjectId: accountId }),
    facts: {
      client: code.clientId ?? '',
      ...(code.scope !== undefined && { scope: code.scope }),
      ...(code.error !== undefined && { error: code.error }),
    },
  });
}

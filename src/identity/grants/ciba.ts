// Requests to approve on another device: whom a system may ask, how often, and that it learns from no answer who exists; OpenID CIBA Core 1.0 sections 7 and 13.

import type {
  BackchannelAuthenticationRequest,
  Client,
  Configuration,
  FindAccount,
  KoaContextWithOIDC,
} from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-log.ts';
import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Database } from '../../db/database.ts';
import type { Clock } from '../../kernel/clock.ts';
import { idFromUuid, uuidFromId } from '../../kernel/ids.ts';
import { anonymous, type Principal } from '../../kernel/principal.ts';
import { type Accounts, loginNameOf } from '../accounts/accounts.ts';
import type { Approvals } from './approvals.ts';
import { presentCall } from '../call-context.ts';
import { countedAgainst } from '../sign-in/counters.ts';
import { errors } from '../engine/engine.ts';

export interface CibaOptions {
  readonly accounts: Pick<Accounts, 'find' | 'findByLoginName'>;
  readonly approvals: Pick<Approvals, 'ask'>;
  readonly database: Database;
  readonly audit: AuditLog;
  readonly cipher: FieldCipher;
  readonly clock: Clock;
}

/** How long a person has, unless the system asks for less. */
export const approvalSeconds = 600;
const leastSeconds = 30;
const windowSeconds = 15 * 60;
/** A person whose telephone rings all day approves in the end: few from one system, and few from all. */
const maxPerSystem = 5;
const maxPerPerson = 15;
const maxMessageLength = 64;

export function ciba(options: CibaOptions) {
  return {
    enabled: true,
    deliveryModes: ['poll'],
    processLoginHint: (ctx, hint) => personHinted(ctx, hint ?? '', options),
    processLoginHintToken: () => {
      throw new errors.InvalidRequest('login_hint_token is not supported');
    },
    validateBindingMessage: (_ctx, message) => {
      if (message === undefined) return;
      if (message.length > maxMessageLength || !/^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]+$/u.test(message))
        throw new errors.InvalidBindingMessage('1 to 64 characters that can be read');
    },
    validateRequestContext: (_ctx, context) => {
      if (context !== undefined) throw new errors.InvalidRequest('request_context is not supported');
    },
    verifyUserCode: (_ctx, _account, userCode) => {
      if (userCode !== undefined) throw new errors.InvalidUserCode('user codes are not used here');
    },
    triggerAuthenticationDevice: (ctx, request, _account, client) => asked(ctx, request, client, options),
  } satisfies NonNullable<Configuration['features']>['ciba'];
}

/** Life of a request: what the system asks for, up to what a person is given at most. */
export function approvalLifetime({ oidc: { params } }: KoaContextWithOIDC): number {
  const asked = Number(params?.['requested_expiry'] ?? approvalSeconds);
  return Math.min(approvalSeconds, Math.max(leastSeconds, Number.isFinite(asked) ? asked : approvalSeconds));
}

/** Of requests whose hint names nobody: they live and end like others, and no person ever sees them. */
const decoys = new WeakMap<object, string>();

/** The engine's look-up of accounts, which finds the nobody of a decoy for its own request. */
export function withDecoys(findAccount: FindAccount): FindAccount {
  return async (ctx, sub, token) =>
    decoys.get(ctx) === sub && sub !== undefined
      ? { accountId: sub, claims: async () => ({ sub }) }
      : findAccount(ctx, sub, token);
}

/**
 * CIBA Core 13 has `unknown_user_id`; a system that could ask for any name would learn from it who has an account. So a hint that
 * names nobody is answered like any other, by an account id that follows from the hint and is nobody's: limits count it the same way.
 */
async function personHinted(ctx: KoaContextWithOIDC, hint: string, { accounts, cipher }: CibaOptions): Promise<string> {
  const text = hint.slice(0, 128);
  const byId = uuidFromId('account', text) !== undefined;
  const account = byId ? await accounts.find(text) : await accounts.findByLoginName(text);
  if (account?.status === 'active') return account.accountId;
  const digest = cipher.blindIndex(byId ? text : (loginNameOf(text) ?? text), 'identity.ciba.nobody');
  const hex = Buffer.from(digest.subarray(0, 16)).toString('hex');
  const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  const nobody = idFromUuid('account', uuid);
  decoys.set(ctx, nobody);
  return nobody;
}

async function asked(
  ctx: KoaContextWithOIDC,
  request: BackchannelAuthenticationRequest,
  client: Client,
  options: CibaOptions,
): Promise<void> {
  const person = request.accountId ?? '';
  const caller: Principal = { ...anonymous, kind: 'system', clientId: client.clientId, ...presentCall() };
  const isDecoy = decoys.get(ctx) === person;
  const passed = await countedAgainst(options, [
    { subject: `approval:${client.clientId}:${person}`, max: maxPerSystem, windowSeconds },
    { subject: `approval:${person}`, max: maxPerPerson, windowSeconds },
  ]);
  if (passed.length === 0 && !isDecoy) {
    await options.approvals.ask(request, client, caller);
    return;
  }
  if (passed.length === 0 || passed.some(({ first }) => first))
    await options.audit.append(caller, {
      action: 'approval.asked',
      outcome: 'failed',
      ...(!isDecoy && { subjectId: person }),
      facts: { client: client.clientId, scope: request.scope ?? '' },
    });
  if (passed.length > 0) throw new errors.AccessDenied('this person was asked too often');
}

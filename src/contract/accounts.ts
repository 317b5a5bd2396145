// Accounts of people as administrators help and stop them; personal data is masked, and whoever is looked at can see it.

import { z } from 'zod';
import { roles } from '../kernel/principal.ts';
import { evidenceMethodNames } from '../kernel/words/evidence-methods.ts';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const tag = 'Accounts';
const accountId = idSchema('account');
const params = z.strictObject({ accountId });
const role = z.enum(roles);
const reason = z.string().min(1).max(500).meta({ description: 'Why; sealed in the audit log' });

const account = z
  .strictObject({
    accountId,
    loginName: z.string(),
    status: z.enum(['active', 'suspended', 'closed']),
    roles: z.array(role),
    level: z.number().int().min(0).max(5).meta({ description: 'Real-name level that counts now' }),
    createdAt: moment,
  })
  .meta({ id: 'Account' });

const accountView = z
  .strictObject({
    account,
    person: z
      .strictObject({ name: z.string(), idNumber: z.string() })
      .nullable()
      .meta({ description: 'Masked; null: the account names nobody' }),
    evidence: z.array(
      z.strictObject({
        level: z.number().int(),
        method: z.string().nullable(),
        source: z.string(),
        establishedAt: moment,
        expiresAt: moment.nullable(),
      }),
    ),
    factors: z.array(z.strictObject({ kind: z.string(), createdAt: moment })),
    sessions: z.array(
      z.strictObject({
        sessionId: idSchema('session'),
        beganAt: moment,
        usedAt: moment,
        expiresAt: moment,
        systems: z.array(z.string()).meta({ description: 'Client ids' }),
      }),
    ),
    mandates: z.array(
      z.strictObject({
        mandateId: idSchema('mandate'),
        organisationId: idSchema('organisation'),
        organisationName: z.string(),
        validUntil: moment,
      }),
    ),
  })
  .meta({ id: 'AccountView' });

const changeErrors = ['forbidden', 'account-not-found', 'account-transition-forbidden', 'approval-required'] as const;

export const listAccounts = operation({
  id: 'listAccounts',
  method: 'get',
  path: '/api/v1/accounts',
  tag,
  summary: 'Accounts with roles, or suspended ones, by identifier',
  description: 'By an administrator. There is no list of everybody: other accounts are found by whoever asks for them.',
  access: ['identity.manage'],
  query: z.strictObject({ list: z.enum(['staff', 'suspended']).default('staff'), ...pageQuery }),
  success: { status: 200, json: pageOf(account) },
  errors: ['forbidden', 'cursor-invalid'],
});

export const searchAccounts = operation({
  id: 'searchAccounts',
  method: 'post',
  reads: true,
  path: '/api/v1/accounts/search',
  tag,
  summary: 'Find accounts by an exact login name, identifier, telephone or resident number',
  description:
    'In the body, so that no number stands in an address. The search is in the audit log, for the person too.',
  access: ['identity.manage'],
  json: z.strictObject({
    by: z.enum(['login-name', 'account-id', 'phone', 'id-number']),
    value: z.string().min(1).max(64),
    reason,
  }),
  success: { status: 200, json: z.strictObject({ items: z.array(account) }) },
  errors: ['forbidden', 'malformed-identifier'],
});

export const getAccount = operation({
  id: 'getAccount',
  method: 'get',
  path: '/api/v1/accounts/{accountId}',
  tag,
  summary: 'One account: level with evidence, kinds of factors, sessions, mandates',
  access: ['identity.manage'],
  params,
  success: { status: 200, json: accountView },
  errors: ['forbidden', 'account-not-found'],
});

const deed = <const Id extends string, const Path extends `/api/v1/${string}`>(id: Id, path: Path, summary: string) =>
  operation({
    id,
    method: 'post',
    path,
    tag,
    summary,
    access: ['identity.manage'],
    params,
    json: z.strictObject({ reason }),
    success: { status: 200, json: account },
    errors: changeErrors,
  });

export const suspendAccount = deed(
  'suspendAccount',
  '/api/v1/accounts/{accountId}/suspend',
  'Suspend an account; its sessions and tokens end at once',
);
export const resumeAccount = deed(
  'resumeAccount',
  '/api/v1/accounts/{accountId}/resume',
  'Take an account back into use',
);
export const unlockAccount = deed(
  'unlockAccount',
  '/api/v1/accounts/{accountId}/unlock',
  'Forget failed sign-ins, so that the person may try at once',
);
export const endAccountSessions = deed(
  'endAccountSessions',
  '/api/v1/accounts/{accountId}/end-sessions',
  'End all sessions of an account',
);

const roleDeed = <const Id extends string, const Path extends `/api/v1/${string}`>(
  id: Id,
  path: Path,
  summary: string,
) =>
  operation({
    id,
    method: 'post',
    path,
    tag,
    summary,
    description: 'The role of administrator is proposed by one administrator and approved by another.',
    access: ['identity.manage'],
    params,
    json: z.strictObject({ role, reason }),
    success: { status: 200, json: account },
    errors: changeErrors,
  });

export const giveRole = roleDeed('giveRole', '/api/v1/accounts/{accountId}/give-role', 'Give an account a role');
export const takeRole = roleDeed('takeRole', '/api/v1/accounts/{accountId}/take-role', 'Take a role from an account');

export const withdrawEvidence = operation({
  id: 'withdrawEvidence',
  method: 'post',
  path: '/api/v1/accounts/{accountId}/withdraw-evidence',
  tag,
  summary: 'Take away what was established by one means',
  description: 'The level falls at once, sessions above it end, and the person sees it in their activity.',
  access: ['identity.manage'],
  params,
  json: z.strictObject({ method: z.enum(evidenceMethodNames), reason }),
  success: { status: 200, json: account },
  errors: changeErrors,
});

export const resetFactors = operation({
  id: 'resetFactors',
  method: 'post',
  path: '/api/v1/accounts/{accountId}/reset-factors',
  tag,
  summary: 'Remove every second factor of a person who was seen at a window',
  description: 'Sessions end, and that the person was seen in person becomes evidence. The password stays.',
  access: ['identity.manage'],
  params,
  json: z.strictObject({ reason, reference: z.string().min(1).max(100).meta({ description: 'File of the window' }) }),
  success: { status: 200, json: account },
  errors: changeErrors,
});

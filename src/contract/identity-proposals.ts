// Deeds of two administrators on identity (双人办理): wider rights of a business system, the role of administrator, a person's name and number.

import { z } from 'zod';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { clientChange, levelFloor } from './clients.ts';
import { operation } from './operation.ts';
import { scopes } from '../kernel/principal.ts';

const tag = 'Accounts';
const accountId = idSchema('account');
const params = z.strictObject({ proposalId: idSchema('proposal') });

const ofClient = {
  clientId: z.string().regex(/^[a-z0-9][a-z0-9-]{2,63}$/),
  revision: z.number().int().positive().max(999_999_999).optional().meta({
    description:
      'What was read of the client (its ETag); the present one when nothing is said. Approved of this one only',
  }),
};

const identityDeed = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('client.rights'),
      ...ofClient,
      apiScopes: z.array(z.enum(scopes)).max(scopes.length),
      levelFloor: levelFloor,
    }),
    z.strictObject({ kind: z.literal('client.change'), ...ofClient, change: clientChange }),
    z.strictObject({
      kind: z.literal('client.secret'),
      ...ofClient,
      overlapSeconds: z.number().int().min(0).max(2_592_000).default(86_400),
    }),
    z.strictObject({ kind: z.literal('client.resume'), ...ofClient }),
    z.strictObject({
      kind: z.enum(['administrator.give', 'administrator.take', 'administrator.suspend', 'administrator.resume']),
      accountId,
    }),
    z.strictObject({
      kind: z.literal('person.erase'),
      accountId: accountId.meta({ description: 'All zeros once it is done' }),
    }),
    z.strictObject({
      kind: z.literal('person.correct'),
      accountId,
      name: z.string().min(1).max(100),
      idNumber: z.string().min(18).max(18),
    }),
  ])
  .meta({ description: 'What two administrators do together' });

const proposal = z
  .strictObject({
    proposalId: idSchema('proposal'),
    deed: identityDeed,
    reason: z.string(),
    state: z.enum(['open', 'expired', 'done', 'rejected']),
    proposedBy: accountId,
    proposedAt: moment,
    expiresAt: moment,
    decidedBy: accountId.nullable(),
    decidedAt: moment.nullable(),
  })
  .meta({ id: 'IdentityProposal' });

const approved = z
  .strictObject({
    ...proposal.shape,
    secret: z.string().nullable().meta({ description: 'Of a client, where one was made: shown here and never again' }),
  })
  .meta({ id: 'ApprovedIdentityProposal' });

/** What stands in the way of a deed. */
const deedErrors = [
  'forbidden',
  'client-not-found',
  'client-transition-forbidden',
  'account-not-found',
  'account-transition-forbidden',
  'malformed-identifier',
  'precondition-failed',
] as const;

export const proposeIdentityDeed = operation({
  id: 'proposeIdentityDeed',
  method: 'post',
  path: '/api/v1/identity-proposals',
  tag,
  summary: 'Propose what takes two administrators; open for a day',
  access: ['identity.manage'],
  json: z.strictObject({ deed: identityDeed, reason: z.string().min(1).max(500) }),
  success: { status: 201, json: proposal },
  errors: deedErrors,
});

export const listIdentityProposals = operation({
  id: 'listIdentityProposals',
  method: 'get',
  path: '/api/v1/identity-proposals',
  tag,
  summary: 'Proposals, newest first',
  access: ['identity.manage'],
  query: z.strictObject(pageQuery),
  success: { status: 200, json: pageOf(proposal) },
  errors: ['forbidden', 'cursor-invalid'],
});

export const approveIdentityProposal = operation({
  id: 'approveIdentityProposal',
  method: 'post',
  path: '/api/v1/identity-proposals/{proposalId}/approve',
  tag,
  summary: 'Approve what another administrator proposed; it is done at once',
  access: ['identity.manage'],
  params,
  success: { status: 200, json: approved },
  errors: [...deedErrors, 'proposal-not-found', 'proposal-not-open', 'proposal-self-approval'],
});

export const rejectIdentityProposal = operation({
  id: 'rejectIdentityProposal',
  method: 'post',
  path: '/api/v1/identity-proposals/{proposalId}/reject',
  tag,
  summary: 'Refuse a proposal, or take back the own one',
  access: ['identity.manage'],
  params,
  success: { status: 200, json: proposal },
  errors: ['forbidden', 'proposal-not-found', 'proposal-not-open'],
});

// Organisations (法人) and mandates (授权) as people and their applications see them; docs/mandates.md.

import { z } from 'zod';
import { mandateRoles, mandateScopes } from '../kernel/mandate-scopes.ts';
import { idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const tag = 'Mandates';
const organisationId = idSchema('organisation');
const mandateId = idSchema('mandate');
const sealIds = z.array(idSchema('seal')).min(1).max(50);

const organisation = z
  .strictObject({
    organisationId,
    uscc: z.string().meta({ description: 'Unified social credit code (GB 32100)', example: '91990000XTEXT000XQ' }),
    name: z.string(),
    status: z.enum(['active', 'suspended', 'closed']).meta({ description: 'Nobody acts for one that is not active' }),
  })
  .meta({ id: 'Organisation' });

const scope = z.array(z.enum(mandateScopes)).meta({
  description: 'What the agent may do; each of `seal:use`, `seal:approve` and `seal:apply` contains `seal:read`',
  example: ['seal:use'],
});

const mandate = z
  .strictObject({
    mandateId,
    organisation,
    loginName: z.string().meta({ description: 'Of whoever acts under it' }),
    role: z.enum(mandateRoles),
    scope,
    sealIds: z.array(z.string()).nullable().meta({ description: 'Seals it is narrowed to; null: all' }),
    maxUses: z.number().int().nullable().meta({ description: 'Uses of seals that it allows; null: any number' }),
    purpose: z.string(),
    validFrom: moment,
    validUntil: moment,
    state: z.enum(['offered', 'claimed', 'active', 'suspended', 'expired', 'ended']).meta({
      description:
        '`offered`: the agent has not answered; `claimed`: a representative who is to succeed; `suspended`: what it rests on does not hold now',
    }),
    endedAs: z.enum(['declined', 'laid-down', 'revoked', 'succeeded', 'lapsed']).nullable(),
    endedAt: moment.nullable(),
  })
  .meta({ id: 'Mandate' });

export const listOrganisations = operation({
  id: 'listOrganisations',
  method: 'get',
  path: '/api/v1/organisations',
  tag,
  summary: 'Organisations that one can act for',
  description: 'Administrators and auditors get all organisations, page by page.',
  access: ['mandate.read'],
  query: z.strictObject(pageQuery),
  success: { status: 200, json: pageOf(organisation) },
  errors: ['forbidden', 'cursor-invalid'],
});

export const listMandates = operation({
  id: 'listMandates',
  method: 'get',
  path: '/api/v1/mandates',
  tag,
  summary: 'Mandates, newest first',
  description:
    'One’s own; with `organisationId` those of an organisation, for whoever appoints there, administrators and auditors.',
  access: ['mandate.read'],
  query: z.strictObject({ organisationId: organisationId.optional(), ...pageQuery }),
  success: { status: 200, json: pageOf(mandate) },
  errors: ['forbidden', 'cursor-invalid'],
});

export const getMandate = operation({
  id: 'getMandate',
  method: 'get',
  path: '/api/v1/mandates/{mandateId}',
  tag,
  summary: 'One mandate',
  access: ['mandate.read'],
  params: z.strictObject({ mandateId }),
  success: { status: 200, json: mandate },
  errors: ['mandate-not-found'],
});

export const appointAgent = operation({
  id: 'appointAgent',
  method: 'post',
  path: '/api/v1/mandates',
  tag,
  summary: 'Appoint an agent (经办人)',
  description:
    'For the legal representative and for agents with `organisation:manage`. It holds when the agent accepts. The caller must have signed in within five minutes (RFC 9470).',
  access: ['mandate.manage'],
  json: z.strictObject({
    organisationId,
    loginName: z.string().min(1).max(64),
    scope: scope.min(1),
    sealIds: sealIds.optional(),
    maxUses: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'Uses of seals, with `seal:use`; a voided stamping counts not' }),
    validUntil: moment.optional().meta({ description: 'At most three years from now; default: a year' }),
    purpose: z.string().min(1).max(200),
  }),
  creates: true,
  success: { status: 201, json: mandate },
  errors: ['forbidden', 'step-up-required', 'account-not-found', 'mandate-exists', 'idempotency-key-reused'],
});

export const revokeMandate = operation({
  id: 'revokeMandate',
  method: 'post',
  path: '/api/v1/mandates/{mandateId}/revoke',
  tag,
  summary: 'End a mandate at once',
  description:
    'The agent lays it down, or whoever appointed takes it back, or an administrator does; what was appointed under it ends too.',
  access: ['mandate.manage'],
  params: z.strictObject({ mandateId }),
  success: { status: 200, json: mandate },
  errors: ['forbidden', 'mandate-not-found'],
});

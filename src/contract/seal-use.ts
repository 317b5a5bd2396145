// The use of seals as their organisations rule it: the policy of use of a seal with its versions; docs/seals.md.

import { z } from 'zod';
import { idSchema, moment } from './common.ts';
import { operation } from './operation.ts';
import { documentClass } from './seals.ts';

const tag = 'Seals';
const params = z.strictObject({ sealId: idSchema('seal') });
const limit = z.number().int().min(1).max(1_000_000).nullable().default(null);
const reason = z.string().min(1).max(200);

const rules = {
  users: z
    .array(idSchema('account'))
    .min(1)
    .max(200)
    .nullable()
    .default(null)
    .meta({ description: 'Persons who may use it, of those whose mandate allows it; null: all of them' }),
  purposes: z.array(z.string().min(1).max(200)).min(1).max(50).nullable().default(null).meta({
    description: 'A stamping names one of these, letter by letter; null: any purpose',
  }),
  documentClasses: z
    .array(documentClass)
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: 'A stamping names one of these; null: none need be named' }),
  policies: z
    .array(z.enum(['intl', 'gm', 'dual']))
    .min(1)
    .nullable()
    .default(null),
  levels: z
    .array(z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']))
    .min(1)
    .nullable()
    .default(null),
  timeZone: z.string().max(64).default('Asia/Shanghai').meta({ description: 'Of hours, days and months (IANA)' }),
  hours: z
    .array(
      z.strictObject({
        days: z.array(z.number().int().min(1).max(7)).min(1).max(7).meta({ description: '1 is Monday, 7 Sunday' }),
        from: z.string().meta({ example: '08:30' }),
        until: z.string().meta({ description: 'The first minute after it', example: '18:00' }),
      }),
    )
    .min(1)
    .max(14)
    .nullable()
    .default(null)
    .meta({ description: 'Parts of the week in which it may be used; null: always' }),
  quota: z
    .strictObject({ sealPerDay: limit, sealPerMonth: limit, userPerDay: limit, userPerMonth: limit })
    .default({ sealPerDay: null, sealPerMonth: null, userPerDay: null, userPerMonth: null })
    .meta({ description: 'Stampings of a calendar day or month; a voided one gives its place back' }),
  approvers: z
    .number()
    .int()
    .min(0)
    .max(3)
    .default(0)
    .meta({ description: 'Persons other than the requester and each other who must agree to each stamping' }),
};

const policy = z
  .strictObject({
    version: z.number().int().min(0).meta({ description: '0: none was set' }),
    ...rules,
    reason: z.string().nullable(),
    setBy: idSchema('account').nullable(),
    setAt: moment.nullable(),
  })
  .meta({ id: 'UsePolicy' });

export const getUsePolicy = operation({
  id: 'getUsePolicy',
  method: 'get',
  path: '/api/v1/seals/{sealId}/use-policy',
  tag,
  summary: 'Policy of use of a seal (用印规则)',
  description: 'For the organisation of the seal and seal administrators. Its ETag is the version.',
  access: [],
  params,
  versioned: 'answers',
  success: { status: 200, json: policy },
  errors: ['scope-missing', 'forbidden', 'seal-not-found'],
});

export const listUsePolicyVersions = operation({
  id: 'listUsePolicyVersions',
  method: 'get',
  path: '/api/v1/seals/{sealId}/use-policy/versions',
  tag,
  summary: 'Versions of the policy of use, newest first',
  access: [],
  params,
  success: { status: 200, json: z.strictObject({ items: z.array(policy) }) },
  errors: ['scope-missing', 'forbidden', 'seal-not-found'],
});

export const setUsePolicy = operation({
  id: 'setUsePolicy',
  method: 'post',
  path: '/api/v1/seals/{sealId}/use-policy',
  tag,
  summary: 'Set the policy of use of a seal',
  description:
    'By the organisation of the seal. What is left out is not limited. It is in force from now on; a stamping under way that was admitted under the former version is not released.',
  access: ['seal.apply'],
  params,
  json: z.strictObject({ ...rules, reason }),
  creates: true,
  versioned: 'demands',
  success: { status: 201, json: policy },
  errors: ['forbidden', 'seal-not-found', 'idempotency-key-reused'],
});

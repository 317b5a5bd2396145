// Uses (用途记录) as those whom they concern see them: a person what was done with the own identity and licences, an organisation with its seals.

import { z } from 'zod';
import { auditIndex, idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const use = z
  .strictObject({
    entryId: idSchema('entry'),
    auditIndex,
    at: moment,
    action: z.string(),
    outcome: z.string(),
    text: z.strictObject({ zh: z.string(), en: z.string() }).meta({
      description: 'What happened, in plain words',
      example: { zh: '您出示了证照', en: 'You showed a licence' },
    }),
    by: z
      .enum(['you', 'system', 'officer', 'service', 'stranger'])
      .meta({ description: 'Who did it: yourself, a business system, a person of one, this service, or nobody known' }),
    client: z
      .strictObject({ clientId: z.string(), name: z.string(), nameEn: z.string() })
      .nullable()
      .meta({ description: 'The system it went through' }),
    objectId: z.string().nullable().meta({ description: 'Licence, stamping, document … it was done with' }),
    purpose: z.string().nullable(),
    origin: z
      .string()
      .nullable()
      .meta({ description: 'Network it came from, shortened; only of what you did yourself' }),
    code: z.string().nullable().meta({ description: 'Why it failed' }),
  })
  .meta({ id: 'Use' });

const query = z.strictObject({ from: moment.optional(), until: moment.optional(), ...pageQuery });

export const listOwnActivity = operation({
  id: 'listOwnActivity',
  method: 'get',
  path: '/api/v1/activity',
  tag: 'Audit',
  summary: 'Every use of the own identity, licences and seals, newest first, from the audit log',
  description:
    'For persons, through applications that may see their licences. A use is here as soon as it is answered. Each has a receipt: see getAuditReceipt.',
  access: ['licence.read'],
  query,
  success: { status: 200, json: pageOf(use) },
  errors: ['forbidden', 'cursor-invalid'],
});

export const listOrganisationActivity = operation({
  id: 'listOrganisationActivity',
  method: 'get',
  path: '/api/v1/organisations/{organisationId}/activity',
  tag: 'Audit',
  summary: 'Every use of the seals of an organisation, newest first, from the audit log',
  description: 'For those who act for the organisation (法定代表人, 经办人), and for auditors.',
  access: [],
  params: z.strictObject({ organisationId: idSchema('organisation') }),
  query,
  success: { status: 200, json: pageOf(use) },
  errors: ['forbidden', 'cursor-invalid'],
});

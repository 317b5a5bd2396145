// Licence types (证照目录) and licences (电子证照) as issuing systems see them.

import { z } from 'zod';
import { auditIndex, day, idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';

const licenceId = idSchema('licence');
const title = z.strictObject({ zh: z.string(), en: z.string() });

const licenceType = z
  .strictObject({
    typeCode: z.string().meta({ description: 'USCC of the defining authority and 3 digits (GB/T 36904)' }),
    catalogueNumber: z.number().int().meta({ description: 'Number in our catalogue; the QR forms carry it' }),
    version: z.number().int(),
    name: title,
    holderKind: z.enum(['person', 'organisation']),
    definingAuthority: z.strictObject({ name: title, uscc: z.string() }),
    claims: z.array(
      z.strictObject({
        name: z.string(),
        title,
        kind: z.enum(['string', 'date', 'integer', 'enum']),
        required: z.boolean(),
        values: z.array(z.string()).optional(),
        maxLength: z.number().int().optional(),
      }),
    ),
  })
  .meta({ id: 'LicenceType' });

export const listLicenceTypes = operation({
  id: 'listLicenceTypes',
  method: 'get',
  path: '/api/v1/licence-types',
  tag: 'Licences',
  summary: 'List licence types',
  access: ['licence.read'],
  query: z.strictObject(pageQuery),
  success: { status: 200, json: pageOf(licenceType) },
  errors: ['cursor-invalid'],
});

const status = z.enum(['intended', 'active', 'suspended', 'revoked', 'voided']);

const licence = z
  .strictObject({
    licenceId,
    identifier: z.string().meta({ description: 'Licence identifier (证照标识, GB/T 36904)' }),
    typeCode: z.string(),
    typeName: title,
    issuerName: z.string(),
    holder: z
      .strictObject({
        kind: z.enum(['person', 'organisation']),
        name: z.string(),
        idType: z.string(),
        idNumber: z.string(),
      })
      .meta({
        description: 'The number is masked',
      }),
    claims: z.record(z.string(), z.union([z.string(), z.number()])),
    validFrom: day,
    validUntil: day.nullable(),
    status,
    version: z.number().int(),
    issuedAt: moment,
    auditIndex,
  })
  .meta({ id: 'Licence' });

export const issueLicence = operation({
  id: 'issueLicence',
  method: 'post',
  path: '/api/v1/licences',
  tag: 'Licences',
  summary: 'Issue a licence',
  access: ['licence.issue'],
  json: z.strictObject({
    typeCode: z.string().max(64),
    holder: z.strictObject({
      kind: z.enum(['person', 'organisation']),
      name: z.string().min(1).max(100),
      idType: z.enum(['resident-id', 'uscc']),
      idNumber: z.string().min(1).max(32),
    }),
    claims: z.record(z.string().max(64), z.union([z.string().max(2000), z.number()])),
    validFrom: day,
    validUntil: day.nullable().optional().meta({ description: 'Absent or null: without end' }),
  }),
  creates: true,
  success: { status: 201, json: licence },
  errors: [
    'forbidden',
    'licence-type-not-found',
    'licence-claims-invalid',
    'holder-identifier-invalid',
    'idempotency-key-reused',
    'key-unavailable',
  ],
});

export const getLicence = operation({
  id: 'getLicence',
  method: 'get',
  path: '/api/v1/licences/{licenceId}',
  tag: 'Licences',
  summary: 'One licence',
  access: ['licence.read'],
  params: z.strictObject({ licenceId }),
  success: { status: 200, json: licence },
  errors: ['licence-not-found'],
});

function statusChange(verb: 'suspend' | 'resume' | 'revoke', summary: string) {
  return operation({
    id: `${verb}Licence`,
    method: 'post',
    path: `/api/v1/licences/{licenceId}/${verb}`,
    tag: 'Licences',
    summary,
    access: ['licence.manage'],
    params: z.strictObject({ licenceId }),
    json: z.strictObject({ reason: z.string().min(1).max(200) }),
    success: { status: 200, json: licence },
    errors: ['licence-not-found', 'licence-transition-forbidden'],
  });
}

export const suspendLicence = statusChange('suspend', 'Suspend a licence (暂扣)');
export const resumeLicence = statusChange('resume', 'Resume a suspended licence (恢复)');
export const revokeLicence = statusChange('revoke', 'Revoke a licence (吊销)');

export const getLicenceQr = operation({
  id: 'getLicenceQr',
  method: 'get',
  path: '/api/v1/licences/{licenceId}/qr',
  tag: 'Licences',
  summary: 'Printed QR of a licence (form EL1)',
  description: 'As JSON, or as a PNG picture when Accept asks for image/png.',
  access: ['licence.read'],
  params: z.strictObject({ licenceId }),
  success: {
    status: 200,
    json: z.strictObject({
      text: z.string().meta({ description: 'A link: any camera opens the verdict' }),
      bare: z.string().meta({ description: 'The same bytes as EL1: and base45' }),
      form: z.literal('EL1'),
    }),
    raw: { mediaTypes: ['image/png'], description: 'PNG of the link' },
  },
  errors: ['licence-not-found', 'licence-transition-forbidden', 'not-acceptable'],
});

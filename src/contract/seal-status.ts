// The status of seals for the superior register (a feed) and for everybody (by seal code); docs/seals.md.

import { z } from 'zod';
import { idSchema, moment, pageQuery } from './common.ts';
import { operation } from './operation.ts';
import { sealStatus, sealType } from './seals.ts';

const tag = 'Seals';
const base64 = z.string().meta({ description: 'Base64' });

const event = z
  .strictObject({
    sealId: idSchema('seal'),
    sealCode: z.string().meta({ description: '印章编码' }),
    name: z.string().meta({ description: '印章名称' }),
    type: sealType,
    organisation: z.strictObject({ name: z.string(), uscc: z.string() }),
    region: z.string().meta({ description: '区域: six digits' }),
    organisationKind: z.string().meta({ description: '法人类型: positions 1 and 2 of the credit code' }),
    parentSealCode: z.string().nullable().meta({ description: '上级印章编码' }),
    validFrom: moment,
    validUntil: moment,
    createdAt: moment,
    maker: z.string().meta({ description: '制章点' }),
    signature: base64.meta({ description: '签名值 of the seal maker, Base64' }),
    certificate: base64.meta({ description: 'Certificate of the seal, DER in Base64' }),
    certificateFrom: moment,
    certificateUntil: moment,
    deed: z.string().meta({ example: 'stop' }),
    status: sealStatus,
    invalidType: z.number().int().nullable().meta({ description: '0 吊销, 1 撤销, 2 挂失' }),
    reason: z.string(),
    description: z.string().nullable(),
    reference: z.string().nullable().meta({ description: '备案编号' }),
    appliedAt: moment,
    effectiveAt: moment,
  })
  .meta({ id: 'SealStatusEvent' });

export const listSealEvents = operation({
  id: 'listSealEvents',
  method: 'get',
  path: '/api/v1/seal-events',
  tag,
  summary: 'Steps of all seals, for the superior register',
  description:
    'In the order in which they became visible. Keep `nextCursor` and ask again with it: no step is missed, and none comes twice.',
  access: ['seal.feed'],
  query: z.strictObject(pageQuery),
  success: {
    status: 200,
    json: z.strictObject({ items: z.array(event), nextCursor: z.string(), hasMore: z.boolean() }),
  },
  errors: ['cursor-invalid'],
});

export const getSealStatus = operation({
  id: 'getSealStatus',
  method: 'get',
  path: '/api/v1/seal-statuses/{sealCode}',
  tag,
  summary: 'Whether a seal is in use, by its code; for everybody',
  description: 'No person and no reason is told. At most 60 lookups a minute from one network.',
  access: 'public',
  params: z.strictObject({ sealCode: z.string().regex(/^[0-9]{14}$/) }),
  success: {
    status: 200,
    json: z
      .strictObject({
        sealCode: z.string(),
        name: z.string().nullable().meta({ description: 'Null for seals of persons' }),
        type: sealType,
        organisationName: z.string(),
        status: sealStatus,
        since: moment,
        validFrom: moment,
        validUntil: moment,
      })
      .meta({ id: 'PublicSealStatus' }),
  },
  errors: ['seal-not-found'],
});

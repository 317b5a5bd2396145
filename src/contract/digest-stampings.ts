// Stamping by digest (摘要用印) as systems see it: the document stays with them.

import { z } from 'zod';
import { auditIndex, idSchema, moment, sha256Hex } from './common.ts';
import { operation } from './operation.ts';
import { documentClass } from './seals.ts';

const digestStampingId = idSchema('digestStamping');
const sealId = idSchema('seal');
const base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .meta({ description: 'Base64 (RFC 4648, 4)' });
const digestHex = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ description: 'Lower-case hex' });

const stamping = {
  digestStampingId,
  sealId,
  status: z.enum(['prepared', 'intended', 'done', 'voided']),
  mediaType: z.enum(['application/pdf', 'application/ofd']),
  policy: z.enum(['intl', 'gm']),
  level: z.enum(['B-B', 'B-T']),
  purpose: z.string(),
  signingTime: moment.meta({ description: 'Fixed; whole seconds. What the document is prepared with' }),
  signUntil: moment.meta({ description: 'The digest must have come before this moment' }),
  value: base64.nullable().meta({
    description: 'The signature value: DER of a CMS for a PDF, of an SES_Signature for an OFD; null until it is done',
  }),
  auditIndex: auditIndex.meta({
    description: 'Index of the last entry in the audit log; null before the seal is used',
  }),
};

const digestStamping = z.strictObject(stamping).meta({ id: 'DigestStamping' });

const preparation = z
  .strictObject({
    ...stamping,
    digestAlgorithm: z.enum(['SHA-256', 'SM3']).meta({ description: 'Of the digest that is to be signed' }),
    contentsSizeBytes: z
      .number()
      .int()
      .meta({ description: 'Room for the value that a PDF reserves in Contents, in bytes of DER' }),
    seal: z.strictObject({
      widthMm: z.number(),
      heightMm: z.number(),
      face: base64.meta({ description: 'Outlines of the picture, JSON: what the appearance in a PDF is drawn from' }),
      sesSeal: base64.meta({ description: 'DER of the seal (SESeal): Seal.esl of an OFD' }),
    }),
  })
  .meta({ id: 'DigestPreparation' });

export const createDigestStamping = operation({
  id: 'createDigestStamping',
  method: 'post',
  path: '/api/v1/digest-stampings',
  tag: 'Seals',
  summary: 'Prepare to stamp a document that stays where it is',
  description:
    'Gives what is needed to prepare the signature in the document: `yinxin stamp` does it. No key acts yet. What is said of the document and the placements is a claim; of the document it stands in the audit log as one.',
  access: ['seal.stamp'],
  json: z.strictObject({
    sealId,
    mediaType: z.enum(['application/pdf', 'application/ofd']),
    document: z.strictObject({
      sha256: sha256Hex.meta({ description: 'SHA-256 of the document before it is stamped' }),
      sizeBytes: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    }),
    placements: z
      .array(z.string().min(1).max(60))
      .max(50)
      .default([])
      .meta({
        description: 'Where the seal will be shown, in words; kept with the stamping',
        example: ['page 1 at 105,250 mm'],
      }),
    purpose: z
      .string()
      .min(1)
      .max(200)
      .meta({ description: 'Why (用印事由); stands in the audit log, and must stand as Reason in a PDF' }),
    policy: z.enum(['intl', 'gm', 'dual']).default('intl').meta({
      description:
        'One that the seal has: `intl` for PDF, `gm` (SM2 and SM3) for OFD and PDF; `dual` is not made from a digest',
    }),
    documentClass: documentClass.optional().meta({
      description: 'Class of the document (文件类别); obligatory where the seal’s policy of use lists classes',
    }),
    level: z
      .enum(['B-B', 'B-T', 'B-LT', 'B-LTA'])
      .default('B-T')
      .meta({ description: 'B-LT and B-LTA change the document after it is signed: they are not made from a digest' }),
  }),
  creates: true,
  success: { status: 201, json: preparation },
  errors: [
    'forbidden',
    'seal-not-found',
    'seal-not-active',
    'seal-expired',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
    'approval-required',
    'policy-not-supported',
    'level-not-supported',
    'idempotency-key-reused',
  ],
});

export const signDigestStamping = operation({
  id: 'signDigestStamping',
  method: 'post',
  path: '/api/v1/digest-stampings/{digestStampingId}/sign',
  tag: 'Seals',
  summary: 'Sign the digest of a prepared document',
  description:
    'Once, and before `signUntil`. The intent is in the audit log before the key acts; the value is checked by our own verifier before it is answered. The same digest again is answered with the same value.',
  access: ['seal.stamp'],
  params: z.strictObject({ digestStampingId }),
  json: z.strictObject({
    digest: digestHex.meta({
      description: 'Of a PDF over the two parts of ByteRange, of an OFD over Signature.xml, under `digestAlgorithm`',
    }),
    path: z.string().max(200).optional().meta({
      description: 'OFD only: where Signature.xml stands in the package',
      example: '/Doc_0/Signs/Sign_0/Signature.xml',
    }),
  }),
  success: { status: 200, json: digestStamping },
  errors: [
    'stamping-not-found',
    'digest-stamping-ended',
    'stamping-not-ready',
    'stamping-in-doubt',
    'forbidden',
    'seal-not-active',
    'seal-expired',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
    'quota-exhausted',
    'approval-required',
    'product-not-verified',
    'key-unavailable',
    'timestamp-refused',
    'clock-unreliable',
  ],
});

export const getDigestStamping = operation({
  id: 'getDigestStamping',
  method: 'get',
  path: '/api/v1/digest-stampings/{digestStampingId}',
  tag: 'Seals',
  summary: 'One stamping by digest',
  access: ['seal.read'],
  params: z.strictObject({ digestStampingId }),
  success: { status: 200, json: digestStamping },
  errors: ['stamping-not-found'],
});

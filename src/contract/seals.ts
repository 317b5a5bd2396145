// Documents, seals and stampings (用印) as systems see them.

import { z } from 'zod';
import { auditIndex, idSchema, millimetres, moment, pageOf, pageQuery, sha256Hex } from './common.ts';
import { operation } from './operation.ts';

export const documentTypes = ['application/pdf', 'application/ofd'] as const;
const documentId = idSchema('document');
const sealId = idSchema('seal');
const stampingId = idSchema('stamping');

/** 公文, 合同, 证明, 发票, 证照, 函件, 报表, 其他. */
export const documentClass = z.enum([
  'official',
  'contract',
  'certificate',
  'invoice',
  'licence',
  'letter',
  'report',
  'other',
]);

const document = z
  .strictObject({
    documentId,
    sha256: sha256Hex,
    mediaType: z.string(),
    sizeBytes: z.number().int(),
    pageCount: z.number().int(),
  })
  .meta({ id: 'Document' });

export const uploadDocument = operation({
  id: 'uploadDocument',
  method: 'post',
  path: '/api/v1/documents',
  tag: 'Documents',
  summary: 'Upload a document to be stamped',
  description: 'The body is the file itself. It is read strictly: what a reader would have to repair is refused.',
  access: ['seal.stamp'],
  raw: { mediaTypes: documentTypes, description: 'The document' },
  creates: true,
  success: { status: 201, json: document },
  errors: [
    'request-too-large',
    'unsupported-media-type',
    'malformed-pdf',
    'unsupported-pdf',
    'encrypted-pdf',
    'malformed-ofd',
    'unsupported-ofd',
    'idempotency-key-reused',
  ],
});

export const getDocument = operation({
  id: 'getDocument',
  method: 'get',
  path: '/api/v1/documents/{documentId}/content',
  tag: 'Documents',
  summary: 'Download one of your documents',
  access: ['seal.stamp'],
  params: z.strictObject({ documentId }),
  success: { status: 200, raw: { mediaTypes: documentTypes, description: 'The document as it is stored' } },
  errors: ['document-not-found'],
});

export const renewArchive = operation({
  id: 'renewArchive',
  method: 'post',
  path: '/api/v1/documents/{documentId}/archive-renewals',
  tag: 'Documents',
  summary: 'Renew the archive time stamp of a PDF',
  description:
    'Makes a new document: this one, or its last renewal, with the validation data of its last archive time stamp and a new one over the whole file; read back by our own verifier before it is released',
  access: ['seal.stamp'],
  params: z.strictObject({ documentId }),
  creates: true,
  success: {
    status: 201,
    json: document
      .extend({
        holdsUntil: moment.meta({
          description: 'The first end among the certificates that its archive time stamp rests on',
        }),
      })
      .meta({ id: 'ArchivedDocument' }),
  },
  errors: [
    'document-not-found',
    'idempotency-key-reused',
    'stamping-not-ready',
    'revocation-data-missing',
    'product-not-verified',
    'timestamp-refused',
    'clock-unreliable',
    'key-unavailable',
  ],
});

export const listDocumentFields = operation({
  id: 'listDocumentFields',
  method: 'get',
  path: '/api/v1/documents/{documentId}/fields',
  tag: 'Documents',
  summary: 'Signature fields of a document',
  description: 'Those a PDF already has, for placements of the kind `field`; an OFD has none.',
  access: ['seal.stamp'],
  params: z.strictObject({ documentId }),
  success: {
    status: 200,
    json: z.strictObject({
      items: z.array(
        z.strictObject({
          name: z.string().meta({ description: 'Fully qualified' }),
          state: z.enum(['empty', 'signed', 'locked', 'unusable']).meta({
            description:
              '`empty` can be signed; `locked`: read-only, or an earlier signature allows no change; `unusable`: it does not stand on exactly one page',
          }),
          page: z.number().int().nullable(),
          box: z
            .strictObject({ xMm: z.number(), yMm: z.number(), widthMm: z.number(), heightMm: z.number() })
            .nullable()
            .meta({ description: 'Millimetres from the top left of the page as shown; null when it shows nothing' }),
        }),
      ),
    }),
  },
  errors: ['document-not-found'],
});

export const sealType = z.enum(['unit', 'finance', 'contract', 'invoice', 'legal-representative', 'special', 'person']);

export const sealStatus = z.enum(['made', 'filed', 'active', 'suspended', 'lost', 'revoked', 'cancelled', 'expired']);

export const seal = z
  .strictObject({
    sealId,
    sealCode: z.string().meta({ description: 'Seal code (印章编码), 14 digits', example: '99000000000001' }),
    name: z.string(),
    type: sealType,
    organisation: z.strictObject({ name: z.string(), uscc: z.string() }),
    status: sealStatus,
    certificateStatus: z.enum(['good', 'on-hold', 'revoked', 'expired', 'unknown']).meta({
      description:
        'Of the certificate that the seal signs under: only a seal in use (`active`) with a good one can stamp',
    }),
    validFrom: moment,
    validUntil: moment,
    widthMm: z.number(),
    heightMm: z.number(),
    policies: z
      .array(z.enum(['intl', 'gm', 'dual']))
      .meta({ description: 'Signing policies the seal can be used under' }),
  })
  .meta({ id: 'Seal' });

export const listSeals = operation({
  id: 'listSeals',
  method: 'get',
  path: '/api/v1/seals',
  tag: 'Seals',
  summary: 'List seals',
  access: ['seal.read'],
  query: z.strictObject({ status: sealStatus.optional(), ...pageQuery }),
  success: { status: 200, json: pageOf(seal) },
  errors: ['cursor-invalid'],
});

export const getSeal = operation({
  id: 'getSeal',
  method: 'get',
  path: '/api/v1/seals/{sealId}',
  tag: 'Seals',
  summary: 'One seal',
  access: ['seal.read'],
  params: z.strictObject({ sealId }),
  success: { status: 200, json: seal },
  errors: ['seal-not-found'],
});

export const getSealPicture = operation({
  id: 'getSealPicture',
  method: 'get',
  path: '/api/v1/seals/{sealId}/picture',
  tag: 'Seals',
  summary: 'Picture of a seal (印模)',
  access: ['seal.read'],
  params: z.strictObject({ sealId }),
  success: {
    status: 200,
    raw: { mediaTypes: ['image/png'], description: 'PNG with transparent ground, 300 dots per inch' },
  },
  errors: ['seal-not-found'],
});

const pageRange = z
  .string()
  .regex(/^[0-9,-]{1,200}$/)
  .meta({ description: 'Pages from 1, as `1-5,8`; all when absent', example: '1-5,8' });

export const placement = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('position'),
      page: z.number().int().min(1).meta({ description: '1 is the first page' }),
      xMm: millimetres.meta({ description: 'Centre of the seal, from the left edge of the page as shown' }),
      yMm: millimetres.meta({ description: 'Centre of the seal, from the top edge of the page as shown' }),
    })
    .meta({ description: 'A point of a page' }),
  z
    .strictObject({
      kind: z.literal('keyword'),
      text: z.string().min(1).max(100),
      occurrence: z
        .union([z.number().int().min(1), z.literal('all')])
        .default(1)
        .meta({ description: 'Which one, counted from 1 in reading order over the pages asked for, or all of them' }),
      dxMm: millimetres.default(0).meta({ description: 'To the right of the centre of the words' }),
      dyMm: millimetres.default(0).meta({ description: 'Below the centre of the words' }),
      pages: pageRange.optional(),
    })
    .meta({
      description: 'Where a text stands (关键字定位). White space and the width of characters do not count',
    }),
  z
    .strictObject({
      kind: z.literal('seam'),
      edge: z
        .enum(['left', 'right', 'top', 'bottom'])
        .meta({ description: 'With `facing`, the inner edge of the first page of each two' }),
      pages: pageRange.optional(),
      every: z
        .number()
        .int()
        .min(2)
        .max(1000)
        .optional()
        .meta({ description: 'A new seal every so many pages; one seal over all of them when absent' }),
      facing: z
        .boolean()
        .optional()
        .meta({ description: 'Pages two by two, the seal halved over their inner edges (对开)' }),
      offsetMm: millimetres.optional().meta({
        description:
          'Centre of the seal along the edge, from the top of the page, or from its left for the edges top and bottom; the middle when absent',
      }),
    })
    .meta({ description: 'Across an edge of several pages, each showing its slice (骑缝)' }),
  z
    .strictObject({
      kind: z.literal('field'),
      name: z.string().min(1).max(500).meta({ description: 'Fully qualified name' }),
    })
    .meta({
      description:
        'An empty signature field of a PDF, at most one in a stamping; the seal in its true size stands in its middle',
    }),
]);

const stamping = z
  .strictObject({
    stampingId,
    sealId,
    documentId,
    productDocumentId: documentId.nullable().meta({
      description: 'The stamped document, which can be stamped or archived again; null until it is done',
    }),
    status: z.enum(['intended', 'done', 'voided']),
    policy: z.enum(['intl', 'gm', 'dual']),
    level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']),
    purpose: z.string(),
    documentClass: documentClass.nullable(),
    policyVersion: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Version of the seal’s policy of use that it went under; null: the seal had none' }),
    requestId: idSchema('stampingRequest')
      .nullable()
      .meta({ description: 'The request that others approved, where the policy wants that' }),
    createdAt: moment,
    sha256: sha256Hex.nullable().meta({ description: 'Digest of the stamped document; null until it is done' }),
    auditIndex,
  })
  .meta({ id: 'Stamping' });

const fieldNames = z.array(z.string().min(1).max(200)).min(1).max(200);

export const createStamping = operation({
  id: 'createStamping',
  method: 'post',
  path: '/api/v1/stampings',
  tag: 'Seals',
  summary: 'Stamp a document',
  description:
    'Signs the document with the seal and shows the seal where it is asked for. The intent is in the audit log before the key acts; the product is read back by our own verifier before it is released.',
  access: ['seal.stamp'],
  json: z.strictObject({
    sealId,
    documentId,
    placements: z.array(placement).max(50).meta({ description: 'At least one where the seal is shown' }),
    purpose: z.string().min(1).max(200).meta({ description: 'Why (用印事由); stands in the audit log' }),
    policy: z.enum(['intl', 'gm', 'dual']).default('intl').meta({
      description:
        'One that the seal has: `intl` for PDF, `gm` (SM2 and SM3) for OFD and PDF, `dual` for PDF: SM2, then P-256',
    }),
    level: z.enum(['B-B', 'B-T', 'B-LT', 'B-LTA']).default('B-T').meta({
      description: 'PAdES level (EN 319 142-1); B-LT and B-LTA for PDF only. In OFD B-T adds the time stamp of SES',
    }),
    certify: z.enum(['none', 'no-changes', 'forms', 'annotations']).default('none').meta({
      description:
        'What the signature allows after it (DocMDP): nothing but validation data and document time stamps, filling in forms and signing, also annotations. Only the first signature of a PDF can certify. In OFD `no-changes` is the lock mode: nobody signs after it',
    }),
    lock: z
      .union([
        z.enum(['none', 'all']),
        z.strictObject({ include: fieldNames }).meta({ description: 'These fields and those below them' }),
        z.strictObject({ exclude: fieldNames }).meta({ description: 'All fields but these' }),
      ])
      .default('none')
      .meta({ description: 'Form fields that nobody may change after the signature (FieldMDP); PDF only' }),
    form: z.enum(['seal', 'signature']).default('seal').meta({
      description:
        '`signature` (数字签名): OFD only, a GB/T 35275 value by the key of the seal that shows no seal and has no placements',
    }),
    documentClass: documentClass.optional().meta({
      description: 'Class of the document (文件类别); obligatory where the seal’s policy of use lists classes',
    }),
  }),
  creates: true,
  success: { status: 201, json: stamping },
  errors: [
    'forbidden',
    'seal-not-found',
    'seal-not-active',
    'seal-expired',
    'document-not-found',
    'locked-pdf',
    'unsupported-pdf',
    'malformed-ofd',
    'locked-ofd',
    'unsupported-ofd',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
    'quota-exhausted',
    'approval-required',
    'placement-outside-page',
    'placement-not-supported',
    'placement-occupied',
    'seam-page-left-over',
    'seam-slice-too-thin',
    'keyword-not-found',
    'keyword-search-refused',
    'field-not-found',
    'field-filled',
    'field-too-small',
    'field-not-usable',
    'policy-not-supported',
    'level-not-supported',
    'certification-not-first',
    'idempotency-key-reused',
    'stamping-not-ready',
    'stamping-in-doubt',
    'product-not-verified',
    'key-unavailable',
    'timestamp-refused',
    'clock-unreliable',
    'revocation-data-missing',
  ],
});

export const getStamping = operation({
  id: 'getStamping',
  method: 'get',
  path: '/api/v1/stampings/{stampingId}',
  tag: 'Seals',
  summary: 'One stamping',
  access: ['seal.read'],
  params: z.strictObject({ stampingId }),
  success: { status: 200, json: stamping },
  errors: ['stamping-not-found'],
});

export const getStampedDocument = operation({
  id: 'getStampedDocument',
  method: 'get',
  path: '/api/v1/stampings/{stampingId}/document',
  tag: 'Seals',
  summary: 'Download the stamped document',
  access: ['seal.stamp'],
  params: z.strictObject({ stampingId }),
  success: { status: 200, raw: { mediaTypes: documentTypes, description: 'The stamped document' } },
  errors: ['stamping-not-found', 'stamping-not-ready'],
});

// Checking of documents and licences: open to everybody, a bad one is a 200 with a bad report.

import { z } from 'zod';
import { findings, idSchema, indication, moment, receipt, subIndication } from './common.ts';
import { operation } from './operation.ts';

const change = z.strictObject({
  kind: z.string(),
  object: z.string().optional(),
  page: z.number().int().optional(),
  detail: z.string(),
});

const certificate = z.strictObject({
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  notBefore: moment,
  notAfter: moment,
});

const signature = z
  .strictObject({
    indication,
    subIndication,
    intact: z.boolean().meta({ description: 'The bytes it covers are those that were signed' }),
    valid: z
      .boolean()
      .meta({ description: 'The signature value is right and the signature is made as its standard wants' }),
    trusted: z
      .boolean()
      .meta({ description: 'Its certificate leads to a trust anchor and was good at the signing time' }),
    coverage: z.enum(['whole-file', 'revision', 'partial']),
    changes: z.array(change).meta({ description: 'What came into the file after this signature' }),
    signingTime: moment.nullable(),
    timeSource: z.enum(['time-stamp', 'claimed', 'none']),
    provenTime: moment.nullable().meta({
      description:
        'The earliest moment at which a trusted time stamp, of the signature or over the document, proves that it existed',
    }),
    format: z.string().meta({ example: 'PAdES' }),
    level: z.string().nullable().meta({ example: 'B-T' }),
    seal: z
      .strictObject({
        sealId: idSchema('seal'),
        sealCode: z.string(),
        name: z.string(),
        organisation: z.strictObject({ name: z.string(), uscc: z.string() }),
        status: z.string(),
      })
      .nullable()
      .meta({ description: 'The seal of this service it was made with, if any' }),
    certificate: certificate.nullable(),
    findings,
  })
  .meta({ id: 'SignatureReport' });

const documentReport = z
  .strictObject({
    verificationId: idSchema('verification'),
    verifiedAt: moment,
    indication,
    subIndication,
    mediaType: z.string(),
    sha256: z.string(),
    pageCount: z.number().int(),
    signatures: z.array(signature),
    findings,
    receipt,
    signedReceipt: z.string().nullable().meta({
      description:
        'Compact JWS (RFC 7515), ES256, over digest, verdict, moment and audit entry; null when its key cannot be used now',
    }),
  })
  .meta({ id: 'DocumentReport' });

export const verifyDocument = operation({
  id: 'verifyDocument',
  method: 'post',
  path: '/api/v1/verifications',
  tag: 'Verification',
  summary: 'Check a stamped document',
  description:
    'The body is the file itself; what it is, is told by its content. The file is not kept. As application/pdf the answer is the same report to be read and printed, in the language of Accept-Language.',
  access: 'public',
  raw: { mediaTypes: ['application/pdf', 'application/ofd', 'application/octet-stream'], description: 'The document' },
  success: {
    status: 200,
    json: documentReport,
    raw: { mediaTypes: ['application/pdf'], description: 'The report as a tagged PDF' },
  },
  errors: [
    'request-too-large',
    'unsupported-media-type',
    'malformed-pdf',
    'unsupported-pdf',
    'encrypted-pdf',
    'malformed-ofd',
    'unsupported-ofd',
  ],
});

export const listVerificationReceiptKeys = operation({
  id: 'listVerificationReceiptKeys',
  method: 'get',
  path: '/api/v1/verification-receipt-keys',
  tag: 'Verification',
  summary: 'The public keys that verify signed receipts of verifications',
  access: 'public',
  success: {
    status: 200,
    json: z.strictObject({
      items: z.array(
        z.strictObject({
          kid: z.string().meta({ description: 'SHA-256 of the SubjectPublicKeyInfo, base64url' }),
          algorithm: z.enum(['ES256']),
          state: z.string(),
          pem: z.string().meta({ description: 'SubjectPublicKeyInfo' }),
        }),
      ),
    }),
  },
  errors: ['key-unavailable'],
});

const licenceReport = z
  .strictObject({
    verificationId: idSchema('verification'),
    indication,
    subIndication,
    form: z.string().nullable(),
    licence: z
      .strictObject({
        identifier: z.string(),
        typeName: z.strictObject({ zh: z.string(), en: z.string() }),
        issuerName: z.string(),
        holderName: z.string().nullable(),
        holderNumberTail: z.string().nullable(),
        validFrom: z.string().nullable(),
        validUntil: z.string().nullable(),
        version: z.number().int(),
      })
      .nullable()
      .meta({ description: 'Absent from a bad report: it shows nobody’s data' }),
    status: z.strictObject({
      value: z.enum(['active', 'suspended', 'revoked', 'expired', 'not-yet-valid', 'unknown']),
      checkedAt: moment,
      ageSeconds: z.number().int().min(0),
    }),
    findings,
    receipt,
  })
  .meta({ id: 'LicenceReport' });

export const verifyLicence = operation({
  id: 'verifyLicence',
  method: 'post',
  path: '/api/v1/licence-verifications',
  tag: 'Verification',
  summary: 'Check the text of a licence QR',
  access: 'public',
  json: z.strictObject({
    text: z.string().min(1).max(8192).meta({ description: 'What the scanner read: link or bare form' }),
  }),
  success: { status: 200, json: licenceReport },
  errors: ['malformed-qr'],
});

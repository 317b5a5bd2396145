// Authorities of others that verification trusts (信任锚), and the deeds that add and withdraw them.

import { z } from 'zod';
import { moment, sha256Hex } from './common.ts';
import { operation } from './operation.ts';

const purposes = z
  .array(z.enum(['seal', 'time-stamp', 'licence', 'seal-maker']))
  .min(1)
  .max(4)
  .meta({ description: 'What it is trusted for, and for nothing else' });

/** For the union of deeds that take two administrators. */
export const addAnchor = z.strictObject({
  kind: z.literal('add-anchor'),
  certificate: z.string().min(1).max(98_304).meta({ description: 'One certificate of an authority, as PEM' }),
  purposes,
});
export const withdrawAnchor = z.strictObject({ kind: z.literal('withdraw-anchor'), sha256: sha256Hex });
export const anchorErrors = ['malformed-certificate', 'trust-anchor-in-force', 'trust-anchor-not-found'] as const;

const trustAnchor = z
  .strictObject({
    sha256: sha256Hex.meta({ description: 'SHA-256 of the certificate, lower-case hex' }),
    purposes,
    source: z.enum(['register', 'folder']).meta({ description: '`folder`: certs/anchors of the node that answers' }),
    subject: z.record(z.string(), z.string()),
    notBefore: moment,
    notAfter: moment,
    proposedBy: z.string().nullable(),
    approvedBy: z.string().nullable(),
    addedAt: moment.nullable(),
    pem: z.string(),
  })
  .meta({ id: 'TrustAnchor' });

export const listTrustAnchors = operation({
  id: 'listTrustAnchors',
  method: 'get',
  path: '/api/v1/trust-anchors',
  tag: 'Certificates',
  summary: 'Authorities of others that verification trusts now, and for what',
  description:
    'Our own roots are trusted besides. One is added and withdrawn by a proposal that another administrator approves.',
  access: ['pki.read'],
  success: { status: 200, json: z.strictObject({ items: z.array(trustAnchor) }) },
  errors: [],
});

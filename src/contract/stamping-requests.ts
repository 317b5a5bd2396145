// Stampings that others must agree to (用印申请): asked for, seen, approved, refused and withdrawn; docs/seals.md.

import { z } from 'zod';
import { idSchema, moment, pageOf, pageQuery, sha256Hex } from './common.ts';
import { operation } from './operation.ts';
import { createStamping, documentClass, documentTypes } from './seals.ts';

const tag = 'Seals';
const requestId = idSchema('stampingRequest');
const params = z.strictObject({ requestId });
const reason = z.string().min(1).max(200);
const { placements, purpose, policy, level, certify, lock, form } = createStamping.json.shape;

const request = z
  .strictObject({
    requestId,
    requester: z
      .strictObject({ accountId: idSchema('account').nullable(), clientId: z.string().nullable() })
      .meta({ description: 'A person or a business system' }),
    sealId: idSchema('seal'),
    documentId: idSchema('document'),
    documentSha256: sha256Hex,
    contentSha256: sha256Hex.meta({
      description: 'Over document, order and version of the policy of use; an approval names it',
    }),
    placements,
    purpose,
    policy,
    level,
    certify: certify.unwrap(),
    lock: lock.unwrap(),
    form: form.unwrap(),
    documentClass: documentClass.nullable(),
    policyVersion: z.number().int().min(1),
    approvers: z.number().int().min(1).max(3).meta({ description: 'How many must agree' }),
    approvals: z.array(z.strictObject({ accountId: idSchema('account'), approvedAt: moment })),
    state: z.enum(['waiting', 'approved', 'refused', 'withdrawn', 'done', 'expired']).meta({
      description: '`approved` and not yet `done`: being stamped, or it failed (`failureCode`) and can be tried again',
    }),
    askedAt: moment,
    expiresAt: moment,
    decidedAt: moment.nullable(),
    reason: z.string().nullable(),
    stampingId: idSchema('stamping').nullable(),
    failureCode: z.string().nullable(),
  })
  .meta({ id: 'StampingRequest' });

export const createStampingRequest = operation({
  id: 'createStampingRequest',
  method: 'post',
  path: '/api/v1/stamping-requests',
  tag,
  summary: 'Ask for a stamping that others must approve',
  description:
    'The body of a stamping, for a seal whose policy of use wants approvers. With the last approval the document is stamped at once, in the name of who asked.',
  access: ['seal.stamp'],
  json: createStamping.json,
  creates: true,
  success: { status: 201, json: request },
  errors: createStamping.errors.filter(
    (code) => !['outside-hours', 'quota-exhausted', 'approval-required'].includes(code),
  ),
});

export const listStampingRequests = operation({
  id: 'listStampingRequests',
  method: 'get',
  path: '/api/v1/stamping-requests',
  tag,
  summary: 'Requests for stampings, newest first',
  access: [],
  query: z.strictObject({
    view: z.enum(['mine', 'to-decide', 'organisation']).default('mine').meta({
      description:
        'Asked by the caller; waiting for the caller’s approval; of the organisation that the caller acts for',
    }),
    ...pageQuery,
  }),
  success: { status: 200, json: pageOf(request) },
  errors: ['scope-missing', 'cursor-invalid'],
});

export const getStampingRequest = operation({
  id: 'getStampingRequest',
  method: 'get',
  path: '/api/v1/stamping-requests/{requestId}',
  tag,
  summary: 'One request for a stamping',
  access: [],
  params,
  success: { status: 200, json: request },
  errors: ['scope-missing', 'stamping-request-not-found'],
});

export const getRequestedDocument = operation({
  id: 'getRequestedDocument',
  method: 'get',
  path: '/api/v1/stamping-requests/{requestId}/document',
  tag,
  summary: 'The document that is asked to be stamped',
  access: [],
  params,
  success: { status: 200, raw: { mediaTypes: documentTypes, description: 'The document as it is, not yet stamped' } },
  errors: ['scope-missing', 'stamping-request-not-found'],
});

export const approveStampingRequest = operation({
  id: 'approveStampingRequest',
  method: 'post',
  path: '/api/v1/stamping-requests/{requestId}/approve',
  tag,
  summary: 'Agree to a stamping',
  description:
    'By a person whose mandate has `seal:approve`, who is neither who asked nor who approved before. Once more by the same person changes nothing.',
  access: ['seal.approve'],
  params,
  json: z.strictObject({ contentSha256: sha256Hex.meta({ description: 'Of the request as it was seen' }) }),
  success: { status: 200, json: request },
  errors: [
    'forbidden',
    'stamping-request-not-found',
    'stamping-request-not-open',
    'stamping-request-changed',
    'proposal-self-approval',
    'use-not-allowed',
    'document-class-required',
    'outside-hours',
  ],
});

export const refuseStampingRequest = operation({
  id: 'refuseStampingRequest',
  method: 'post',
  path: '/api/v1/stamping-requests/{requestId}/refuse',
  tag,
  summary: 'Refuse a stamping',
  access: ['seal.approve'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: request },
  errors: ['forbidden', 'stamping-request-not-found', 'stamping-request-not-open'],
});

export const withdrawStampingRequest = operation({
  id: 'withdrawStampingRequest',
  method: 'post',
  path: '/api/v1/stamping-requests/{requestId}/withdraw',
  tag,
  summary: 'Take one’s own request back',
  access: ['seal.stamp'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: request },
  errors: ['stamping-request-not-found', 'stamping-request-not-open'],
});

export const stampStampingRequest = operation({
  id: 'stampStampingRequest',
  method: 'post',
  path: '/api/v1/stamping-requests/{requestId}/stamp',
  tag,
  summary: 'Try the stamping of an approved request once more',
  description: 'By who asked, where it failed (`failureCode`). It is stamped once, however often it is tried.',
  access: ['seal.stamp'],
  params,
  success: { status: 200, json: request },
  errors: [
    ...createStamping.errors,
    'stamping-request-not-found',
    'stamping-request-not-open',
    'stamping-request-changed',
  ],
});

// The life of a seal as people and their applications see it: applications, deeds, history, deeds of two people; docs/seals.md.

import { z } from 'zod';
import { auditIndex, idSchema, moment, pageOf, pageQuery } from './common.ts';
import { operation } from './operation.ts';
import { seal, sealType } from './seals.ts';

const tag = 'Seals';
const sealId = idSchema('seal');
const params = z.strictObject({ sealId });
const reason = z.string().min(1).max(200).meta({ description: 'Why; stands in the history and in the audit log' });
const description = z.string().min(1).max(500).optional();
const sealCode = z.string().regex(/^[0-9]{14}$/);

const wish = {
  type: sealType,
  title: z
    .string()
    .min(1)
    .max(12)
    .optional()
    .meta({ description: 'What a seal of type `special` is for', example: '报关专用章' }),
  bearer: z.string().min(1).max(20).optional().meta({ description: 'Whose name a seal of a person bears' }),
  form: z
    .enum(['round', 'oval', 'square', 'rectangle'])
    .optional()
    .meta({ description: 'Default: the usual one of its type' }),
  sizeMm: z.number().optional().meta({
    description:
      'Diameter of a round seal (unit 42, 45, 50; special 40, 42), width of an oval (30, 40), height of a name seal (18, 20, 25)',
  }),
  suite: z.enum(['intl', 'gm', 'both']).optional().meta({
    description: 'Keys and certificates: `intl` (P-256, for PDF), `gm` (SM2, for OFD and PDF), `both`. Default: `intl`',
  }),
  validDays: z.number().int().min(1).max(1830),
  parentSealCode: sealCode.optional().meta({ description: 'Seal that it stands under (上级印章编码)' }),
};

const application = z
  .strictObject({
    sealId: sealId.meta({ description: 'Of the seal that it will become' }),
    name: z.string(),
    ...wish,
    organisation: z.strictObject({ name: z.string(), uscc: z.string() }),
    status: z.enum(['applied', 'approved', 'refused', 'withdrawn', 'made']),
    sealCode: z.string().nullable().meta({ description: 'From its approval on' }),
    appliedAt: moment,
    pictureSha256: z
      .string()
      .nullable()
      .meta({ description: 'Of the picture that was brought for it; null: its face is drawn' }),
  })
  .meta({ id: 'SealApplication' });

export const applyForSeal = operation({
  id: 'applyForSeal',
  method: 'post',
  path: '/api/v1/seal-applications',
  tag,
  summary: 'Apply for a seal (申请)',
  description: 'For the organisation that the caller acts for, under a mandate with `seal:apply`.',
  access: ['seal.apply'],
  json: z.strictObject({ ...wish, reason }),
  creates: true,
  success: { status: 201, json: application },
  errors: ['forbidden', 'glyph-missing', 'idempotency-key-reused'],
});

export const listSealApplications = operation({
  id: 'listSealApplications',
  method: 'get',
  path: '/api/v1/seal-applications',
  tag,
  summary: 'Applications for seals, newest first',
  description: 'Of the organisation that the caller acts for; seal administrators get all.',
  access: [],
  query: z.strictObject({ status: application.shape.status.optional(), ...pageQuery }),
  success: { status: 200, json: pageOf(application) },
  errors: ['scope-missing', 'forbidden', 'cursor-invalid'],
});

export const getSealApplication = operation({
  id: 'getSealApplication',
  method: 'get',
  path: '/api/v1/seal-applications/{sealId}',
  tag,
  summary: 'One application',
  access: [],
  params,
  success: { status: 200, json: application },
  errors: ['scope-missing', 'seal-not-found'],
});

export const bringSealPicture = operation({
  id: 'bringSealPicture',
  method: 'post',
  path: '/api/v1/seal-applications/{sealId}/picture',
  tag,
  summary: 'Bring a picture for the seal, in place of the face that would be drawn',
  description:
    'Until the application is decided; a second one takes the place of the first. It has the proportions of the seal, 150 dots per inch or more and 2 MiB at most. Its pixels are kept at their true size and nothing else of the file; where it has no transparency, white becomes transparent.',
  access: ['seal.apply'],
  params,
  raw: { mediaTypes: ['image/png', 'image/jpeg'], description: 'The picture' },
  success: { status: 200, json: application },
  errors: ['forbidden', 'seal-not-found', 'seal-transition-forbidden', 'unsupported-media-type', 'malformed-image'],
});

export const takeSealPictureAway = operation({
  id: 'takeSealPictureAway',
  method: 'post',
  path: '/api/v1/seal-applications/{sealId}/picture/take-away',
  tag,
  summary: 'Take the picture away again; the face is drawn',
  access: ['seal.apply'],
  params,
  success: { status: 200, json: application },
  errors: ['forbidden', 'seal-not-found', 'seal-transition-forbidden'],
});

export const getSealApplicationPicture = operation({
  id: 'getSealApplicationPicture',
  method: 'get',
  path: '/api/v1/seal-applications/{sealId}/picture',
  tag,
  summary: 'What the seal would show: the picture that was brought, or the face as drawn',
  access: [],
  params,
  success: { status: 200, raw: { mediaTypes: ['image/png'], description: 'PNG, 192 dots per inch' } },
  errors: ['scope-missing', 'seal-not-found'],
});

const applicationErrors = ['forbidden', 'seal-not-found', 'seal-transition-forbidden'] as const;

export const approveSealApplication = operation({
  id: 'approveSealApplication',
  method: 'post',
  path: '/api/v1/seal-applications/{sealId}/approve',
  tag,
  summary: 'Approve an application (审批); the seal gets its code',
  access: ['seal.manage'],
  params,
  json: z.strictObject({
    reason,
    pictureSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({ description: 'Of the picture that was looked at; demanded where one was brought' }),
  }),
  success: { status: 200, json: application },
  errors: [...applicationErrors, 'seal-picture-changed'],
});

export const refuseSealApplication = operation({
  id: 'refuseSealApplication',
  method: 'post',
  path: '/api/v1/seal-applications/{sealId}/refuse',
  tag,
  summary: 'Refuse an application',
  access: ['seal.manage'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: application },
  errors: applicationErrors,
});

export const withdrawSealApplication = operation({
  id: 'withdrawSealApplication',
  method: 'post',
  path: '/api/v1/seal-applications/{sealId}/withdraw',
  tag,
  summary: 'Withdraw an application',
  access: ['seal.apply'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: application },
  errors: applicationErrors,
});

/** Making and renewing use keys. */
const makingErrors = [...applicationErrors, 'key-unavailable', 'clock-unreliable'] as const;

export const makeSeal = operation({
  id: 'makeSeal',
  method: 'post',
  path: '/api/v1/seal-applications/{sealId}/make',
  tag,
  summary: 'Make the seal (制作): key, certificate, SES seal signed by the seal maker',
  access: ['seal.manage'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: seal },
  errors: makingErrors,
});

export const fileSeal = operation({
  id: 'fileSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/file',
  tag,
  summary: 'File the seal (备案)',
  access: ['seal.manage'],
  params,
  json: z.strictObject({
    reason,
    reference: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .meta({ description: 'Number under which it was filed (备案编号)' }),
  }),
  success: { status: 200, json: seal },
  errors: applicationErrors,
});

export const publishSeal = operation({
  id: 'publishSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/publish',
  tag,
  summary: 'Publish the seal (发布); it is in use from now on',
  access: ['seal.manage'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: seal },
  errors: applicationErrors,
});

export const renewSeal = operation({
  id: 'renewSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/renew',
  tag,
  summary: 'Renew the seal (续期)',
  description: 'The same code and face under a new key and certificate. What was stamped before is judged as before.',
  access: ['seal.manage'],
  params,
  json: z.strictObject({ reason, validDays: wish.validDays }),
  success: { status: 200, json: seal },
  errors: makingErrors,
});

export const stopSeal = operation({
  id: 'stopSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/stop',
  tag,
  summary: 'Stop the use of the seal at once (停用)',
  description:
    'By the organisation (`seal.apply`) or a seal administrator (`seal.manage`), alone. No signature is released after it.',
  access: [],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: seal },
  errors: ['scope-missing', ...applicationErrors],
});

export const resumeSeal = operation({
  id: 'resumeSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/resume',
  tag,
  summary: 'Take a stopped or found seal into use again (恢复使用)',
  access: ['seal.manage'],
  params,
  json: z.strictObject({ reason }),
  success: { status: 200, json: seal },
  errors: applicationErrors,
});

export const reportSealLost = operation({
  id: 'reportSealLost',
  method: 'post',
  path: '/api/v1/seals/{sealId}/report-lost',
  tag,
  summary: 'Report the seal lost (挂失)',
  description: 'By the organisation or a seal administrator, alone and at once.',
  access: [],
  params,
  json: z.strictObject({ reason, description }),
  success: { status: 200, json: seal },
  errors: ['scope-missing', ...applicationErrors],
});

const proposal = z
  .strictObject({
    proposalId: idSchema('proposal'),
    sealId,
    deed: z.enum(['revoke', 'cancel']),
    kind: z.enum(['withdrawn', 'revoked']).nullable(),
    reason: z.string(),
    description: z.string().nullable(),
    state: z.enum(['open', 'expired', 'done', 'rejected']),
    proposedBy: idSchema('account'),
    proposedAt: moment,
    expiresAt: moment,
    decidedBy: idSchema('account').nullable(),
    decidedAt: moment.nullable(),
  })
  .meta({ id: 'SealProposal' });

export const revokeSeal = operation({
  id: 'revokeSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/revoke',
  tag,
  summary: 'Propose to revoke the seal (吊销, 撤销)',
  description:
    'It is done when another person, a seal administrator, approves it within a week; its certificate is revoked with it.',
  access: [],
  params,
  json: z.strictObject({
    reason,
    description,
    kind: z
      .enum(['withdrawn', 'revoked'])
      .meta({ description: '`withdrawn`: taken away by the authority (吊销); `revoked`: given up or annulled (撤销)' }),
  }),
  success: { status: 201, json: proposal },
  errors: ['scope-missing', ...applicationErrors],
});

export const cancelSeal = operation({
  id: 'cancelSeal',
  method: 'post',
  path: '/api/v1/seals/{sealId}/cancel',
  tag,
  summary: 'Propose to cancel the seal (缴销, 注销)',
  description:
    'As with revoking, two people do it. A seal is changed (变更) by cancelling it and applying for another.',
  access: [],
  params,
  json: z.strictObject({ reason, description }),
  success: { status: 201, json: proposal },
  errors: ['scope-missing', ...applicationErrors],
});

export const listSealProposals = operation({
  id: 'listSealProposals',
  method: 'get',
  path: '/api/v1/seal-proposals',
  tag,
  summary: 'Proposals on seals, newest first',
  access: [],
  query: z.strictObject({ sealId: sealId.optional(), ...pageQuery }),
  success: { status: 200, json: pageOf(proposal) },
  errors: ['scope-missing', 'forbidden', 'cursor-invalid'],
});

const proposalParams = z.strictObject({ proposalId: idSchema('proposal') });

export const approveSealProposal = operation({
  id: 'approveSealProposal',
  method: 'post',
  path: '/api/v1/seal-proposals/{proposalId}/approve',
  tag,
  summary: 'Approve what another person proposed; it is done at once',
  access: ['seal.manage'],
  params: proposalParams,
  success: { status: 200, json: proposal },
  errors: [
    'forbidden',
    'proposal-not-found',
    'proposal-not-open',
    'proposal-self-approval',
    'seal-transition-forbidden',
  ],
});

export const rejectSealProposal = operation({
  id: 'rejectSealProposal',
  method: 'post',
  path: '/api/v1/seal-proposals/{proposalId}/reject',
  tag,
  summary: 'Refuse a proposal, or take back the own one',
  access: [],
  params: proposalParams,
  success: { status: 200, json: proposal },
  errors: ['scope-missing', 'forbidden', 'proposal-not-found', 'proposal-not-open'],
});

const systemGrants = z
  .strictObject({
    use: z
      .enum(['all', 'granted'])
      .meta({ description: '`all`: of an earlier build, which let every system with the scope' }),
    systems: z.array(z.strictObject({ clientId: z.string(), purpose: z.string(), grantedAt: moment })),
  })
  .meta({ id: 'SealSystems' });

export const getSealSystems = operation({
  id: 'getSealSystems',
  method: 'get',
  path: '/api/v1/seals/{sealId}/systems',
  tag,
  summary: 'Business systems that may use the seal',
  access: [],
  params,
  success: { status: 200, json: systemGrants },
  errors: ['scope-missing', 'forbidden', 'seal-not-found'],
});

export const letSealToSystem = operation({
  id: 'letSealToSystem',
  method: 'post',
  path: '/api/v1/seals/{sealId}/systems/let',
  tag,
  summary: 'Let a business system use the seal',
  description:
    'By the organisation of the seal, and nobody else. A system without it is refused, whatever scopes it has.',
  access: [],
  params,
  json: z.strictObject({ clientId: z.string().min(3).max(64), purpose: z.string().min(1).max(200) }),
  success: { status: 200, json: systemGrants },
  errors: ['scope-missing', 'forbidden', 'seal-not-found'],
});

export const withdrawSealFromSystem = operation({
  id: 'withdrawSealFromSystem',
  method: 'post',
  path: '/api/v1/seals/{sealId}/systems/withdraw',
  tag,
  summary: 'Take the use of the seal back from a business system',
  description: 'By the organisation or a seal administrator.',
  access: [],
  params,
  json: z.strictObject({ clientId: z.string().min(3).max(64) }),
  success: { status: 200, json: systemGrants },
  errors: ['scope-missing', 'forbidden', 'seal-not-found'],
});

const lifeEntry = z
  .strictObject({
    version: z.number().int(),
    deed: z.string().meta({ example: 'stop' }),
    from: z.string().meta({ example: 'active' }),
    to: z.string().meta({ example: 'suspended' }),
    reason: z.string(),
    invalidType: z.number().int().nullable().meta({ description: '0 吊销, 1 撤销, 2 挂失' }),
    description: z.string().nullable(),
    reference: z.string().nullable().meta({ description: '备案编号' }),
    appliedAt: moment,
    effectiveAt: moment,
    entryId: idSchema('entry'),
    auditIndex,
  })
  .meta({ id: 'SealLifeEntry' });

export const getSealHistory = operation({
  id: 'getSealHistory',
  method: 'get',
  path: '/api/v1/seals/{sealId}/history',
  tag,
  summary: 'All steps of the life of a seal, the first one first',
  access: [],
  params,
  success: { status: 200, json: z.strictObject({ items: z.array(lifeEntry) }) },
  errors: ['scope-missing', 'seal-not-found'],
});

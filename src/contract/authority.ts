// Certificates (数字证书) and the authorities that issue them, as administrators and their systems manage them.

import { z } from 'zod';
import { idSchema, moment, pageOf, pageQuery, sha256Hex } from './common.ts';
import { operation } from './operation.ts';
import { addAnchor, anchorErrors, withdrawAnchor } from './trust-anchors.ts';

const serial = z
  .string()
  .regex(/^[0-9a-f]{2,40}$/)
  .meta({ description: 'Serial number, lower-case hex', example: '3f9c0a1be2774d5580a1c2d3e4f50617' });
const authorityName = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/)
  .meta({ description: 'Name of an authority, as in its addresses', example: 'seal-ca' });
const profile = z
  .enum([
    'root-ca',
    'issuing-ca',
    'seal-signer',
    'seal-maker',
    'licence-issuer',
    'time-stamp',
    'ocsp-responder',
    'tls-client',
    'mdoc-root',
    'mdoc-issuer',
  ])
  .meta({ id: 'CertificateProfile', description: 'What a certificate is for' });
const text64 = z.string().min(1).max(64);
const subject = z
  .strictObject({
    country: z.string().regex(/^[A-Z]{2}$/),
    commonName: text64,
    organisation: text64.optional(),
    organisationIdentifier: text64.optional(),
    organisationalUnit: text64.optional(),
    stateOrProvince: text64.optional(),
    locality: text64.optional(),
    serialNumber: z
      .string()
      .regex(/^[A-Za-z0-9 '()+,\-./:=?]{1,64}$/)
      .optional(),
  })
  .meta({ id: 'CertificateSubject', description: 'Distinguished name (X.520)' });
const shownSubject = z.record(z.string(), z.string());
const csr = z.string().min(1).max(24_576).meta({
  description: 'PKCS #10 request as PEM; only its key, its proof and, if none is given, its subject are used',
});
const validDays = z.number().int().min(1).max(7320);
const finalReason = z
  .enum([
    'unspecified',
    'keyCompromise',
    'cACompromise',
    'affiliationChanged',
    'superseded',
    'cessationOfOperation',
    'privilegeWithdrawn',
  ])
  .meta({ description: 'RFC 5280, 5.3.1' });

const certificate = z
  .strictObject({
    certificateId: idSchema('certificate'),
    serial,
    issuer: authorityName,
    profile,
    keyName: z.string().nullable().meta({ description: 'Key of our key store; null when the key is kept elsewhere' }),
    subject: shownSubject,
    notBefore: moment,
    notAfter: moment,
    status: z.enum(['good', 'suspended', 'revoked', 'expired']),
    revokedAt: moment.nullable(),
    reason: z.string().nullable(),
    renews: idSchema('certificate').nullable(),
    pem: z.string(),
  })
  .meta({ id: 'Certificate' });

const manageErrors = ['certificate-not-found', 'certificate-transition-forbidden', 'approval-required'] as const;
const csrErrors = ['malformed-csr', 'csr-not-proven', 'csr-key-refused'] as const;
const issueErrors = [
  'forbidden',
  'approval-required',
  'idempotency-key-reused',
  'certificate-transition-forbidden',
  'key-unavailable',
] as const;

export const listCertificates = operation({
  id: 'listCertificates',
  method: 'get',
  path: '/api/v1/certificates',
  tag: 'Certificates',
  summary: 'Certificates of our authorities, newest first',
  access: ['pki.read'],
  query: z.strictObject({
    issuer: authorityName.optional(),
    profile: profile.optional(),
    keyName: z.string().max(96).optional(),
    ...pageQuery,
  }),
  success: { status: 200, json: pageOf(certificate) },
  errors: ['cursor-invalid'],
});

export const getCertificate = operation({
  id: 'getCertificate',
  method: 'get',
  path: '/api/v1/certificates/{serial}',
  tag: 'Certificates',
  summary: 'One certificate with its status',
  access: ['pki.read'],
  params: z.strictObject({ serial }),
  success: { status: 200, json: certificate },
  errors: ['certificate-not-found'],
});

export const issueCertificate = operation({
  id: 'issueCertificate',
  method: 'post',
  path: '/api/v1/certificates',
  tag: 'Certificates',
  summary: 'Issue a certificate from a request (PKCS #10)',
  description: 'The request must be signed by the key in it. What it asks for beyond that is decided by the profile.',
  access: ['pki.manage'],
  json: z.strictObject({ csr, profile, subject: subject.optional(), validDays }),
  creates: true,
  success: { status: 201, json: certificate },
  errors: [...csrErrors, ...issueErrors],
});

export const renewCertificate = operation({
  id: 'renewCertificate',
  method: 'post',
  path: '/api/v1/certificates/{serial}/renew',
  tag: 'Certificates',
  summary: 'Issue a certificate that follows this one, over the same key or that of a request',
  access: ['pki.manage'],
  params: z.strictObject({ serial }),
  json: z.strictObject({ csr: csr.optional(), validDays: validDays.optional() }),
  creates: true,
  success: { status: 201, json: certificate },
  errors: ['certificate-not-found', ...csrErrors, ...issueErrors],
});

function statusChange(verb: 'suspend' | 'resume', summary: string) {
  return operation({
    id: `${verb}Certificate`,
    method: 'post',
    path: `/api/v1/certificates/{serial}/${verb}`,
    tag: 'Certificates',
    summary,
    access: ['pki.manage'],
    params: z.strictObject({ serial }),
    success: { status: 200, json: certificate },
    errors: manageErrors,
  });
}

export const suspendCertificate = statusChange('suspend', 'Suspend a certificate (挂起, certificateHold)');
export const resumeCertificate = statusChange('resume', 'Resume a suspended certificate (恢复)');

export const revokeCertificate = operation({
  id: 'revokeCertificate',
  method: 'post',
  path: '/api/v1/certificates/{serial}/revoke',
  tag: 'Certificates',
  summary: 'Revoke a certificate for good (吊销)',
  access: ['pki.manage'],
  params: z.strictObject({ serial }),
  json: z.strictObject({ reason: finalReason }),
  success: { status: 200, json: certificate },
  errors: manageErrors,
});

export const regenerateCrl = operation({
  id: 'regenerateCrl',
  method: 'post',
  path: '/api/v1/authorities/{authority}/crl',
  tag: 'Certificates',
  summary: 'Make a new CRL of an authority now',
  description: 'Not needed after a change of status: every list that is fetched holds every change already.',
  access: ['pki.manage'],
  params: z.strictObject({ authority: authorityName }),
  success: { status: 201, json: z.strictObject({ authority: authorityName, number: z.number().int().min(1) }) },
  errors: ['certificate-not-found', 'key-unavailable'],
});

const proposalId = idSchema('proposal');
const deed = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('revoke'), serial, reason: finalReason }),
    z.strictObject({ kind: z.literal('suspend'), serial }),
    z.strictObject({ kind: z.literal('resume'), serial }),
    z.strictObject({ kind: z.literal('renew'), serial }),
    z.strictObject({ kind: z.literal('rekey'), authority: authorityName }),
    z.strictObject({ kind: z.literal('issue'), csr, subject, validDays }),
    addAnchor,
    withdrawAnchor,
  ])
  .meta({ description: 'A deed on a root, an issuing authority, or a trust anchor of others' });
const shownDeed = z
  .looseObject({
    kind: z.enum(['revoke', 'suspend', 'resume', 'renew', 'rekey', 'issue', 'add-anchor', 'withdraw-anchor']),
  })
  .meta({
    description: 'As it was proposed; `csr` and `certificate` are base64 of the DER, `purposes` are joined by commas',
  });
const proposal = z
  .strictObject({
    proposalId,
    deed: shownDeed,
    deedSha256: sha256Hex.meta({ description: 'SHA-256 of the canonical JSON (RFC 8785) of the deed' }),
    state: z.enum(['open', 'expired', 'rejected', 'executing', 'executed', 'failed']),
    proposedBy: z.string(),
    proposedAt: moment,
    expiresAt: moment,
    decidedBy: z.string().nullable(),
    decidedAt: moment.nullable(),
    result: z
      .string()
      .nullable()
      .meta({ description: 'What was made or changed (serial, digest); of a failed deed its code' }),
    outcome: z
      .strictObject({ 'zh-CN': z.string(), en: z.string() })
      .meta({ description: 'The state and, of a failed deed, why it failed, in words' }),
  })
  .meta({ id: 'AuthorityProposal' });

export const proposeDeed = operation({
  id: 'proposeAuthorityDeed',
  method: 'post',
  path: '/api/v1/authority-proposals',
  tag: 'Certificates',
  summary: 'Propose a deed on a root or an issuing authority',
  description: 'For administrators in person. It is open for 24 hours.',
  access: ['pki.manage'],
  json: z.strictObject({ deed }),
  success: { status: 201, json: proposal },
  errors: ['forbidden', 'certificate-not-found', 'certificate-transition-forbidden', ...csrErrors, ...anchorErrors],
});

export const listProposals = operation({
  id: 'listAuthorityProposals',
  method: 'get',
  path: '/api/v1/authority-proposals',
  tag: 'Certificates',
  summary: 'Proposals, newest first',
  access: ['pki.read'],
  query: z.strictObject({ ...pageQuery }),
  success: { status: 200, json: pageOf(proposal) },
  errors: ['cursor-invalid'],
});

export const getProposal = operation({
  id: 'getAuthorityProposal',
  method: 'get',
  path: '/api/v1/authority-proposals/{proposalId}',
  tag: 'Certificates',
  summary: 'One proposal',
  access: ['pki.read'],
  params: z.strictObject({ proposalId }),
  success: { status: 200, json: proposal },
  errors: ['proposal-not-found'],
});

const decisionErrors = ['forbidden', 'proposal-not-found', 'proposal-not-open'] as const;

export const approveProposal = operation({
  id: 'approveAuthorityProposal',
  method: 'post',
  path: '/api/v1/authority-proposals/{proposalId}/approve',
  tag: 'Certificates',
  summary: 'Approve a proposal of another administrator, which does the deed',
  access: ['pki.manage'],
  params: z.strictObject({ proposalId }),
  json: z.strictObject({ deedSha256: sha256Hex }),
  success: { status: 200, json: proposal },
  errors: [
    ...decisionErrors,
    'proposal-self-approval',
    'proposal-changed',
    'proposal-interrupted',
    'certificate-not-found',
    'certificate-transition-forbidden',
    'key-unavailable',
    ...csrErrors,
    ...anchorErrors,
  ],
});

export const rejectProposal = operation({
  id: 'rejectAuthorityProposal',
  method: 'post',
  path: '/api/v1/authority-proposals/{proposalId}/reject',
  tag: 'Certificates',
  summary: 'Reject a proposal, or take back an own one',
  access: ['pki.manage'],
  params: z.strictObject({ proposalId }),
  success: { status: 200, json: proposal },
  errors: decisionErrors,
});

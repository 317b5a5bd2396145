// The management API of certificates and authorities over the services of the authority room.

import type { Authority } from '../authority/authority.ts';
import type { AuthorityDeed } from '../authority/authority-deed.ts';
import type { StoredCertificate } from '../authority/certificate-store.ts';
import type { Proposal, ProposalPage } from '../authority/proposals.ts';
import { isCaName } from '../authority/hierarchy.ts';
import * as contract from '../contract/authority.ts';
import type { Json } from '../contract/operation.ts';
import { fromHex, toBase64, toHex, utf8 } from '../kernel/bytes.ts';
import type { Clock } from '../kernel/clock.ts';
import { TrustError } from '../kernel/errors.ts';
import { idFromUuid } from '../kernel/ids.ts';
import { wordsOfProposal } from '../kernel/words/proposal.ts';
import { csrFromPem } from '../pki/csr.ts';
import { pemOf } from '../pki/pem.ts';
import { addAnchorDeed } from './anchor-handlers.ts';
import type { Binding, binder } from './api.ts';

export interface AuthorityServices {
  readonly authority: Authority;
  readonly clock: Clock;
}

type Bind = ReturnType<typeof binder>;

export function authorityHandlers(bind: Bind, services: AuthorityServices): Binding[] {
  return [...certificateHandlers(bind, services), ...proposalHandlers(bind, services)];
}

function certificateHandlers(bind: Bind, { authority: { office }, clock }: AuthorityServices): Binding[] {
  const shown = (stored: StoredCertificate) => certificateJson(stored, clock.now());
  return [
    bind(contract.listCertificates, async ({ principal, query: { issuer, ...query } }) => {
      const page = await office.list(principal, { ...query, issuerName: issuer });
      return { json: { items: page.items.map(shown), nextCursor: page.nextCursor } };
    }),
    bind(contract.getCertificate, async ({ principal, params }) => ({
      json: shown(await office.get(principal, params.serial)),
    })),
    bind(contract.issueCertificate, async ({ principal, json, requestKey }) => {
      const order = { ...json, subject: named(json.subject), csr: csrFromPem(json.csr) };
      return { json: shown(await office.issue(principal, order, requestKey)) };
    }),
    bind(contract.renewCertificate, async ({ principal, params, json, requestKey }) => {
      const order = { ...json, csr: json.csr === undefined ? undefined : csrFromPem(json.csr) };
      return { json: shown(await office.renew(principal, params.serial, order, requestKey)) };
    }),
    bind(contract.suspendCertificate, async ({ principal, params }) => ({
      json: shown(await office.change(principal, params.serial, { kind: 'suspend' })),
    })),
    bind(contract.resumeCertificate, async ({ principal, params }) => ({
      json: shown(await office.change(principal, params.serial, { kind: 'resume' })),
    })),
    bind(contract.revokeCertificate, async ({ principal, params, json: { reason } }) => ({
      json: shown(await office.change(principal, params.serial, { kind: 'revoke', reason })),
    })),
    bind(contract.regenerateCrl, async ({ principal, params: { authority } }) => ({
      json: { authority, number: await office.regenerateCrl(principal, authority) },
    })),
  ];
}

function proposalHandlers(bind: Bind, { authority: { proposals } }: AuthorityServices): Binding[] {
  return [
    bind(contract.proposeDeed, async ({ principal, json }) => ({
      json: proposalJson(await proposals.propose(principal, deedOf(json.deed))),
    })),
    bind(contract.listProposals, async ({ principal, query }) => ({
      json: pageJson(await proposals.list(principal, query)),
    })),
    bind(contract.getProposal, async ({ principal, params }) => ({
      json: proposalJson(await proposals.get(principal, params.proposalId)),
    })),
    bind(contract.approveProposal, async ({ principal, params, json }) => {
      const digest = fromHex(json.deedSha256) ?? new Uint8Array();
      return { json: proposalJson(await proposals.approve(principal, params.proposalId, digest)) };
    }),
    bind(contract.rejectProposal, async ({ principal, params }) => ({
      json: proposalJson(await proposals.reject(principal, params.proposalId)),
    })),
  ];
}

export function certificateJson(stored: StoredCertificate, now: Date) {
  const { certificate, revocation } = stored;
  return {
    certificateId: idFromUuid('certificate', stored.certificateId),
    serial: certificate.serialHex,
    issuer: stored.issuerName,
    profile: stored.profile,
    keyName: stored.keyName ?? null,
    subject: { ...certificate.subject },
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    status: statusOf(stored, now),
    revokedAt: revocation?.revokedAt.toISOString() ?? null,
    reason: revocation?.reason ?? null,
    renews: stored.renews === undefined ? null : idFromUuid('certificate', stored.renews),
    pem: pemOf('CERTIFICATE', certificate.der),
  };
}

export function proposalJson(proposal: Proposal) {
  return {
    proposalId: proposal.proposalId,
    deed: { ...proposal.deed },
    deedSha256: toHex(proposal.deedSha256),
    state: proposal.state,
    proposedBy: proposal.proposedBy,
    proposedAt: proposal.proposedAt.toISOString(),
    expiresAt: proposal.expiresAt.toISOString(),
    decidedBy: proposal.decidedBy ?? null,
    decidedAt: proposal.decidedAt?.toISOString() ?? null,
    result: proposal.result ?? null,
    outcome: wordsOfProposal(proposal),
  };
}

function pageJson({ items, nextCursor }: ProposalPage) {
  return { items: items.map(proposalJson), nextCursor };
}

function statusOf({ certificate, revocation }: StoredCertificate, now: Date) {
  if (revocation?.reason === 'certificateHold') return 'suspended' as const;
  if (revocation !== undefined) return 'revoked' as const;
  return certificate.notAfter < now ? ('expired' as const) : ('good' as const);
}

function deedOf(deed: Json<typeof contract.proposeDeed>['deed']): AuthorityDeed {
  if (deed.kind === 'rekey') {
    const { authority } = deed;
    if (!isCaName(authority)) throw new TrustError('certificate-not-found', 'no such authority');
    return { kind: 'rekey', authority };
  }
  if (deed.kind === 'add-anchor') return addAnchorDeed(utf8(deed.certificate), deed.purposes);
  if (deed.kind !== 'issue') return deed;
  return { ...deed, csr: toBase64(csrFromPem(deed.csr)), subject: named(deed.subject) ?? {} };
}

/** Without the members that are undefined. */
function named<T extends object>(subject: T | undefined): { [K in keyof T]: Exclude<T[K], undefined> } | undefined {
  if (subject === undefined) return undefined;
  return Object.fromEntries(Object.entries(subject).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

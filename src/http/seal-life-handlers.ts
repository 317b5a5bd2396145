// The API of the life of a seal over the office of the seal room.

import type { AuditLog } from '../audit/audit-log.ts';
import type { Authority } from '../authority/authority.ts';
import * as contract from '../contract/seal-life.ts';
import { fromHex, toHex } from '../kernel/bytes.ts';
import { uuidFromId } from '../kernel/ids.ts';
import type { SealApplication } from '../seal/life/application-store.ts';
import type { SealOffice } from '../seal/life/seal-office.ts';
import type { SealProposal } from '../seal/life/seal-proposals.ts';
import type { SealWish } from '../seal/life/wish.ts';
import type { SystemGrants } from '../seal/system-grants.ts';
import type { SealRecord } from '../seal/seal-record.ts';
import type { Binding, binder } from './api.ts';
import { sealJson } from './seal-handlers.ts';

export interface SealLifeServices {
  readonly sealOffice: SealOffice;
  readonly authority: Authority;
  readonly audit: AuditLog;
}

export function sealLifeHandlers(
  bind: ReturnType<typeof binder>,
  { sealOffice: { applications, pictures, life, proposals, systems }, authority, audit }: SealLifeServices,
): Binding[] {
  const shown = async (record: SealRecord) => {
    const statuses = await authority.statusOfKeys([record.keyName]);
    return { json: sealJson(record, statuses.get(record.keyName) ?? 'unknown') };
  };
  return [
    bind(contract.applyForSeal, async ({ principal, json: { reason, ...asked }, requestKey }) => ({
      json: applicationJson(await applications.apply(principal, wishOf(asked), reason, requestKey)),
    })),
    bind(contract.listSealApplications, async ({ principal, query }) => {
      const { items, nextCursor } = await applications.list(principal, query);
      return { json: { items: items.map(applicationJson), nextCursor } };
    }),
    bind(contract.getSealApplication, async ({ principal, params }) => ({
      json: applicationJson(await applications.get(principal, params.sealId)),
    })),
    bind(contract.approveSealApplication, async ({ principal, params, json }) => ({
      json: applicationJson(
        await applications.approve(
          principal,
          params.sealId,
          json.reason,
          json.pictureSha256 === undefined ? undefined : fromHex(json.pictureSha256),
        ),
      ),
    })),
    bind(contract.bringSealPicture, async ({ principal, params, bytes }) => ({
      json: applicationJson(await pictures.bring(principal, params.sealId, bytes)),
    })),
    bind(contract.takeSealPictureAway, async ({ principal, params }) => ({
      json: applicationJson(await pictures.takeAway(principal, params.sealId)),
    })),
    bind(contract.getSealApplicationPicture, async ({ principal, params }) => ({
      file: {
        bytes: await pictures.png(principal, params.sealId),
        mediaType: 'image/png',
        fileName: `${params.sealId}.png`,
      },
    })),
    bind(contract.refuseSealApplication, async ({ principal, params, json }) => ({
      json: applicationJson(await applications.refuse(principal, params.sealId, json.reason)),
    })),
    bind(contract.withdrawSealApplication, async ({ principal, params, json }) => ({
      json: applicationJson(await applications.withdraw(principal, params.sealId, json.reason)),
    })),
    bind(contract.makeSeal, async ({ principal, params, json }) =>
      shown(await life.make(principal, params.sealId, json.reason)),
    ),
    bind(contract.fileSeal, async ({ principal, params, json }) =>
      shown(await life.file(principal, params.sealId, json.reason, json.reference)),
    ),
    bind(contract.publishSeal, async ({ principal, params, json }) =>
      shown(await life.publish(principal, params.sealId, json.reason)),
    ),
    bind(contract.renewSeal, async ({ principal, params, json }) =>
      shown(await life.renew(principal, params.sealId, json)),
    ),
    bind(contract.stopSeal, async ({ principal, params, json }) =>
      shown(await life.stop(principal, params.sealId, json.reason)),
    ),
    bind(contract.resumeSeal, async ({ principal, params, json }) =>
      shown(await life.resume(principal, params.sealId, json.reason)),
    ),
    bind(contract.reportSealLost, async ({ principal, params, json }) =>
      shown(await life.reportLost(principal, params.sealId, json)),
    ),
    bind(contract.revokeSeal, async ({ principal, params, json: { kind, ...why } }) => ({
      json: proposalJson(await proposals.propose(principal, params.sealId, { deed: 'revoke', kind }, why)),
    })),
    bind(contract.cancelSeal, async ({ principal, params, json }) => ({
      json: proposalJson(await proposals.propose(principal, params.sealId, { deed: 'cancel' }, json)),
    })),
    bind(contract.listSealProposals, async ({ principal, query }) => {
      const { items, nextCursor } = await proposals.list(principal, query);
      return { json: { items: items.map(proposalJson), nextCursor } };
    }),
    bind(contract.approveSealProposal, async ({ principal, params }) => ({
      json: proposalJson(await proposals.approve(principal, params.proposalId)),
    })),
    bind(contract.rejectSealProposal, async ({ principal, params }) => ({
      json: proposalJson(await proposals.reject(principal, params.proposalId)),
    })),
    bind(contract.getSealSystems, async ({ principal, params }) => ({
      json: systemsJson(await systems.of(principal, params.sealId)),
    })),
    bind(contract.letSealToSystem, async ({ principal, params, json }) => ({
      json: systemsJson(await systems.grant(principal, params.sealId, json)),
    })),
    bind(contract.withdrawSealFromSystem, async ({ principal, params, json }) => ({
      json: systemsJson(await systems.withdraw(principal, params.sealId, json.clientId)),
    })),
    bind(contract.getSealHistory, async ({ principal, params }) => {
      const entries = await life.history(principal, params.sealId);
      const items = entries.map(async ({ appliedAt, effectiveAt, ...entry }) => ({
        ...entry,
        appliedAt: appliedAt.toISOString(),
        effectiveAt: effectiveAt.toISOString(),
        auditIndex: await audit.indexOf(uuidFromId('entry', entry.entryId) ?? '', { waitMs: 0 }),
      }));
      return { json: { items: await Promise.all(items) } };
    }),
  ];
}

/** What was left out stays out: the digest of the request is over what was said. */
function wishOf(
  asked: { [K in keyof SealWish]: SealWish[K] | undefined } & Pick<SealWish, 'type' | 'validDays'>,
): SealWish {
  const { type, validDays, title, bearer, form, sizeMm, suite, parentSealCode } = asked;
  return {
    type,
    validDays,
    ...(title !== undefined && { title }),
    ...(bearer !== undefined && { bearer }),
    ...(form !== undefined && { form }),
    ...(sizeMm !== undefined && { sizeMm }),
    ...(suite !== undefined && { suite }),
    ...(parentSealCode !== undefined && { parentSealCode }),
  };
}

function applicationJson(application: SealApplication) {
  const { sealId, name, wish, organisation, status, sealCode, appliedAt, pictureSha256 } = application;
  return {
    sealId,
    name,
    ...wish,
    organisation: { name: organisation.name, uscc: organisation.uscc },
    status,
    sealCode,
    appliedAt: appliedAt.toISOString(),
    pictureSha256: pictureSha256 === null ? null : toHex(pictureSha256),
  };
}

function systemsJson({ use, systems }: SystemGrants) {
  return { use, systems: systems.map((grant) => ({ ...grant, grantedAt: grant.grantedAt.toISOString() })) };
}

function proposalJson({ proposedAt, expiresAt, decidedAt, ...proposal }: SealProposal) {
  return {
    ...proposal,
    proposedAt: proposedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
  };
}

// The API of licence types and licences over the services of the licence room.

import * as contract from '../contract/licences.ts';
import type { LicenceCatalogue } from '../licence/catalogue.ts';
import type { LicenceRecord } from '../licence/licence-record.ts';
import type { LicenceType } from '../licence/licence-type.ts';
import type { LicenceService } from '../licence/licences.ts';
import { qrPng } from '../licence/qr-picture.ts';
import type { Binding, binder } from './api.ts';

export interface LicenceServices {
  readonly catalogue: LicenceCatalogue;
  readonly licences: LicenceService;
}

export function licenceHandlers(bind: ReturnType<typeof binder>, { catalogue, licences }: LicenceServices): Binding[] {
  const change = (verb: 'suspend' | 'resume' | 'revoke', operation: typeof contract.revokeLicence) =>
    bind(operation, async ({ principal, params, json }) => ({
      json: licenceJson(await licences.changeStatus(principal, params.licenceId, verb, json.reason)),
    }));
  return [
    bind(contract.listLicenceTypes, async ({ principal, query }) => {
      const page = await catalogue.types(principal, query);
      return { json: { items: page.items.map(typeJson), nextCursor: page.nextCursor } };
    }),
    bind(contract.issueLicence, async ({ principal, json, requestKey }) => {
      const order = { ...json, validUntil: json.validUntil ?? null };
      return { json: licenceJson(await licences.issue(principal, order, requestKey)) };
    }),
    bind(contract.getLicence, async ({ principal, params }) => ({
      json: licenceJson(await licences.get(principal, params.licenceId)),
    })),
    bind(contract.getLicenceQr, async ({ principal, params, wantsFile }) => {
      const qr = await licences.qr(principal, params.licenceId);
      if (!wantsFile) return { json: qr };
      return {
        file: { bytes: await qrPng(qr.text), mediaType: 'image/png', fileName: `${params.licenceId}.png` },
      };
    }),
    change('suspend', contract.suspendLicence),
    change('resume', contract.resumeLicence),
    change('revoke', contract.revokeLicence),
  ];
}

function typeJson(type: LicenceType) {
  return {
    typeCode: type.typeCode,
    catalogueNumber: type.catalogueNumber,
    version: type.version,
    name: type.name,
    holderKind: type.holderKind,
    definingAuthority: type.definingAuthority,
    claims: type.claims.map(({ name, title, kind, required, values, maxLength }) => ({
      name,
      title,
      kind,
      required,
      ...(values === undefined ? {} : { values: [...values] }),
      ...(maxLength === undefined ? {} : { maxLength }),
    })),
  };
}

function licenceJson(record: LicenceRecord) {
  return {
    licenceId: record.licenceId,
    identifier: record.identifier,
    typeCode: record.typeCode,
    typeName: record.typeName,
    issuerName: record.issuerName,
    holder: record.holder,
    claims: { ...record.claims },
    validFrom: record.validFrom,
    validUntil: record.validUntil,
    status: record.status,
    version: record.version,
    issuedAt: record.issuedAt.toISOString(),
    auditIndex: record.auditIndex,
  };
}

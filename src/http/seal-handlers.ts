// The API of documents, seals and stampings over the services of the seal room.

import type { Authority, CertificateState } from '../authority/authority.ts';
import * as contract from '../contract/seals.ts';
import { toHex } from '../kernel/bytes.ts';
import { fieldsOf } from '../seal/document-fields.ts';
import { type DocumentStore, mediaTypeOf } from '../seal/documents.ts';
import type { ArchiveRenewals } from '../seal/long-term/archive-renewals.ts';
import type { SealRecord } from '../seal/seal-record.ts';
import type { SealRegister } from '../seal/seals.ts';
import type { StampingRecord, StampService } from '../seal/stamping.ts';
import { requireSealInDetails } from './allowed-details.ts';
import type { Binding, binder } from './api.ts';

export interface SealServices {
  readonly documents: DocumentStore;
  readonly seals: SealRegister;
  readonly stamping: StampService;
  readonly archiveRenewals: ArchiveRenewals;
  readonly authority: Authority;
}

export function sealHandlers(
  bind: ReturnType<typeof binder>,
  { documents, seals, stamping, archiveRenewals, authority }: SealServices,
): Binding[] {
  const shown = async (records: readonly SealRecord[]) => {
    const statuses = await authority.statusOfKeys(records.map(({ keyName }) => keyName));
    return records.map((record) => sealJson(record, statuses.get(record.keyName) ?? 'unknown'));
  };
  return [
    bind(contract.uploadDocument, async ({ principal, bytes, requestKey }) => {
      const record = await documents.put(principal, { bytes, mediaType: 'application/octet-stream' }, requestKey);
      return { json: { ...record, sha256: toHex(record.sha256) } };
    }),
    bind(contract.getDocument, async ({ principal, params }) => {
      const bytes = await documents.download(principal, params.documentId);
      const mediaType = mediaTypeOf(bytes) ?? 'application/octet-stream';
      return { file: { bytes, mediaType, fileName: `${params.documentId}.${mediaType.split('/')[1]}` } };
    }),
    bind(contract.renewArchive, async ({ principal, params, requestKey }) => {
      const record = await archiveRenewals.renew(principal, params.documentId, requestKey);
      return { json: { ...record, sha256: toHex(record.sha256), holdsUntil: record.holdsUntil.toISOString() } };
    }),
    bind(contract.listDocumentFields, async ({ principal, params }) => {
      const fields = fieldsOf(await documents.get(principal, params.documentId));
      return {
        json: { items: fields.map((field) => ({ ...field, page: field.page ?? null, box: field.box ?? null })) },
      };
    }),
    bind(contract.listSeals, async ({ principal, query }) => {
      const page = await seals.list(principal, query);
      return { json: { items: await shown(page.items), nextCursor: page.nextCursor } };
    }),
    bind(contract.getSeal, async ({ principal, params }) => {
      const record = await seals.get(principal, params.sealId);
      const [json = sealJson(record, 'unknown')] = await shown([record]);
      return { json };
    }),
    bind(contract.getSealPicture, async ({ principal, params }) => ({
      file: {
        bytes: await seals.picturePng(principal, params.sealId),
        mediaType: 'image/png',
        fileName: `${params.sealId}.png`,
      },
    })),
    bind(contract.createStamping, async ({ principal, json, requestKey }) => ({
      json: stampingJson(await stamping.stamp(principal, json, requestKey)),
    })),
    bind(contract.getStamping, async ({ principal, params }) => ({
      json: stampingJson(await stamping.get(principal, params.stampingId)),
    })),
    bind(contract.getStampedDocument, async ({ principal, params }) => {
      if (principal.authorizationDetails !== undefined)
        requireSealInDetails(principal, (await stamping.get(principal, params.stampingId)).sealId);
      const bytes = await stamping.document(principal, params.stampingId);
      const mediaType = mediaTypeOf(bytes) ?? 'application/octet-stream';
      return { file: { bytes, mediaType, fileName: `${params.stampingId}.${mediaType.split('/')[1]}` } };
    }),
  ];
}

export function sealJson(seal: SealRecord, certificateStatus: CertificateState | 'unknown') {
  return {
    sealId: seal.sealId,
    sealCode: seal.sealCode,
    name: seal.name,
    type: seal.type,
    organisation: { name: seal.organisation.name, uscc: seal.organisation.uscc },
    status: seal.status,
    certificateStatus,
    validFrom: seal.validFrom.toISOString(),
    validUntil: seal.validUntil.toISOString(),
    widthMm: seal.widthMm,
    heightMm: seal.heightMm,
    policies: [...seal.policies],
  };
}

function stampingJson(record: StampingRecord) {
  return {
    stampingId: record.stampingId,
    sealId: record.sealId,
    documentId: record.documentId,
    productDocumentId: record.productDocumentId,
    status: record.status,
    policy: record.policy,
    level: record.level,
    purpose: record.purpose,
    documentClass: record.documentClass,
    policyVersion: record.policyVersion,
    requestId: record.requestId,
    createdAt: record.createdAt.toISOString(),
    sha256: record.sha256 === null ? null : toHex(record.sha256),
    auditIndex: record.auditIndex,
  };
}

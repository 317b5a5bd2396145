// Ordinary deeds over the API, as the tests of this folder begin with them, and the tables that show whether one was half done.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import * as audit from '../../../src/contract/audit.ts';
import * as licences from '../../../src/contract/licences.ts';
import * as seals from '../../../src/contract/seals.ts';
import { drivingLicence } from '../../../src/sandbox/licence-catalogue.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { residentNumber } from '../../support/licence-office.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import type { TestServer } from '../../support/server.ts';

type StampingBody = z.input<typeof seals.createStamping.json>;
type LicenceBody = z.input<typeof licences.issueLicence.json>;

/** An active seal of a type. */
export async function sealOf(api: ApiClient, type = 'unit') {
  const { items } = await api.json(seals.listSeals, { query: { status: 'active' } });
  const seal = items.find((one) => one.type === type);
  assert.ok(seal !== undefined, `no active ${type} seal`);
  return seal;
}

export async function upload(api: ApiClient, bytes: Uint8Array = samplePdf()) {
  return api.json(seals.uploadDocument, { bytes, headers: fresh() });
}

export function stampOrder(sealId: string, documentId: string, changes: Partial<StampingBody> = {}): StampingBody {
  return {
    sealId,
    documentId,
    placements: [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }],
    purpose: '合同用印',
    policy: 'intl',
    level: 'B-T',
    ...changes,
  };
}

/** Uploads and stamps; the stamping's record. */
export async function stamp(api: ApiClient, bytes?: Uint8Array, { yMm = 220 } = {}) {
  const { documentId } = await upload(api, bytes);
  const { sealId } = await sealOf(api);
  const order = stampOrder(sealId, documentId, { placements: [{ kind: 'position', page: 1, xMm: 140, yMm }] });
  return api.json(seals.createStamping, { json: order, headers: fresh() });
}

export async function stampedDocument(api: ApiClient, stampingId: string): Promise<Uint8Array> {
  return (await api.file(seals.getStampedDocument, { params: { stampingId } })).bytes;
}

export function licenceOrder(changes: Partial<LicenceBody> = {}): LicenceBody {
  return {
    typeCode: drivingLicence.typeCode,
    holder: { kind: 'person', name: '张三丰', idType: 'resident-id', idNumber: residentNumber(123) },
    claims: { vehicleClass: 'C1', firstIssuedOn: '2015-06-01', sex: '男', birthdate: '1990-03-07' },
    validFrom: '2025-06-01',
    validUntil: '2035-06-01',
    ...changes,
  };
}

export async function issue(api: ApiClient) {
  return api.json(licences.issueLicence, { json: licenceOrder(), headers: fresh() });
}

/** The entries about an object, oldest first, all of them in the tree. */
export async function entriesAbout(api: ApiClient, objectId: string) {
  for (;;) {
    const { items } = await api.json(audit.listEntries, { query: { objectId } });
    if (items.length > 0 && items.every(({ index }) => index !== null)) return items.reverse();
    await sleep(50);
  }
}

/** The proof of an entry, as soon as a checkpoint covers it. */
export async function proofOf(api: ApiClient, index: number) {
  for (;;) {
    const { bytes, status } = await api.any(audit.getProof, { params: { entry: String(index) } });
    if (status === 200) return audit.getProof.success.json.parse(JSON.parse(new TextDecoder().decode(bytes)));
    assert.equal(status, 409, `no proof of entry ${index}`);
    await sleep(50);
  }
}

/** How much of everything there is: equal before and after a refusal. */
export async function everything({ services }: TestServer): Promise<Record<string, number>> {
  const { rows } = await services.database.query<Record<string, number>>({
    text: `SELECT (SELECT count(*) FROM seal.document) AS documents,
      (SELECT count(*) FROM seal.stamping) AS stampings,
      (SELECT count(*) FROM licence.licence) AS licences,
      (SELECT count(*) FROM licence.identifier) AS identifiers,
      (SELECT count(*) FROM audit.entry, json_to_record(convert_from(leaf, 'UTF8')::json) AS said(action text, outcome text)
        WHERE said.outcome IN ('intended', 'done') AND said.action IN ('document.uploaded', 'stamping', 'licence.issued', 'licence.status-changed')) AS deeds`,
  });
  return { ...rows[0] };
}

export function fresh(): { 'idempotency-key': string } {
  return { 'idempotency-key': randomUUID() };
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

// The main operations, each as a business system asks for it.

import { randomUUID } from 'node:crypto';
import { drivingLicence } from '../src/sandbox/licence-catalogue.ts';
import { people } from '../src/sandbox/city.ts';
import { systemSecret } from '../test/support/client-token.ts';
import { samplePdf } from '../test/support/pdf-samples.ts';
import { auditOperations } from './audit-append.ts';
import type { BenchHouse } from './house.ts';
import { limitNames } from './limits.ts';
import type { Task } from './measure.ts';

/** A letter of a page or two. */
const documentSizeBytes = 100 * 1024;

export async function operations(house: BenchHouse): Promise<Task[]> {
  const { inFlight } = house;
  const post = poster(house);
  const { documentId } = await post('/api/v1/documents', pdf(samplePdf({ content: ' '.repeat(documentSizeBytes) })));
  const sealId = await firstSeal(house);
  const stamping = () => post('/api/v1/stampings', json(stampOrder(String(sealId), String(documentId))));
  const issue = () => post('/api/v1/licences', json(licenceOrder()));
  const stamped = await productOf(house, await stamping());
  const qrText = await qrOf(house, await issue());
  const { sign, verify, http, insert } = limitNames;
  const task = (name: string, comparedWith: readonly string[], run: () => Promise<unknown>): Task => ({
    name,
    inFlight,
    comparedWith,
    run: async () => void (await run()),
  });
  return [
    task('token (client credentials)', [http, insert, sign], () => token(house)),
    task('stamp a PDF (PAdES B-T)', [http, insert, sign], stamping),
    task('verify a PDF', [http, insert, verify], () => post('/api/v1/verifications', pdf(stamped))),
    task('issue a licence', [http, insert, sign], issue),
    task('verify a QR', [http, insert, verify], () => post('/api/v1/licence-verifications', json({ text: qrText }))),
    ...(await auditOperations(house)),
  ];
}

interface Body {
  readonly type: string;
  readonly body: Uint8Array | string;
}

const pdf = (body: Uint8Array): Body => ({ type: 'application/pdf', body });
const json = (value: unknown): Body => ({ type: 'application/json', body: JSON.stringify(value) });

function poster({ service, token }: BenchHouse) {
  return async (path: string, { type, body }: Body): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type, 'idempotency-key': randomUUID() };
    return JSON.parse((await service.send(path, { method: 'POST', headers, body })).toString());
  };
}

const basic = `Basic ${btoa(`sandbox-system:${systemSecret}`)}`;
const grant = 'grant_type=client_credentials&scope=seal.stamp';

function token({ service }: BenchHouse): Promise<Buffer> {
  const headers = { authorization: basic, 'content-type': 'application/x-www-form-urlencoded' };
  return service.send('/oidc/token', { method: 'POST', headers, body: grant });
}

function stampOrder(sealId: string, documentId: string) {
  const placements = [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }];
  return { sealId, documentId, placements, purpose: '测速', policy: 'intl', level: 'B-T' };
}

function licenceOrder() {
  const [person] = people;
  return {
    typeCode: drivingLicence.typeCode,
    holder: { kind: 'person', name: person?.name, idType: 'resident-id', idNumber: person?.idNumber },
    claims: { vehicleClass: 'C1', firstIssuedOn: '2015-06-01', sex: '男', birthdate: '1990-03-07' },
    validFrom: '2025-06-01',
    validUntil: '2035-06-01',
  };
}

async function get({ service, token }: BenchHouse, path: string): Promise<Buffer> {
  return service.send(path, { headers: { authorization: `Bearer ${token}` } });
}

async function firstSeal(house: BenchHouse): Promise<unknown> {
  const page: { items: { sealId: string }[] } = JSON.parse(
    (await get(house, '/api/v1/seals?status=active')).toString(),
  );
  return page.items[0]?.sealId;
}

async function productOf(house: BenchHouse, stamping: Record<string, unknown>): Promise<Uint8Array> {
  return get(house, `/api/v1/stampings/${String(stamping['stampingId'])}/document`);
}

async function qrOf(house: BenchHouse, licence: Record<string, unknown>): Promise<string> {
  const answer = await get(house, `/api/v1/licences/${String(licence['licenceId'])}/qr`);
  const { text }: { text: string } = JSON.parse(answer.toString());
  return text;
}

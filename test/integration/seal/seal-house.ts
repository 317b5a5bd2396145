// A house for tests of stamping and verification: database, key files, real hierarchy, one organisation's seal, all by `new`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { Authority, type AuthorityOptions } from '../../../src/authority/authority.ts';
import { OcspResponder } from '../../../src/authority/ocsp-responder.ts';
import { OwnTimestampAuthority } from '../../../src/authority/time-stamp.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import { Database } from '../../../src/db/database.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { type Clock, systemClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import { house, type Principal } from '../../../src/kernel/principal.ts';
import type { RequestKey } from '../../../src/kernel/request-key.ts';
import { DocumentStore, isPdf } from '../../../src/seal/documents.ts';
import { DigestStampService, type DigestStampingOptions } from '../../../src/seal/digest/digest-stamping.ts';
import { createSealOffice, type SealOffice } from '../../../src/seal/life/seal-office.ts';
import { RemoteSigning, type RemoteSigningOptions } from '../../../src/seal/remote/remote-signing.ts';
import { SealMaker } from '../../../src/seal/seal-maker.ts';
import type { SealRecord } from '../../../src/seal/seal-record.ts';
import { SealRegister } from '../../../src/seal/seals.ts';
import type { StampRequest } from '../../../src/seal/stamp-request.ts';
import { StampService, type StampServiceOptions } from '../../../src/seal/stamping.ts';
import { DocumentVerifier } from '../../../src/verification/documents.ts';
import { OfdJudge } from '../../../src/verification/ofd-judge.ts';
import { PdfJudge } from '../../../src/verification/pdf-judge.ts';
import { VerificationReceipts } from '../../../src/verification/verification-receipts.ts';
import { testDatabase, testTimeouts } from '../../support/database.ts';
import { samplePdf } from '../../support/pdf-samples.ts';

export interface SealHouse {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly authority: Authority;
  readonly ocsp: OcspResponder;
  readonly timestamps: OwnTimestampAuthority;
  readonly maker: SealMaker;
  /** Makes seals of version 4 of the standard. */
  readonly makerOfVersion4: SealMaker;
  readonly seals: SealRegister;
  readonly documents: DocumentStore;
  readonly judge: PdfJudge;
  readonly verifier: DocumentVerifier;
  readonly seal: SealRecord;
  readonly office: SealOffice;
  stamps(change?: Partial<StampServiceOptions>): StampService;
  digestStamps(change?: Partial<DigestStampingOptions>): DigestStampService;
  remote(change?: Partial<RemoteSigningOptions>): RemoteSigning;
  /** Another process of the same deployment: connections and services of its own. */
  anotherNode(): Promise<{
    readonly authority: Authority;
    readonly judge: PdfJudge;
    readonly stamps: StampService;
    close(): Promise<void>;
  }>;
  close(): Promise<void>;
}

/** Two accounts of one person. */
export const samePeople: readonly string[] = [newId('account', systemClock), newId('account', systemClock)];

export const maxDocumentBytes = 4 * 1024 * 1024;

export async function sealHouse(
  clock: Clock = systemClock,
  trust: Pick<AuthorityOptions, 'anchorFolder' | 'anchorLists'> = {},
): Promise<SealHouse> {
  const test = await testDatabase({ maxConnections: 20 });
  const { database } = test;
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-seal-'));
  const keyEncryptionKey = new Uint8Array(32).fill(9);
  const keys = new FileKeyStore({ directory, keyEncryptionKey, clock });
  const log = silentLog;
  const audit = new AuditLog({ database, clock, cipher: new FieldCipher({ keyEncryptionKey }), log });
  const publicUrl = 'http://localhost:3000';
  const authority = new Authority({ database, audit, keys, clock, publicUrl, log, ...trust });
  await authority.ensureHierarchy();
  const timestamps = new OwnTimestampAuthority({ authority, audit, keys, clock });
  const ocsp = new OcspResponder({ database, audit, keys, clock, log });
  const seals = new SealRegister({ database, audit, clock });
  const maker = new SealMaker({ database, audit, clock, keys, authority });
  const documents = new DocumentStore({ database, audit, clock, maxDocumentBytes });
  const judge = new PdfJudge({ authority, seals, clock });
  const ofd = new OfdJudge({ authority, seals, clock });
  const verifier = new DocumentVerifier({
    audit,
    clock,
    pdf: judge,
    ofd,
    receipts: new VerificationReceipts({ keys, audit, publicUrl }),
    auditWaitMs: 0,
  });
  const seal = await maker.make(house, sealOrder('99010000000001', newId('organisation', clock)));
  const office = createSealOffice({
    database,
    audit,
    clock,
    authority,
    seals,
    maker,
    isSamePerson: async (one, other) => one === samePeople[0] && other === samePeople[1],
  });
  const stamps = (change: Partial<StampServiceOptions> = {}) =>
    new StampService({
      database,
      audit,
      clock,
      log,
      keys,
      authority,
      ocsp,
      timestamps,
      seals,
      documents,
      verifier: { judge: (bytes) => (isPdf(bytes) ? judge : ofd).judge(bytes) },
      mandateHolds: async () => true,
      auditWaitMs: 0,
      ...change,
    });
  const digestStamps = (change: Partial<DigestStampingOptions> = {}) =>
    new DigestStampService({
      database,
      audit,
      clock,
      log,
      keys,
      authority,
      timestamps,
      seals,
      mandateHolds: async () => true,
      auditWaitMs: 0,
      ...change,
    });
  return {
    database,
    audit,
    authority,
    timestamps,
    ocsp,
    maker,
    makerOfVersion4: new SealMaker({ database, audit, clock, keys, authority, sesVersion: 4 }),
    seals,
    documents,
    judge,
    verifier,
    seal,
    office,
    stamps,
    digestStamps,
    remote: (change = {}) =>
      new RemoteSigning({
        database,
        audit,
        clock,
        log,
        keys,
        authority,
        seals,
        mandateHolds: async () => true,
        ...change,
      }),
    anotherNode: async () => {
      const own = await Database.connect({ url: test.url, log, timeouts: testTimeouts });
      const there = new Authority({ database: own, audit, keys, clock, publicUrl, log, ...trust });
      const register = new SealRegister({ database: own, audit, clock });
      const judgeThere = new PdfJudge({ authority: there, seals: register, clock });
      return {
        authority: there,
        judge: judgeThere,
        stamps: stamps({
          database: own,
          authority: there,
          seals: register,
          documents: new DocumentStore({ database: own, audit, clock, maxDocumentBytes }),
          verifier: judgeThere,
        }),
        close: () => own.close(),
      };
    },
    close: async () => {
      await test.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function sealOrder(sealCode: string, organisationId: ReturnType<typeof newId<'organisation'>>) {
  return {
    sealCode,
    name: '测试市数据资源管理有限责任公司',
    type: 'unit' as const,
    organisation: { organisationId, name: '测试市数据资源管理有限责任公司', uscc: '91990000XTEST00012' },
    validDays: 365,
    systems: 'all' as const,
  };
}

export function system(clientId: string, ...scopes: readonly ('seal.read' | 'seal.stamp')[]): Principal {
  const granted = scopes.length === 0 ? (['seal.read', 'seal.stamp'] as const) : scopes;
  return { kind: 'system', clientId, scopes: new Set(granted), roles: new Set(), level: 0 };
}

export function requestKey(key: string, body = 'body'): RequestKey {
  return { owner: 'unused', key, bodySha256: sha256(utf8(body)) };
}

export async function uploaded(
  of: SealHouse,
  principal: Principal,
  bytes = samplePdf({ pageCount: 2 }),
): Promise<string> {
  const key = requestKey(`upload-${newId('document', systemClock)}`);
  return (await of.documents.put(principal, { bytes, mediaType: 'application/pdf' }, key)).documentId;
}

export function stampRequest(of: SealHouse, documentId: string, change: Partial<StampRequest> = {}): StampRequest {
  return {
    sealId: of.seal.sealId,
    documentId,
    placements: [{ kind: 'position', page: 1, xMm: 140, yMm: 220 }],
    purpose: '出具证明',
    policy: 'intl',
    level: 'B-T',
    ...change,
  };
}

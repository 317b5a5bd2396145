// A licence office for tests: database, audit log, authority, catalogue and issuers of the sandbox, callers, and a clock that stands still.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import type { LogRunner } from '../../src/audit/log-runner.ts';
import { Authority } from '../../src/authority/authority.ts';
import { FileKeyStore } from '../../src/crypto/file-key-store.ts';
import type { KeyStore } from '../../src/crypto/key-store.ts';
import type { Database } from '../../src/db/database.ts';
import { randomBytes } from '../../src/kernel/clock.ts';
import { frozenClock } from '../../src/kernel/clock.ts';
import { residentIdCheckCharacter } from '../../src/kernel/chinese-identifiers.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { house, type Principal, type Scope } from '../../src/kernel/principal.ts';
import type { RequestKey } from '../../src/kernel/request-key.ts';
import { toHex } from '../../src/kernel/bytes.ts';
import { LicenceCatalogue } from '../../src/licence/catalogue.ts';
import type { HolderNumber } from '../../src/licence/holder.ts';
import { LicenceIssuers } from '../../src/licence/issuers.ts';
import type { FaultPoint } from '../../src/licence/licence-ledger.ts';
import type { LicenceOrder } from '../../src/licence/licence-order.ts';
import { LicenceService } from '../../src/licence/licences.ts';
import { residentPermit, sandboxLicenceIssuers, sandboxLicenceTypes } from '../../src/sandbox/licence-catalogue.ts';
import { LicenceVerifier } from '../../src/verification/licences.ts';
import { testCipher, testLog } from './audit.ts';

export const publicUrl = 'http://localhost:3000';

export interface LicenceOffice {
  readonly database: Database;
  readonly audit: AuditLog;
  readonly runner: LogRunner;
  readonly clock: ReturnType<typeof frozenClock>;
  readonly keys: KeyStore;
  readonly authority: Authority;
  readonly catalogue: LicenceCatalogue;
  readonly issuers: LicenceIssuers;
  readonly licences: LicenceService;
  readonly verifier: LicenceVerifier;
  /** Proven numbers of accounts. */
  readonly people: Map<string, HolderNumber>;
  /** Set to fail at a point of the next issue. */
  fault: FaultPoint | undefined;
  close(): Promise<void>;
}

export async function licenceOffice(options: { maxConnections?: number } = {}): Promise<LicenceOffice> {
  const clock = frozenClock('2026-11-21T02:00:00Z');
  const { test, audit, runner } = await testLog({ ...options, clock });
  const { database } = test;
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-licence-'));
  const keys = new FileKeyStore({ directory, keyEncryptionKey: new Uint8Array(32).fill(9), clock });
  const authority = new Authority({ database, audit, keys, clock, publicUrl, log: silentLog });
  await authority.ensureHierarchy();
  const catalogue = new LicenceCatalogue({ database, audit, clock });
  const issuers = new LicenceIssuers({ database, audit, keys, authority });
  for (const type of sandboxLicenceTypes) await catalogue.publish(house, type);
  for (const issuer of sandboxLicenceIssuers) await issuers.register(house, issuer);
  const people = new Map<string, HolderNumber>();
  const holders = { holderOf: (accountId: string) => Promise.resolve(people.get(accountId)) };
  const common = { database, audit, clock, log: silentLog, keys, cipher: testCipher, catalogue, issuers, publicUrl };
  const office: LicenceOffice = {
    database,
    audit,
    runner,
    clock,
    keys,
    authority,
    catalogue,
    issuers,
    people,
    fault: undefined,
    licences: new LicenceService({
      ...common,
      holders,
      auditWaitMs: 0,
      faults: (point) => {
        if (office.fault === point) throw new Error(`died after ${point}`);
      },
    }),
    get verifier() {
      return new LicenceVerifier({ ...common, authority, licences: office.licences });
    },
    close: async () => {
      await test.close();
      rmSync(directory, { recursive: true });
    },
  };
  return office;
}

export function system(clientId: string, ...scopes: Scope[]): Principal {
  return { kind: 'system', clientId, scopes: new Set(scopes), roles: new Set(), level: 0 };
}

export const issuingSystem = system('town-hall', 'licence.read', 'licence.issue', 'licence.manage');

export function person(accountId: string, level: Principal['level'] = 4): Principal {
  return { kind: 'person', accountId, clientId: 'web', scopes: new Set(['licence.read']), roles: new Set(), level };
}

/** A resident number of the sandbox region. */
export function residentNumber(sequence: number): string {
  const body = `99010219900307${String(sequence).padStart(3, '0')}`;
  return body + residentIdCheckCharacter(body);
}

export function permitOrder(change: Partial<LicenceOrder> = {}): LicenceOrder {
  return {
    typeCode: residentPermit.typeCode,
    holder: { kind: 'person', name: '张三丰', idType: 'resident-id', idNumber: residentNumber(123) },
    claims: { sex: '男', ethnicity: '汉', birthdate: '1990-03-07', address: '测试市测试路1号' },
    validFrom: '2026-11-21',
    validUntil: '2036-11-20',
    ...change,
  };
}

export function requestKey(key = toHex(randomBytes(8)), body = 1): RequestKey {
  return { owner: 'town-hall', key, bodySha256: new Uint8Array(32).fill(body) };
}

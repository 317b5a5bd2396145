// A house for tests of the authority: database, key files, audit log, all by `new`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { Authority } from '../../../src/authority/authority.ts';
import { OwnTimestampAuthority } from '../../../src/authority/time-stamp.ts';
import { FieldCipher } from '../../../src/crypto/field-cipher.ts';
import { FileKeyStore } from '../../../src/crypto/file-key-store.ts';
import type { Database } from '../../../src/db/database.ts';
import { addSeconds, frozenClock, systemClock } from '../../../src/kernel/clock.ts';
import { silentLog } from '../../../src/kernel/log.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import type { Certificate } from '../../../src/pki/certificate.ts';
import { testDatabase } from '../../support/database.ts';

export const publicUrl = 'http://localhost:3000';

export interface AuthorityHouse {
  readonly database: Database;
  readonly clock: ReturnType<typeof frozenClock>;
  readonly keys: FileKeyStore;
  readonly audit: AuditLog;
  readonly authority: Authority;
  readonly timestamps: OwnTimestampAuthority;
  /** A second process over the same database and key files. */
  another(): { authority: Authority; timestamps: OwnTimestampAuthority };
  close(): Promise<void>;
}

export async function authorityHouse(): Promise<AuthorityHouse> {
  const test = await testDatabase({ maxConnections: 20 });
  const { database } = test;
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-authority-'));
  const keyEncryptionKey = new Uint8Array(32).fill(3);
  // OpenSSL judges by the real clock: ours stands an hour before it, within every validity, with room to be moved.
  const clock = frozenClock(addSeconds(systemClock.now(), -3600));
  const cipher = new FieldCipher({ keyEncryptionKey });
  const process = () => {
    const keys = new FileKeyStore({ directory, keyEncryptionKey, clock });
    const audit = new AuditLog({ database, clock, cipher, log: silentLog });
    const authority = new Authority({ database, audit, keys, clock, publicUrl, log: silentLog });
    return {
      keys,
      audit,
      authority,
      timestamps: new OwnTimestampAuthority({ authority, audit, keys, clock }),
    };
  };
  return {
    database,
    clock,
    ...process(),
    another: process,
    close: async () => {
      await test.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** In person, who may propose and approve. */
export function administrator(accountId: string): Principal {
  const scopes = new Set(['pki.read', 'pki.manage'] as const);
  return { kind: 'person', accountId, scopes, roles: new Set(['administrator']), level: 4 };
}

/** What a path through these certificates is judged by: our roots, and the register. */
export async function trustFor(authority: Authority, certificates: readonly Certificate[]) {
  const anchors = await authority.anchors();
  return { anchors, revocation: await authority.revocation([...certificates, ...anchors]) };
}

/** What the audit log holds of one action, in order. */
export async function recorded(audit: AuditLog, action: string): Promise<string[]> {
  const { items } = await audit.entries({ action, limit: 200 });
  return items.map(({ outcome }) => outcome).reverse();
}

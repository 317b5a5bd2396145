// The trust ground in the bench's own process, over a database of its own in the service's cluster: rates without HTTP, and large CRLs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AuditLog } from '../src/audit/audit-log.ts';
import { AuditedKeyStore } from '../src/audit/audited-key-store.ts';
import { LogRunner } from '../src/audit/log-runner.ts';
import { Authority } from '../src/authority/authority.ts';
import { OcspResponder } from '../src/authority/ocsp-responder.ts';
import { OwnTimestampAuthority } from '../src/authority/time-stamp.ts';
import { FieldCipher } from '../src/crypto/field-cipher.ts';
import { FileKeyStore } from '../src/crypto/file-key-store.ts';
import { Database, serviceTimeouts } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { monotonicMs, randomBytes, systemClock } from '../src/kernel/clock.ts';
import { silentLog } from '../src/kernel/log.ts';

export interface TrustHouse {
  readonly database: Database;
  readonly authority: Authority;
  readonly ocsp: OcspResponder;
  readonly timestamps: OwnTimestampAuthority;
  /** Seconds that the list took, from the register to its committed bytes, and its size. */
  largeCrl(entries: number): Promise<{ seconds: number; sizeBytes: number }>;
  close(): Promise<void>;
}

const databaseName = 'bench_trust';
const publicUrl = 'http://localhost:3000';

/** `clusterUrl` is of any database of the cluster. */
export async function openTrustHouse(clusterUrl: string): Promise<TrustHouse> {
  const admin = await Database.connect({ url: clusterUrl, log: silentLog, maxConnections: 1 });
  await admin.query({ text: `CREATE DATABASE ${databaseName}` });
  await admin.close();
  // Not through `URL`, which knows no address without a host: ours is a socket in a folder.
  const url = clusterUrl.replace(/(?<=\/\/[^/]*\/)[^?]*/, databaseName);
  const database = await Database.connect({ url, log: silentLog });
  const clock = systemClock;
  const log = silentLog;
  await migrate(database, { directory: join(root(), 'sql'), log, clock });
  const keyEncryptionKey = randomBytes(32);
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-bench-keys-'));
  const audit = new AuditLog({ database, clock, cipher: new FieldCipher({ keyEncryptionKey }), log });
  const keys = new AuditedKeyStore({ keys: new FileKeyStore({ directory, keyEncryptionKey, clock }), audit });
  await keys.create({ name: 'audit-log', purpose: 'log', algorithm: 'EdDSA' });
  const signer = await keys.signer('audit-log', 'log');
  const runner = new LogRunner({ database, signer, origin: 'bench/log', clock, log });
  audit.follow(runner);
  const authority = new Authority({ database, audit, keys, clock, publicUrl, log });
  await authority.ensureHierarchy();
  await runner.start();
  const ocsp = new OcspResponder({ database, audit, keys, clock, log });
  return {
    database,
    authority,
    ocsp,
    timestamps: new OwnTimestampAuthority({ authority, audit, keys, clock, log }),
    largeCrl: async (entries) => {
      await fillRegister(url, entries);
      const beganMs = monotonicMs();
      await authority.regenerateCrl('seal-ca');
      const seconds = (monotonicMs() - beganMs) / 1000;
      return { seconds, sizeBytes: (await authority.crl('seal-ca')).length };
    },
    close: async () => {
      await ocsp.close();
      await runner.stop();
      await database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Revoked certificates that differ only in what a CRL says of them. Indexes that no CRL is read by are dropped: they would take longer than all the rest. */
async function fillRegister(url: string, entries: number): Promise<void> {
  const timeouts = { ...serviceTimeouts, statementMs: 120_000, answerMs: 125_000 };
  const database = await Database.connect({ url, log: silentLog, maxConnections: 1, timeouts });
  const unused = ['key', 'issuer', 'profile'].map((name) => `pki.certificate_${name}`);
  const statements = [
    `DROP INDEX ${unused.join(', ')}`,
    // Ids ascend as they do when certificates are issued one after the other; serials are in no order.
    `INSERT INTO pki.certificate (certificate_id, serial_hex, issuer_name, profile, state, der, not_before, not_after,
        intended_at, issued_at, revoked_at, revocation_reason)
      SELECT ('019f0000-' || to_char(n / 10000, 'FM0000') || '-7' || to_char(n % 1000, 'FM000') || '-8000-' || lpad(n::text, 12, '0'))::uuid,
        '4' || substr(md5(n::text), 2), 'seal-ca', 'seal-signer', 'issued', '\\x30', now(),
        now() + interval '1 year', now(), now(), now() - n * interval '7 seconds', 'keyCompromise'
      FROM generate_series(1, ${entries}) AS n`,
    'ANALYZE pki.certificate',
  ];
  for (const text of statements) await database.query({ text });
  await database.close();
}

/** Compiled code lies one level deeper than its source. */
function root(): string {
  return join(dirname(fileURLToPath(import.meta.url)), '../..');
}

// An audit log for tests: a database of its own, a fresh log key, and a runner that is stepped by hand.

import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { LogRunner } from '../../src/audit/log-runner.ts';
import { AuditProofs } from '../../src/audit/proofs.ts';
import { LogTiles } from '../../src/audit/log-tiles.ts';
import { FieldCipher } from '../../src/crypto/field-cipher.ts';
import type { Signer } from '../../src/crypto/signer.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export const testOrigin = 'trust.example.cn/log';
export const testCipher = new FieldCipher({ keyEncryptionKey: new Uint8Array(32).fill(7) });

export interface TestLog {
  readonly test: TestDatabase;
  readonly audit: AuditLog;
  readonly runner: LogRunner;
  readonly tiles: LogTiles;
  readonly proofs: AuditProofs;
  readonly signer: Signer;
}

export async function testLog(options: { maxConnections?: number; clock?: Clock } = {}): Promise<TestLog> {
  const test = await testDatabase(options);
  const { database } = test;
  const clock = options.clock ?? systemClock;
  const signer = logSigner();
  const audit = new AuditLog({ database, clock, cipher: testCipher, log: silentLog });
  const runner = new LogRunner({ database, signer, origin: testOrigin, clock, log: silentLog });
  audit.follow(runner);
  const proofs = new AuditProofs({ database, verifierKey: runner.verifierKey, freshMs: 0 });
  const tiles = new LogTiles({ database, verifierKey: runner.verifierKey });
  return { test, audit, runner, tiles, proofs, signer };
}

export function logSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    keyName: 'log',
    purpose: 'log',
    algorithm: 'EdDSA',
    spki: new Uint8Array(publicKey.export({ format: 'der', type: 'spki' })),
    sign: async (data) => new Uint8Array(sign(null, data, privateKey)),
  };
}

export function verifyEd25519(publicKey: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, data, { key: spki, format: 'der', type: 'spki' }, signature);
}

// `node dist/bench/pki.js`: OCSP, time stamps, issuing and a CRL of a million entries, in this process over a real database with fsync, beside the raw signature.

import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { AuditLog } from '../src/audit/audit-log.ts';
import { Authority } from '../src/authority/authority.ts';
import { OcspResponder } from '../src/authority/ocsp-responder.ts';
import { OwnTimestampAuthority } from '../src/authority/time-stamp.ts';
import * as write from '../src/codec/der-write.ts';
import { sha256 } from '../src/crypto/digest.ts';
import { FieldCipher } from '../src/crypto/field-cipher.ts';
import { generateKeyPair } from '../src/crypto/key-material.ts';
import { createSigner } from '../src/crypto/signer.ts';
import { FileKeyStore } from '../src/crypto/file-key-store.ts';
import { Database } from '../src/db/database.ts';
import { startEmbedded } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { ocspEndpoints } from '../src/http/ocsp.ts';
import { monotonicMs, randomBytes, systemClock } from '../src/kernel/clock.ts';
import { toHex } from '../src/kernel/bytes.ts';
import { newUuid } from '../src/kernel/ids.ts';
import { silentLog } from '../src/kernel/log.ts';
import { house } from '../src/kernel/principal.ts';
import { writeSignatureAlgorithm } from '../src/pki/algorithm-identifier.ts';
import { parseCertificate } from '../src/pki/certificate.ts';
import { CrlEntries, signCrl } from '../src/pki/crl-build.ts';
import { writeName } from '../src/pki/name.ts';
import { certIdDigests, issuerHashes } from '../src/pki/ocsp.ts';
import { writeTimestampRequest } from '../src/pki/timestamp-request.ts';
import { packageFolder } from '../src/http/package-folder.ts';
import { HttpClient } from './http-client.ts';
import { measure, type Task } from './measure.ts';

const inFlight = 64;
const million = 1_000_000;
const rounds = 5;
const roundMs = 1000;
const warmUpMs = 700;
const rawSign = 'raw ES256 signature';

const directory = mkdtempSync(join(tmpdir(), 'yinxin-bench-pki-'));
const embedded = await startEmbedded({ dataDir: join(directory, 'data'), log: silentLog });
/** A busy machine is slow, not broken. */
const timeouts = { connectMs: 30_000, statementMs: 30_000, answerMs: 35_000, idleInTransactionMs: 30_000 };
const database = await Database.connect({ url: embedded.url, log: silentLog, maxConnections: 10, timeouts });
try {
  await migrate(database, { directory: join(packageFolder, 'sql'), log: silentLog, clock: systemClock });
  await run();
} finally {
  await database.close();
  await embedded.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
}

async function run(): Promise<void> {
  const clock = systemClock;
  const keyEncryptionKey = randomBytes(32);
  const keys = new FileKeyStore({ directory: join(directory, 'keys'), keyEncryptionKey, clock });
  const audit = new AuditLog({ database, clock, cipher: new FieldCipher({ keyEncryptionKey }), log: silentLog });
  const options = { database, audit, keys, clock, log: silentLog };
  const authority = new Authority({ ...options, publicUrl: 'http://localhost:3000' });
  await authority.ensureHierarchy();
  const ocsp = new OcspResponder(options);
  const timestamps = new OwnTimestampAuthority({ ...options, authority });
  const signer = await keys.signer('seal-ca', 'issuing-ca');
  const data = randomBytes(300);

  await keys.create({ name: 'bench-seal', purpose: 'seal', algorithm: 'ES256' });
  const subject = { country: 'CN', organisation: 'XTEXT', commonName: 'XTEXT bench' };
  const order = { keyName: 'bench-seal', profile: 'seal-signer', subject, validDays: 100 } as const;
  const leaves = await Promise.all(Array.from({ length: 50 }, () => authority.issueFor(order, house)));
  const issuer = parseCertificate(await authority.caCertificate('seal-ca'));
  const { name, key } = issuerHashes(issuer, 'SHA-256');
  const requests = leaves.map(({ certificate }) => {
    const algorithm = write.sequence(write.oid(certIdDigests['SHA-256'].oid));
    const serial = write.unsignedInteger(certificate.serial);
    const certId = write.sequence(algorithm, write.octetString(name), write.octetString(key), serial);
    return write.sequence(certId);
  });
  let turn = 0;
  const next = () => requests[turn++ % requests.length] ?? new Uint8Array();
  const asked = (...rest: Uint8Array[]) => write.sequence(write.sequence(write.sequence(next()), ...rest));
  const nonce = () => {
    const value = write.octetString(write.octetString(randomBytes(16)));
    return write.context(2, write.sequence(write.sequence(write.oid('1.3.6.1.5.5.7.48.1.2'), value)));
  };
  const csr = await certificateRequest();
  const { server, client } = await overHttp(ocsp);
  const headers = { 'content-type': 'application/ocsp-request' };
  const task = (label: string, work: () => Promise<unknown>): Task => ({
    name: label,
    inFlight,
    comparedWith: [rawSign],
    run: async () => void (await work()),
  });
  const stampRequest = writeTimestampRequest({ digestAlgorithm: 'SHA-256', digest: sha256(data) }, randomBytes(8));
  const tasks: Task[] = [
    { name: rawSign, inFlight: 1, comparedWith: [], run: async () => void (await signer.sign(data, 'der')) },
    task('OCSP answer, no nonce', () => ocsp.respond('seal-ca', asked())),
    task('OCSP answer, nonce', () => ocsp.respond('seal-ca', asked(nonce()))),
    task('OCSP over HTTP, no nonce (this process asks too)', () =>
      client.send('/ocsp/seal-ca', { method: 'POST', headers, body: Buffer.from(asked()) }),
    ),
    task('OCSP over HTTP, nonce (this process asks too)', () =>
      client.send('/ocsp/seal-ca', { method: 'POST', headers, body: Buffer.from(asked(nonce())) }),
    ),
    task('time stamp, ES256', () => timestamps.respond(stampRequest)),
    task('time stamp, SM2', () => timestamps.respond(stampRequest, 'gm')),
    task('issue a certificate from a request', () =>
      authority.office.issue(house, { csr, profile: 'tls-client', validDays: 30 }),
    ),
  ];
  const results = await measure(tasks, { rounds, roundMs, warmUpMs });
  for (const { name: label, ratePerSecond, ratios, p50Ms, p99Ms } of results) {
    const share = ratios[rawSign];
    const compared = share === undefined ? '' : `${share.toFixed(3)} of the raw signature`;
    console.log(
      `${label.padEnd(50)} ${String(Math.round(ratePerSecond)).padStart(7)}/s  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms  ${compared}`,
    );
  }
  server.close();
  await ocsp.close();
  await largeList(authority);
}

async function certificateRequest(): Promise<Uint8Array> {
  const signer = createSigner({ keyName: 'b', purpose: 'tls-client', algorithm: 'ES256', ...generateKeyPair('ES256') });
  const name = writeName({ country: 'CN', commonName: 'XTEXT bench' });
  const info = write.sequence(write.integer(0), name, signer.spki, write.context(0));
  const signature = write.bitString(await signer.sign(info, 'der'));
  return write.sequence(info, writeSignatureAlgorithm('ES256'), signature);
}

async function overHttp(ocsp: OcspResponder): Promise<{ server: Server; client: HttpClient }> {
  const app = express();
  app.disable('etag');
  app.use(ocspEndpoints(ocsp));
  const server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { server, client: new HttpClient({ port, agent: new Agent({ keepAlive: true, maxSockets: inFlight }) }) };
}

/** A list of a million entries: composed and signed alone, and from the register to its published bytes. */
async function largeList(authority: Authority): Promise<void> {
  const certificate = parseCertificate(await authority.caCertificate('service-ca'));
  const revokedAt = systemClock.now();
  const serials = Array.from({ length: million }, () => randomBytes(16).with(0, 0x3f));
  const keys = new FileKeyStore({
    directory: join(directory, 'other'),
    keyEncryptionKey: randomBytes(32),
    clock: systemClock,
  });
  await keys.create({ name: 'list', purpose: 'issuing-ca', algorithm: 'ES256' });
  const signer = await keys.signer('list', 'issuing-ca');
  let began = monotonicMs();
  const entries = new CrlEntries();
  for (const serial of serials) entries.add({ serial, revokedAt, reason: 'superseded' });
  const head = { issuer: { certificate, signer }, number: 1n, thisUpdate: revokedAt, nextUpdate: revokedAt };
  const der = await signCrl(head, entries);
  console.log(`CRL of ${million} entries, ${der.length} bytes, composed and signed in ${seconds(began)}`);

  for (let from = 0; from < million; from += 20_000) {
    const some = serials.slice(from, from + 20_000);
    await database.query({
      text: `INSERT INTO pki.certificate (certificate_id, serial_hex, issuer_name, profile, state, der, not_before, not_after,
          intended_at, issued_at, revoked_at, revocation_reason)
        SELECT u.id, u.serial, 'service-ca', 'tls-client', 'issued', '\\x00', $3, $3, $3, $3, $3, 'superseded'
        FROM unnest($1::uuid[], $2::text[]) AS u (id, serial)`,
      values: [some.map(() => newUuid(systemClock)), some.map(toHex), revokedAt],
    });
  }
  await database.query({ text: 'ANALYZE pki.certificate' });
  began = monotonicMs();
  await authority.regenerateCrl('service-ca');
  console.log(`CRL of ${million} entries read from the register, signed, stored in ${seconds(began)}`);
  began = monotonicMs();
  const served = await authority.crl('service-ca');
  console.log(`its ${served.length} bytes fetched in ${seconds(began)}`);
}

function seconds(began: number): string {
  return `${((monotonicMs() - began) / 1000).toFixed(2)} s`;
}

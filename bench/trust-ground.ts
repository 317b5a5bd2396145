// What relying parties ask of the trust ground, over HTTP and below it: certificate status, time stamps, certificates.

import { Agent } from 'node:http';
import * as write from '../src/codec/der-write.ts';
import { generateKeyPair } from '../src/crypto/key-material.ts';
import { createSigner } from '../src/crypto/signer.ts';
import { randomBytes } from '../src/kernel/clock.ts';
import { house as ourselves } from '../src/kernel/principal.ts';
import { writeSignatureAlgorithm } from '../src/pki/algorithm-identifier.ts';
import type { Certificate } from '../src/pki/certificate.ts';
import { parseCertificate } from '../src/pki/certificate.ts';
import { certIdDigests, issuerHashes } from '../src/pki/ocsp.ts';
import { writeName } from '../src/pki/name.ts';
import type { BenchHouse } from './house.ts';
import { HttpClient } from './http-client.ts';
import { limitNames } from './limits.ts';
import type { Task } from './measure.ts';
import type { TrustHouse } from './trust-house.ts';

/** As many relying parties at once as a small city's systems; these answers are made together for those who ask together. */
const inFlight = 64;
const ca = 'seal-ca';

/** `agent` is theirs to destroy at the end. */
export async function trustOperations(house: BenchHouse, trust: TrustHouse, agent: Agent): Promise<Task[]> {
  const service = new HttpClient({ port: house.service.port, agent });
  const { authority, ocsp, timestamps } = trust;
  const there = await statusQuestions(parseCertificate(await service.send(`/ca/${ca}.cer`)), house.database);
  const here = await statusQuestions(parseCertificate(await authority.caCertificate(ca)), trust.database);
  const csr = await certificateRequest();
  const subject = { country: 'CN', organisation: 'XTEXT 市数据局', commonName: 'XTEXT 市数据局电子印章' };
  const { sign, http, insert } = limitNames;
  const task = (name: string, comparedWith: readonly string[], run: () => Promise<unknown>): Task => ({
    name,
    inFlight,
    comparedWith,
    run: async () => void (await run()),
  });
  const post = (path: string, kind: string, body: Uint8Array) =>
    service.send(path, { method: 'POST', headers: { 'content-type': `application/${kind}` }, body });
  const ask = (body: Uint8Array) => post(`/ocsp/${ca}`, 'ocsp-request', body);
  return [
    task('OCSP (signed before)', [http, sign], () => ask(there.plain())),
    task('OCSP (nonce)', [http, sign], () => ask(there.withNonce())),
    task('OCSP (nonce), no HTTP', [sign], () => ocsp.respond(ca, here.withNonce())),
    task('time stamp', [http, insert, sign], () => post('/tsa', 'timestamp-query', timestampQuestion())),
    task('time stamp, no HTTP', [insert, sign], () => timestamps.respond(timestampQuestion())),
    task('certificate, no HTTP', [insert, sign], () =>
      authority.office.issue(ourselves, { csr, profile: 'seal-signer', subject, validDays: 300 }),
    ),
  ];
}

export function trustAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: inFlight });
}

interface StatusQuestions {
  plain(): Uint8Array;
  withNonce(): Uint8Array;
}

/** About every certificate of the authority in turn. */
async function statusQuestions(issuer: Certificate, database: BenchHouse['database']): Promise<StatusQuestions> {
  const { rows } = await database.query<{ serial_hex: string }>({
    text: `SELECT serial_hex FROM pki.certificate WHERE issuer_name = $1 AND state = 'issued' LIMIT 100`,
    values: [ca],
  });
  const { name, key } = issuerHashes(issuer, 'SHA-1');
  const lists = rows.map(({ serial_hex: serialHex }) => {
    const algorithm = write.sequence(write.oid(certIdDigests['SHA-1'].oid), write.nullValue());
    const serial = write.unsignedInteger(Buffer.from(serialHex, 'hex'));
    const certId = write.sequence(algorithm, write.octetString(name), write.octetString(key), serial);
    return write.sequence(write.sequence(certId));
  });
  let turn = 0;
  const next = () => lists[turn++ % lists.length] ?? new Uint8Array();
  return {
    plain: () => write.sequence(write.sequence(next())),
    withNonce: () => write.sequence(write.sequence(next(), nonceExtension(randomBytes(16)))),
  };
}

function nonceExtension(nonce: Uint8Array): Uint8Array {
  const value = write.octetString(write.octetString(nonce));
  return write.context(2, write.sequence(write.sequence(write.oid('1.3.6.1.5.5.7.48.1.2'), value)));
}

const sha256Identifier = write.sequence(write.oid('2.16.840.1.101.3.4.2.1'), write.nullValue());

function timestampQuestion(): Uint8Array {
  const imprint = write.sequence(sha256Identifier, write.octetString(randomBytes(32)));
  const nonce = write.unsignedInteger(randomBytes(8));
  return write.sequence(write.integer(1), imprint, nonce, write.boolean(true));
}

async function certificateRequest(): Promise<Uint8Array> {
  const signer = createSigner({ keyName: 'theirs', purpose: 'seal', algorithm: 'ES256', ...generateKeyPair('ES256') });
  const name = writeName({ country: 'CN', commonName: 'XTEXT 请求' });
  const info = write.sequence(write.integer(0), name, signer.spki, write.context(0));
  const signature = write.bitString(await signer.sign(info, 'der'));
  return write.sequence(info, writeSignatureAlgorithm('ES256'), signature);
}

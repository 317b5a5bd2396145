// Certificates managed over HTTP and by the command line of a running service; what relying parties fetch changes with the deed.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import supertest from 'supertest';
import * as contract from '../../../src/contract/authority.ts';
import * as trustAnchors from '../../../src/contract/trust-anchors.ts';
import { parseCertificate } from '../../../src/pki/certificate.ts';
import { parseCrl } from '../../../src/pki/crl.ts';
import { derBlocks } from '../../../src/pki/pem.ts';
import { utf8 } from '../../../src/kernel/bytes.ts';
import { sandboxPassword } from '../../../src/sandbox/city.ts';
import { needOpenssl, type OpensslBench } from '../../support/openssl.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const command = join(import.meta.dirname, '../../../src/cli/main.js');

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly errors: string;
}

describe('Certificates managed from outside', () => {
  let server: TestServer;
  let openssl: OpensslBench;
  let requests = 0;
  before(async function () {
    openssl = needOpenssl(this);
    server = await startServer();
  });
  after(async () => {
    await server?.stop();
    openssl?.remove();
  });

  /** Path of a fresh PKCS #10 request. */
  const requestFile = (): string => {
    const name = `request-${++requests}`;
    const [key, file] = [openssl.path(`${name}.key`), openssl.path(`${name}.csr`)];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    const made = openssl.run('req', '-new', ...newKey, '-subj', '/C=CN/CN=XTEXT client', '-out', file);
    assert.ok(made.good, made.output);
    return file;
  };
  const request = () => Buffer.from(openssl.read(requestFile().split('/').at(-1) ?? '')).toString();
  const order = () => ({ csr: request(), profile: 'tls-client', validDays: 30 });
  const crl = async (file: string) => {
    const { body, status } = await supertest(server.url).get(`/crl/${file}`).responseType('blob');
    assert.equal(status, 200);
    return parseCrl(new Uint8Array(body));
  };
  /** The word that openssl has for the status, asked over HTTP. */
  const ocsp = async (pem: string): Promise<string> => {
    const leaf = openssl.write('leaf.pem', pem);
    const certificate = parseCertificate(derBlocks(utf8(pem), 'CERTIFICATE')[0] ?? new Uint8Array());
    const [url = ''] = certificate.ocspUrls;
    const fetched = async (ca: string) => {
      const { body } = await supertest(server.url).get(`/ca/${ca}.cer`).responseType('blob');
      return openssl.writePem(`${ca}.pem`, [{ label: 'CERTIFICATE', der: new Uint8Array(body) }]);
    };
    const [issuer, root] = [await fetched('service-ca'), await fetched('root-ca')];
    const asked = ['-url', url, '-issuer', issuer, '-cert', leaf, '-CAfile', root, '-verify_other', issuer];
    const { output } = await openssl.runAsync('ocsp', ...asked);
    assert.match(output, /Response verify OK/, output);
    return /leaf\.pem: (\w+)/.exec(output)?.[1] ?? output;
  };

  it('are issued, suspended, resumed and revoked by a system, and every deed is in the next CRL and OCSP answer', async () => {
    const api = await server.api('pki.read', 'pki.manage');
    const { serial, pem, status, subject } = await api.json(contract.issueCertificate, { json: order() });
    assert.equal(status, 'good');
    assert.deepEqual(subject, { country: 'CN', commonName: 'XTEXT client' });
    assert.equal(await ocsp(pem), 'good');
    const params = { serial };
    assert.equal((await api.json(contract.suspendCertificate, { params })).status, 'suspended');
    assert.equal((await crl('service-ca.crl')).entries.get(serial)?.reason, 'certificateHold');
    assert.equal(await ocsp(pem), 'revoked');
    assert.equal((await api.json(contract.resumeCertificate, { params })).status, 'good');
    assert.equal((await crl('service-ca.crl')).entries.has(serial), false);
    assert.equal(await ocsp(pem), 'good');
    const revoked = await api.json(contract.revokeCertificate, { params, json: { reason: 'keyCompromise' } });
    assert.deepEqual([revoked.status, revoked.reason], ['revoked', 'keyCompromise']);
    assert.equal((await crl('service-ca.delta.crl')).entries.get(serial)?.reason, 'keyCompromise');
    assert.equal(await ocsp(pem), 'revoked');
    assert.deepEqual(await api.json(contract.getCertificate, { params }), revoked);
  });

  it('are renewed, and listed page by page', async () => {
    const api = await server.api('pki.read', 'pki.manage');
    const first = await api.json(contract.issueCertificate, { json: order() });
    const next = await api.json(contract.renewCertificate, { params: { serial: first.serial }, json: {} });
    assert.equal(next.renews, first.certificateId);
    const query = { profile: 'tls-client', limit: 1 };
    const page = await api.json(contract.listCertificates, { query });
    assert.deepEqual(
      page.items.map(({ serial }) => serial),
      [next.serial],
    );
    const more = await api.json(contract.listCertificates, { query: { ...query, cursor: page.nextCursor ?? '' } });
    assert.equal(more.items[0]?.serial, first.serial);
  });

  it('are refused with a code where something is wrong', async () => {
    const api = await server.api('pki.read', 'pki.manage');
    const code = async (...call: Parameters<typeof api.refusal>) => (await api.refusal(...call)).code;
    const { csr } = order();
    const issue = (json: object) =>
      code(contract.issueCertificate, { json: { csr, profile: 'tls-client', validDays: 9, ...json } });
    assert.equal(await issue({ csr: 'hello' }), 'malformed-csr');
    assert.equal(await issue({ profile: 'issuing-ca' }), 'approval-required');
    assert.equal(await issue({ profile: 'root-ca' }), 'approval-required');
    assert.equal(await issue({ profile: 'nothing' }), 'malformed-request');
    assert.equal(await issue({ validDays: 4000 }), 'malformed-request');
    assert.equal(await code(contract.getCertificate, { params: { serial: '0badcafe' } }), 'certificate-not-found');
    assert.equal(await code(contract.regenerateCrl, { params: { authority: 'nobody' } }), 'certificate-not-found');
    const reader = await server.api('pki.read');
    assert.equal((await reader.refusal(contract.issueCertificate, { json: order() })).code, 'scope-missing');
    assert.equal((await server.nobody.refusal(contract.listCertificates)).code, 'token-missing');
    const { certificate } = await server.services.authority.certificateOf('seal-ca');
    const params = { serial: certificate.serialHex };
    assert.equal(await code(contract.suspendCertificate, { params }), 'approval-required');
    const deed = { kind: 'suspend', serial: certificate.serialHex };
    assert.equal(await code(contract.proposeDeed, { json: { deed } }), 'forbidden');
  });

  function yinxin(words: readonly string[], input = ''): Promise<Outcome> {
    const { config, port, url } = server;
    const env = {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      PUBLIC_URL: url,
      DATABASE_URL: config.databaseUrl ?? '',
      KEYS_DIR: config.keysDirectory,
      CERTS_DIR: config.certsDirectory,
      DATA_DIR: config.dataDirectory,
      LOG_LEVEL: 'fatal',
    };
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [command, 'ca', ...words], { env });
      let [out, errors] = ['', ''];
      child.stdout.on('data', (text: Buffer) => (out += text.toString()));
      child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
      child.on('close', (status) => resolve({ status, out, errors }));
      child.stdin.end(input);
    });
  }
  const as = async (loginName: string, ...words: string[]) => {
    const outcome = await yinxin([...words, '--as', loginName], `${sandboxPassword}\n`);
    return { ...outcome, say: `${outcome.out}${outcome.errors}` };
  };

  it('are listed, shown, issued and revoked by command, by an administrator who signs in', async () => {
    const list = await yinxin(['list', '--profile', 'time-stamp']);
    assert.equal(list.status, 0, list.errors);
    assert.match(list.out, /service-ca +time-stamp +good .*Time Stamp Authority/);
    const issued = await as('admin1', 'issue', '--csr', requestFile(), '--profile', 'tls-client', '--days', '20');
    assert.equal(issued.status, 0, issued.say);
    const serial = issued.out.split(' ')[0] ?? '';
    assert.match(issued.out, /-----BEGIN CERTIFICATE-----/);
    const revoked = await as('admin1', 'revoke', serial, '--reason', 'superseded');
    assert.match(revoked.out, new RegExp(`^${serial}.* revoked `));
    assert.equal((await crl('service-ca.crl')).entries.get(serial)?.reason, 'superseded');
    const shown = await yinxin(['show', serial, '--json']);
    const { status }: { status: string } = JSON.parse(shown.out);
    assert.equal(status, 'revoked');
    assert.match((await as('admin1', 'crl', 'seal-ca')).out, /CRL \d+ of seal-ca is published/);
  });

  it('are refused to others by command: a wrong password, a citizen, a missing name', async () => {
    const { certificate } = await server.services.authority.certificateOf('tsa');
    const words = ['suspend', certificate.serialHex];
    const wrong = await yinxin([...words, '--as', 'admin1'], 'guess\n');
    assert.equal(wrong.status, 2);
    assert.match(wrong.errors, /sign-in was refused/);
    const citizen = await as('citizen1', ...words);
    assert.equal(citizen.status, 2);
    assert.match(citizen.say, /pki\.manage/);
    assert.match((await yinxin(words)).errors, /--as is missing/);
    assert.match((await yinxin(['destroy', 'everything'])).errors, /say one of\n  ca list/);
  });

  it('of an authority are changed by command when a second administrator approves', async () => {
    const { certificate } = await server.services.authority.certificateOf('seal-ca-sm2');
    const { serialHex } = certificate;
    const proposed = await as('admin1', 'suspend', serialHex);
    assert.equal(proposed.status, 0, proposed.say);
    assert.match(proposed.out, /takes a second administrator/);
    const [, proposalId = ''] = /(prp_\w+)/.exec(proposed.out) ?? [];
    const [, digest = ''] = /SHA-256 +([0-9a-f]{64})/.exec(proposed.out) ?? [];
    assert.match((await as('admin1', 'approve', proposalId, digest)).errors, /another administrator/);
    assert.equal((await server.services.authority.statusAt(serialHex, server.services.clock.now())).status, 'good');
    const approved = await as('admin2', 'approve', proposalId, digest);
    assert.match(approved.out, /executed/, approved.say);
    assert.equal((await crl('root-ca-sm2.crl')).entries.get(serialHex)?.reason, 'certificateHold');
    assert.match((await as('admin2', 'approve', proposalId, digest)).errors, /decided or has expired/);
    assert.match((await yinxin(['proposals'])).out, new RegExp(`${proposalId} +executed`));
    const api = await server.api('pki.read', 'pki.manage');
    const shown = await api.json(contract.getProposal, { params: { proposalId } });
    assert.deepEqual([shown.state, shown.deedSha256, shown.result], ['executed', digest, serialHex]);
  });

  it('trusts an authority of others when two administrators have said so by command, and lists it over the API', async () => {
    const [key, file] = [openssl.path('foreign.key'), openssl.path('foreign.pem')];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
    const made = openssl.run('req', '-x509', ...newKey, '-subj', '/C=CN/CN=XTEXT foreign root', '-out', file);
    assert.ok(made.good, made.output);
    const approved = async ({ out, say }: { out: string; say: string }) => {
      const [, proposalId = ''] = /(prp_\w+)/.exec(out) ?? [];
      const [, digest = ''] = /SHA-256 +([0-9a-f]{64})/.exec(out) ?? [];
      const { out: told, say: all } = await as('admin2', 'approve', proposalId, digest);
      assert.match(told, /executed/, `${say}${all}`);
    };
    const api = await server.api('pki.read');
    const anchors = async () => (await api.json(trustAnchors.listTrustAnchors, {})).items;
    assert.deepEqual(await anchors(), []);
    assert.match((await as('admin1', 'anchor', 'add', file, '--for', 'everything')).errors, /say: ca anchor/);
    await approved(await as('admin1', 'anchor', 'add', file, '--for', 'time-stamp,seal'));
    const [anchor, ...others] = await anchors();
    assert.ok(anchor && others.length === 0);
    assert.deepEqual([anchor.purposes, anchor.source], [['seal', 'time-stamp'], 'register']);
    assert.deepEqual(anchor.subject, { country: 'CN', commonName: 'XTEXT foreign root' });
    assert.notEqual(anchor.proposedBy, anchor.approvedBy);
    assert.match((await yinxin(['anchor', 'list'])).out, new RegExp(`^${anchor.sha256}  seal,time-stamp\n`));
    await approved(await as('admin1', 'anchor', 'withdraw', anchor.sha256));
    assert.deepEqual(await anchors(), []);
    assert.equal((await server.nobody.refusal(trustAnchors.listTrustAnchors)).code, 'token-missing');
  });
});

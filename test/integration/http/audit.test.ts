// The audit log over HTTP: every deed's entry proves offline, the whole log hashes to its signed root, one flipped bit is found; RFC 9162, C2SP tlog-tiles.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { urlSource } from '../../../src/cli/audit-log-source.ts';
import { verifyLog } from '../../../src/cli/audit-verify.ts';
import { verifyProof } from '../../../src/cli/audit-verify-proof.ts';
import * as audit from '../../../src/contract/audit.ts';
import { sha256 } from '../../../src/crypto/digest.ts';
import { parseCheckpoint } from '../../../src/tlog/checkpoint.ts';
import { parseNote } from '../../../src/tlog/note.ts';
import { verifyConsistency } from '../../../src/tlog/proof.ts';
import * as licences from '../../../src/contract/licences.ts';
import { verifyDocument, verifyLicence } from '../../../src/contract/verifications.ts';
import { ApiClient } from '../../support/api-client.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { entriesAbout, issue, proofOf, stamp, stampedDocument } from './deeds.ts';

describe('API, audit: each deed is in the log, and the log proves it to those who do not trust us', () => {
  let server: TestServer;
  let api: ApiClient;
  let verifierKey: string;
  /** Object ids of deeds of each kind. */
  const objects: string[] = [];
  before(async () => {
    server = await startServer();
    api = await server.api();
    verifierKey = (await supertest(server.url).get('/log/key')).text.trim();
    const stamping = await stamp(api);
    const product = await stampedDocument(api, stamping.stampingId);
    const report = await server.nobody.json(verifyDocument, { bytes: product });
    const { licenceId } = await issue(api);
    const params = { licenceId };
    const { text } = await api.json(licences.getLicenceQr, { params });
    const licenceReport = await server.nobody.json(verifyLicence, { json: { text } });
    await api.json(licences.revokeLicence, { params, json: { reason: '测试' } });
    objects.push(stamping.documentId, stamping.stampingId, report.verificationId);
    objects.push(licenceId, licenceReport.verificationId);
  });
  after(() => server.stop());

  it('names its key as the owner of its checkpoints, and the key does not change', async () => {
    assert.match(verifierKey, new RegExp(`^localhost:${server.port}/log\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}$`));
    const { text, headers } = await supertest(server.url).get('/log/checkpoint');
    assert.match(headers['content-type'] ?? '', /^text\/plain/);
    assert.match(text, new RegExp(`^localhost:${server.port}/log\\n\\d+\\n[A-Za-z0-9+/]{43}=\\n\\n— localhost`));
  });

  it('proves each entry of each deed, offline, with nothing but the key and the bytes of the entry', async () => {
    let proved = 0;
    for (const objectId of objects) {
      for (const entry of await entriesAbout(api, objectId)) {
        const proof = await proofOf(api, entry.index ?? -1);
        assert.equal(proof.leafHash, entry.leafHash);
        const file = new TextEncoder().encode(JSON.stringify({ ...proof, leaf: entry.leaf }));
        const verdict = verifyProof({ file, verifierKey });
        assert.deepEqual([verdict.exitStatus, verdict.index], [0, entry.index], `${entry.action} ${entry.outcome}`);
        proved++;
      }
    }
    // Uploaded; intended and done twice; checked twice; shown; revoked.
    assert.ok(proved >= 9, `only ${proved} entries were proved`);
  });

  it('refuses a proof with one flipped bit in the entry, the path, the root or the signature', async () => {
    const [entry] = await entriesAbout(api, objects[1] ?? '');
    const proof = { ...(await proofOf(api, entry?.index ?? -1)), leaf: entry?.leaf ?? '' };
    const altered = {
      leaf: { ...proof, leaf: flippedBase64(proof.leaf) },
      index: { ...proof, index: proof.index ^ 1 },
      path: { ...proof, path: proof.path.map((hash, i) => (i === 1 ? flippedHex(hash) : hash)) },
      root: {
        ...proof,
        // The third line; base64 may begin with a digit or a sign too.
        checkpoint: proof.checkpoint.replace(/^(.*\n.*\n)(.)/, (_all, before: string, first: string) => {
          return `${before}${first === 'A' ? 'B' : 'A'}`;
        }),
      },
      size: {
        ...proof,
        checkpoint: proof.checkpoint.replace(/\n(\d)/, (_all, digit: string) => `\n${(Number(digit) % 9) + 1}`),
      },
      key: proof,
    };
    const otherKey = 'localhost/log+00000000+AccGW86K7vZH5dnD88l1cCUF7JsMcB83IRf0dUrmb4yb';
    for (const [what, changed] of Object.entries(altered)) {
      const file = new TextEncoder().encode(JSON.stringify(changed));
      const verdict = verifyProof({ file, verifierKey: what === 'key' ? otherKey : verifierKey });
      assert.notEqual(verdict.exitStatus, 0, what);
    }
  });

  it('gives a receipt of each deed, which says what it proves, and to whom it concerns what was sealed', async () => {
    const [stampingId = '', licenceId = ''] = [objects[1], objects[3]];
    const [done] = (await entriesAbout(api, stampingId)).filter(({ outcome }) => outcome === 'done');
    assert.ok(done !== undefined);
    const own = await server.api('seal.stamp', 'licence.issue'); // no auditor: it did these deeds
    const { bytes, headers } = await own.any(audit.getReceipt, { params: { entry: done.entryId } });
    assert.match(String(headers['content-disposition']), /^attachment; filename="ent_\w+\.tlog-proof"$/);
    const product = await stampedDocument(api, stampingId);
    const verdict = verifyProof({ file: bytes, verifierKey, object: product });
    assert.deepEqual([verdict.exitStatus, verdict.index], [0, done.index], JSON.stringify(verdict.findings));
    assert.deepEqual(
      [verdict.deed?.action, verdict.deed?.outcome, verdict.deed?.object, verdict.deed?.at],
      ['stamping', 'done', stampingId, done.at],
    );
    const other = verifyProof({ file: bytes, verifierKey, object: new Uint8Array(3) });
    assert.deepEqual([other.exitStatus, other.findings[0]?.code], [1, 'object-differs']);
    // The same for everybody, without what is sealed.
    const open = await server.nobody.any(audit.getReceipt, { params: { entry: String(done.index) } });
    const seen = verifyProof({ file: open.bytes, verifierKey });
    assert.deepEqual([seen.exitStatus, seen.deed?.opened], [0, {}]);
    assert.ok(Object.keys(verdict.deed?.opened ?? {}).length > 0);
    const [issued] = (await entriesAbout(api, licenceId)).filter(({ action }) => action === 'licence.issued');
    const licence = await own.any(audit.getReceipt, { params: { entry: issued?.entryId ?? '' } });
    assert.equal(verifyProof({ file: licence.bytes, verifierKey }).deed?.object, licenceId);
    const closed = await server.nobody.any(audit.getReceipt, { params: { entry: issued?.entryId ?? '' } });
    assert.ok(!new TextDecoder().decode(closed.bytes).includes(licenceId));
    assert.equal(verifyProof({ file: closed.bytes, verifierKey }).deed?.object, undefined);
  });

  it('answers with a receipt soon after the deed, or says when to come again', async () => {
    const { receipt } = await server.nobody.json(verifyDocument, { bytes: samplePdf() });
    const { status, headers } = await server.nobody.any(audit.getReceipt, { params: { entry: receipt.entryId } });
    assert.ok(status === 200 || (status === 409 && headers['retry-after'] === '1'), `${status}`);
  });

  it('proves all entries of an object under one checkpoint, to those who may see them', async () => {
    for (const objectId of objects.slice(0, 4)) {
      const all = await entriesAbout(api, objectId);
      const { items, checkpoint } = await api.json(audit.listObjectProofs, { params: { objectId } });
      assert.deepEqual(
        items.map(({ entryId }) => entryId),
        all.map(({ entryId }) => entryId).reverse(),
      );
      for (const item of items) {
        const file = new TextEncoder().encode(JSON.stringify({ ...item, checkpoint }));
        assert.equal(verifyProof({ file, verifierKey }).exitStatus, 0);
      }
    }
    const params = { objectId: objects[1] ?? '' };
    const [own, other] = [await server.api('seal.read'), await otherSystem(server)];
    assert.ok((await own.json(audit.listObjectProofs, { params })).items.length >= 2);
    assert.deepEqual((await other.json(audit.listObjectProofs, { params })).items, []);
    assert.equal((await server.nobody.refusal(audit.listObjectProofs, { params })).code, 'token-missing');
  });

  it('proves to everybody that it only grows', async () => {
    const whole = await server.nobody.json(audit.getConsistency, { query: { from: 7 } });
    assert.ok(whole.to > 50);
    const path = whole.path.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));
    const [firstRoot, secondRoot] = [whole.fromRoot, whole.toRoot].map((hex) =>
      Uint8Array.from(Buffer.from(hex, 'hex')),
    );
    assert.ok(firstRoot !== undefined && secondRoot !== undefined);
    const proof = { first: 7, second: whole.to, firstRoot, secondRoot, path };
    assert.equal(verifyConsistency(sha256, proof), true);
    assert.equal(parseCheckpoint(parseNote(whole.checkpoint)?.text ?? '')?.size, whole.to);
    const refusal = await server.nobody.refusal(audit.getConsistency, { query: { from: 3, to: 2 } });
    assert.equal(refusal.code, 'malformed-request');
  });

  it('verifies as a whole from its URL', async () => {
    const verdict = await verifyLog({ source: urlSource(server.url), verifierKey });
    assert.equal(verdict.exitStatus, 0, JSON.stringify(verdict.findings));
    assert.ok((verdict.size ?? 0) > 50);
  });

  it('is found out when a mirror flips one bit of an entry bundle, a tile or the checkpoint', async () => {
    for (const part of ['tile/entries/', 'tile/0/', 'checkpoint']) {
      const mirror = await lyingMirror(server.url, (path) => path.includes(part));
      try {
        const verdict = await verifyLog({ source: urlSource(mirror.url), verifierKey });
        assert.equal(verdict.exitStatus, 1, `${part}: ${JSON.stringify(verdict)}`);
      } finally {
        mirror.server.close();
      }
    }
  });

  it('lets nobody change an entry in the database; who disarms that is found out, and the entry is named', async () => {
    const { database } = server.services;
    const [entry] = await entriesAbout(api, objects[1] ?? '');
    const leaf = Buffer.from(entry?.leaf ?? '', 'base64');
    const changed = Buffer.from(leaf);
    changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1;
    const write = (from: Uint8Array, to: Uint8Array) => ({
      text: 'UPDATE audit.entry SET leaf = $2 WHERE leaf = $1',
      values: [from, to],
    });
    await assert.rejects(database.query(write(leaf, changed)), /neither changed nor removed/);
    // A database administrator can: the log does not rest on the database's word.
    const disarmed = (query: ReturnType<typeof write>) =>
      database.transaction(async (tx) => {
        await tx.query({ text: 'SET LOCAL session_replication_role = replica' });
        return tx.query(query);
      });
    assert.equal((await disarmed(write(leaf, changed))).rowCount, 1);
    try {
      const verdict = await verifyLog({ source: urlSource(server.url), verifierKey });
      assert.deepEqual([verdict.exitStatus, verdict.firstBadEntry], [1, entry?.index]);
    } finally {
      await disarmed(write(changed, leaf));
    }
    assert.equal((await verifyLog({ source: urlSource(server.url), verifierKey })).exitStatus, 0);
  });

  it('pages through its entries newest first, each once, and filters them', async () => {
    const seen: string[] = [];
    for (let query: Record<string, string | number> = { limit: 40 }; ; ) {
      const page = await api.json(audit.listEntries, { query });
      seen.push(...page.items.map(({ entryId }) => entryId));
      if (page.nextCursor === null || seen.length > 400) break;
      query = { limit: 40, cursor: page.nextCursor };
    }
    assert.ok(seen.length > 50);
    assert.deepEqual(seen, [...new Set(seen)].sort().reverse());
    const issued = await api.json(audit.listEntries, {
      query: { action: 'licence.issued', outcome: 'done', limit: 100 },
    });
    assert.ok(issued.items.length >= 4 && issued.items.every(({ action }) => action === 'licence.issued'));
  });

  it('has no entry and no proof beyond its end: 404', async () => {
    const params = { entry: '1000000' };
    assert.equal((await api.refusal(audit.getEntry, { params })).code, 'audit-entry-not-found');
    assert.equal((await api.refusal(audit.getProof, { params })).code, 'audit-entry-not-found');
    for (const path of ['tile/0/001', 'tile/0/0', 'tile/entries/999', 'tile/0/000.p/256', 'tile/x', 'tile/../key']) {
      assert.ok([400, 404].includes((await supertest(server.url).get(`/log/${path}`)).status), path);
    }
  });

  it('is verified by the command `yinxin audit verify` too', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'yinxin-proof-'));
    try {
      const [entry] = await entriesAbout(api, objects[1] ?? '');
      const proof = { ...(await proofOf(api, entry?.index ?? -1)), leaf: entry?.leaf };
      const file = join(directory, 'proof.json');
      writeFileSync(file, JSON.stringify(proof));
      const good = await yinxin('audit', 'verify', '--proof', file, '--key', verifierKey, '--json');
      assert.equal(good.status, 0, good.output);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(
          /"path":\["./,
          (text) => `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`,
        ),
      );
      assert.equal((await yinxin('audit', 'verify', '--proof', file, '--key', verifierKey)).status, 1);
      assert.equal((await yinxin('audit', 'verify', '--url', server.url, '--key', verifierKey)).status, 0);
      assert.equal((await yinxin('audit', 'verify', '--url', 'http://127.0.0.1:1', '--key', verifierKey)).status, 2);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

/** A business system that is no auditor. */
async function otherSystem(server: TestServer): Promise<ApiClient> {
  await server.foreigner();
  return new ApiClient({ url: server.url, token: await server.systemToken(['seal.read'], 'other-system') });
}

/** The command line of this very build. */
async function yinxin(...args: string[]): Promise<{ status: number | null; output: string }> {
  const program = join(import.meta.dirname, '../../../src/cli/main.js');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (status) => resolve({ status, output }));
  });
}

/** Gives what `url` gives, but for one bit of what `lies` names. */
async function lyingMirror(url: string, lies: (path: string) => boolean): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void (async () => {
      const original = await fetch(`${url}${request.url ?? ''}`);
      const bytes = Buffer.from(await original.arrayBuffer());
      if (lies(request.url ?? '')) bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
      response.writeHead(original.status).end(bytes);
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function flippedBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64');
}

function flippedHex(text: string): string {
  const bytes = Buffer.from(text, 'hex');
  bytes[31] = (bytes[31] ?? 0) ^ 0x80;
  return bytes.toString('hex');
}

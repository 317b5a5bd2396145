// `yinxin stamp`: a document that stays on this machine is stamped by its digest; the source is never touched, and what comes out satisfies foreign readers.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stampCommand } from '../../../src/cli/stamp-command.ts';
import { verifyDocument } from '../../../src/contract/verifications.ts';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import type { ApiClient } from '../../support/api-client.ts';
import { ofdFiles, zip } from '../../support/ofd-samples.ts';
import { samplePdf } from '../../support/pdf-samples.ts';
import { startServer, type TestServer } from '../../support/server.ts';
import { sealOf } from './deeds.ts';

describe('yinxin stamp: a document that stays where it is', () => {
  let server: TestServer;
  let api: ApiClient;
  let folder: string;
  let options: { seal: string; server: string; token: string; purpose: string; json: true };

  before(async () => {
    server = await startServer();
    api = await server.api();
    folder = mkdtempSync(join(tmpdir(), 'yinxin-stamp-'));
    const token = join(folder, 'token');
    writeFileSync(token, `${await server.systemToken()}\n`, { mode: 0o600 });
    const { sealId } = await sealOf(api);
    options = { seal: sealId, server: server.url, token, purpose: '测试用印', json: true };
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  /** Quietly: what it prints is not what is tested. */
  async function run(file: string, change: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const { log } = console;
    console.log = () => undefined;
    try {
      return await stampCommand({ command: 'stamp', positionals: [file], options: { ...options, ...change } });
    } finally {
      console.log = log;
    }
  }
  function written(name: string, bytes: Uint8Array): string {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  }
  const said = (program: string, ...words: string[]) => spawnSync(program, words, { encoding: 'utf8' });
  const refused = (work: Promise<unknown>, code: ErrorCode) =>
    assert.rejects(work, (error) => isTrustError(error, code));

  it('stamps a PDF, over its edges too: pdfsig, qpdf and our own verifier find it good, and the source is as it was', async () => {
    const bytes = samplePdf({ pageCount: 3 });
    const source = written('contract.pdf', bytes);
    assert.equal(await run(source, { at: '1,100,200/3,60,60', seam: ['right'] }), 0);
    const product = readFileSync(join(folder, 'contract-stamped.pdf'));
    assert.ok(equalBytes(readFileSync(source), bytes));
    assert.ok(equalBytes(product.subarray(0, bytes.length), bytes));
    const { indication, signatures } = await api.json(verifyDocument, { bytes: product });
    assert.deepEqual(
      [indication, signatures[0]?.level, signatures[0]?.seal?.sealId],
      ['TOTAL-PASSED', 'B-T', options.seal],
    );
    const path = join(folder, 'contract-stamped.pdf');
    assert.match(said('pdfsig', '-nocert', path).stdout, /Signature is Valid\./);
    assert.equal(said('qpdf', '--check', path).status, 0);
  });

  it('stamps an OFD with a seal of the SM suite', async () => {
    const { items } = await server.services.seals.list(
      { kind: 'system', clientId: 'sandbox-system', scopes: new Set(['seal.read']), roles: new Set(), level: 0 },
      { limit: 100 },
    );
    const seal = items.find(({ policies, status }) => policies.includes('gm') && status === 'active')?.sealId;
    const source = written('letter.ofd', zip(ofdFiles({ pageCount: 2 })));
    assert.equal(await run(source, { seal, at: '1,100,200', out: join(folder, 'sealed.ofd') }), 0);
    const { indication, signatures } = await api.json(verifyDocument, {
      bytes: readFileSync(join(folder, 'sealed.ofd')),
    });
    assert.deepEqual([indication, signatures[0]?.seal?.sealId], ['TOTAL-PASSED', seal]);
  });

  it('leaves nothing behind when it is refused, and replaces no file', async () => {
    const source = written('short.pdf', samplePdf());
    const broken = written('broken.pdf', samplePdf().subarray(0, 300));
    const taken = written('taken.pdf', Uint8Array.of(1));
    const before = readdirSync(folder).sort();
    await refused(run(source, { at: '9,100,200' }), 'placement-outside-page');
    await refused(run(broken, { at: '1,100,200' }), 'malformed-pdf');
    await refused(run(source, { at: '1,100,200', out: taken }), 'malformed-request');
    await refused(run(source, { at: '1,100,200', seal: 'seal_01jd0000000000000000000000' }), 'seal-not-found');
    await refused(run(source, { at: '1,100,200', level: 'B-LTA' }), 'level-not-supported');
    assert.deepEqual(readdirSync(folder).sort(), before);
    assert.deepEqual([...readFileSync(taken)], [1]);
  });

  it('sends no token in the clear to another machine, and takes none that is no token', async () => {
    const source = written('token.pdf', samplePdf());
    for (const change of [
      { server: 'http://192.0.2.1' },
      { server: 'ftp://localhost' },
      { token: source },
      { at: '1,2' },
      { seam: ['middle'] },
    ])
      await refused(run(source, { at: '1,100,200', ...change }), 'malformed-request');
  });
});

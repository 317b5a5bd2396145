// An export of the audit log: every line proves itself offline, nothing of it can be changed or left off unseen, a reader who goes stops it; RFC 4180, RFC 9162.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import supertest from 'supertest';
import { verifyExport } from '../../../src/cli/audit-verify-export.ts';
import * as audit from '../../../src/contract/audit.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { newId } from '../../../src/kernel/ids.ts';
import type { Principal } from '../../../src/kernel/principal.ts';
import { type ApiClient, textOf } from '../../support/api-client.ts';
import { startServer, type TestServer } from '../../support/server.ts';

const clerk: Principal = {
  kind: 'person',
  accountId: newId('account', systemClock),
  clientId: 'sandbox-web',
  scopes: new Set(['seal.stamp']),
  roles: new Set(['clerk']),
  level: 4,
};
const many = 950; // more than one page

describe('API, audit: export', () => {
  let server: TestServer;
  let api: ApiClient;
  let key: string;
  const directory = mkdtempSync(join(tmpdir(), 'yinxin-export-'));
  before(async () => {
    server = await startServer();
    api = await server.api('audit.read');
    key = (await supertest(server.url).get('/log/key')).text.trim();
    const { audit: log } = server.services;
    const deed = { principal: clerk, event: { action: 'document.uploaded', outcome: 'done' } } as const;
    await log.appendMany(Array.from({ length: many }, () => deed));
    await log.append(clerk, {
      action: 'stamping',
      outcome: 'failed',
      code: 'seal-expired',
      purpose: '=HYPERLINK("http://x")\n盖章',
    });
  });
  after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const exported = async (query: Record<string, string>, headers: Record<string, string> = {}) =>
    textOf(await api.any(audit.exportEntries, { query, headers }));
  const judged = async (text: string) => {
    const path = join(directory, 'export.jsonl');
    writeFileSync(path, text);
    return verifyExport({ path, keys: [key], witnesses: [] });
  };
  const own = { actorId: clerk.accountId ?? '' };

  it('RFC 9162, 2.1.3: every entry of a search, over all its pages, is proved under one checkpoint', async () => {
    const text = await exported({ format: 'jsonl', ...own });
    const report = await judged(text);
    assert.deepEqual([report.exitStatus, report.findings[0]?.code], [0, 'export-verified']);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    assert.equal(lines.length, many + 3);
    assert.deepEqual(lines.at(-1), { kind: 'end', entries: many + 1 });
    assert.ok(JSON.stringify(lines[1]).includes('HYPERLINK'));
    assert.deepEqual(lines[0]?.['asked'], own);
  });

  it('a changed word, a changed opening, a missing, doubled or moved line, a cut end and another key are found', async () => {
    const text = await exported({ format: 'jsonl', ...own });
    const lines = text.trimEnd().split('\n');
    const [head = '', first = '', second = '', ...rest] = lines;
    const cases: Record<string, readonly [string[], string]> = {
      'a word of the entry': [[head, first.replace('"stamping"', '"consent"'), second, ...rest], 'inclusion-failed'],
      'a sealed word': [[head, first.replace('HYPERLINK', 'HYPERLINC'), second, ...rest], 'opening-differs'],
      'the time': [[head, first.replace('"at":"2', '"at":"3'), second, ...rest], 'entry-differs'],
      'the index': [[head, first.replace(/"index":\d+/, '"index":1'), second, ...rest], 'inclusion-failed'],
      'a missing line': [[head, first, ...rest], 'export-incomplete'],
      'a doubled line': [[head, first, first, ...rest], 'export-disordered'],
      'two lines that changed places': [[head, second, first, ...rest], 'export-disordered'],
      'a cut end': [lines.slice(0, -1), 'export-incomplete'],
      'a cut line': [[head, first.slice(0, 100)], 'export-malformed'],
      'no checkpoint': [[first, second, ...rest], 'export-malformed'],
    };
    for (const [what, [changed, code]] of Object.entries(cases)) {
      const report = await judged(`${changed.join('\n')}\n`);
      assert.notEqual(report.exitStatus, 0, what);
      assert.equal(report.findings[0]?.code, code, what);
    }
    const path = join(directory, 'export.jsonl');
    writeFileSync(path, text);
    const other = 'localhost/log+00000000+AccGW86K7vZH5dnD88l1cCUF7JsMcB83IRf0dUrmb4yb';
    assert.notEqual((await verifyExport({ path, keys: [other], witnesses: [] })).exitStatus, 0);
  });

  it('RFC 4180: CSV has a heading in the language asked for, times of China, and no cell that a spreadsheet would run', async () => {
    const query = { format: 'csv', outcome: 'failed', ...own };
    const answer = await api.any(audit.exportEntries, { query, headers: { 'accept-language': 'zh-CN' } });
    assert.deepEqual([...answer.bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    const text = textOf(answer); // without the mark
    const [heading = '', first = '', ...rest] = text.split('\r\n');
    assert.ok(heading.startsWith('序号,时间（北京时间）,事项,'));
    assert.match(first, /^\d+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+08:00,用印,stamping,failed,seal-expired,acc_/);
    assert.ok(first.includes(`"'=HYPERLINK(""http://x"")\n盖章"`));
    assert.deepEqual(rest, ['']);
    assert.ok(
      (await exported({ format: 'csv', ...own }, { 'accept-language': 'en' })).startsWith('Index,Time (UTC+8),Deed'),
    );
  });

  it('the export stands in the log: before its first line left, and after its last', async () => {
    await exported({ format: 'csv', outcome: 'failed', ...own });
    const { items } = await server.services.audit.entries({ action: 'audit.exported', limit: 2 });
    assert.deepEqual(
      items.map(({ outcome, facts, subjectId }) => [outcome, facts['format'], facts['entries'], subjectId]),
      [
        ['done', 'csv', 1, clerk.accountId],
        ['intended', 'csv', undefined, clerk.accountId],
      ],
    );
  });

  it('a reader who goes away stops it, and that so many had left is in the log', async () => {
    const token = await server.systemToken(['audit.read']);
    await new Promise<void>((resolve, reject) => {
      const url = `${server.url}/api/v1/audit/export?format=jsonl`;
      get(url, { headers: { authorization: `Bearer ${token}` } }, (response) => {
        response.once('data', () => {
          response.destroy();
          resolve();
        });
      }).on('error', reject);
    });
    for (;;) {
      const [last] = (await server.services.audit.entries({ action: 'audit.exported', limit: 1 })).items;
      if (last?.outcome === 'failed') {
        assert.ok(Number(last.facts['entries']) < many);
        break;
      }
      assert.notEqual(last?.outcome, 'done', 'the export went on');
      await new Promise((resolve) => {
        setTimeout(resolve, 25);
      });
    }
  });

  it('a failure in the middle cuts the connection: nobody takes the part for the whole', async () => {
    const { audit: log } = server.services;
    const entries = log.entries.bind(log);
    let calls = 0;
    log.entries = async (query) => {
      if (++calls > 3) throw new Error('the disk is gone');
      return entries(query);
    };
    try {
      await assert.rejects(exported({ format: 'jsonl', ...own }), /aborted|reset|hang up/i);
    } finally {
      log.entries = entries;
    }
  });
});

// Each deed's entry is fetched with its inclusion proof (RFC 9162, 2.1.3) and judged by `yinxin audit verify`, which asks the server nothing.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './judges.mjs';
import { expect } from './outcomes.mjs';

const patienceMs = 10_000;

export async function auditTour({ url, api, outcomes, outputFolder, root }, deeds) {
  const keyFile = join(outputFolder, 'log-key.txt');
  const yinxin = async (...args) => {
    const words = [join(root, 'scripts/yinxin.mjs'), 'audit', 'verify', ...args, '--key', keyFile];
    const { status, stdout, stderr } = await run(process.execPath, words);
    const verdict = stdout.split('\n').find((line) => /^(good|BAD)/.test(line));
    return { status, text: `${stdout}${stderr}`.trim(), verdict };
  };
  await outcomes.step("the log's key is fetched once", async () => {
    const key = (await (await fetch(`${url}/log/key`)).text()).trim();
    writeFileSync(keyFile, `${key}\n`);
    return [undefined, key];
  });
  let lastProof;
  for (const { action, query } of deeds) {
    await outcomes.step(action, async () => {
      lastProof = await proofOf(api, query);
      const file = join(outputFolder, `proof-${lastProof.index}.json`);
      writeFileSync(file, JSON.stringify(lastProof, null, 2));
      const { status, text, verdict } = await yinxin('--proof', file);
      expect(status === 0, text);
      return [undefined, verdict];
    });
  }
  await outcomes.step('one bit of the last entry changed', async () => {
    const leaf = Buffer.from(lastProof.leaf, 'base64');
    leaf[leaf.length - 1] ^= 1;
    const file = join(outputFolder, 'proof-altered.json');
    writeFileSync(file, JSON.stringify({ ...lastProof, leaf: leaf.toString('base64') }));
    const { status, text, verdict } = await yinxin('--proof', file);
    expect(status === 1, text);
    return [undefined, verdict];
  });
  await outcomes.step('the whole log, every entry hashed', async () => {
    const { status, text, verdict } = await yinxin('--url', url);
    expect(status === 0, text);
    return [undefined, verdict];
  });
}

/** The proof with the exact bytes of the entry, so that the entry itself is proved and not only a hash. */
async function proofOf(api, query) {
  for (let waitedMs = 0; ; waitedMs += 200) {
    const { json } = await api(`/audit/entries?limit=1&${query}`);
    const [entry] = json.items;
    if (entry !== undefined && entry.index !== null) {
      const proof = await api(`/audit/entries/${entry.index}/proof`, { expected: [200, 409] });
      if (proof.status === 200) return { ...proof.json, leaf: entry.leaf };
    }
    expect(waitedMs < patienceMs, entry === undefined ? 'the log has no such entry' : 'no checkpoint covers the entry');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

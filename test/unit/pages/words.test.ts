// The catalogue of words: both languages for everything, and words for every code that this program can utter.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../../../src/kernel/errors.ts';
import { errorWords, unknownErrorWords, wordsOfError } from '../../../src/kernel/words/errors.ts';
import { subIndicationWords, unknownFinding, wordsOfFinding } from '../../../src/kernel/words/findings.ts';
import type { Words } from '../../../src/kernel/words/language.ts';
import { reportWords } from '../../../src/kernel/words/report-words.ts';
import { documentVerdictWords, licenceVerdictWords } from '../../../src/kernel/words/verdicts.ts';
import { verifyPageWords } from '../../../src/kernel/words/verify-page.ts';
import { accountText, closeText, levelText } from '../../../src/http/pages/text/account.ts';
import { factorFaults, factorsDone, factorsText, kindText } from '../../../src/http/pages/text/account-factors.ts';
import { frontText } from '../../../src/http/pages/text/front.ts';
import { recoverFaults, recoverText } from '../../../src/http/pages/text/recover.ts';
import { registerFaults, registerText, termsText } from '../../../src/http/pages/text/register.ts';
import { siteText } from '../../../src/http/pages/text/site.ts';

/** Every pair of texts inside a value. */
function pairsIn(value: unknown): Words[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('zh-CN' in value && 'en' in value) return [value as Words];
  return Object.values(value).flatMap(pairsIn);
}

const catalogue = [
  errorWords,
  subIndicationWords,
  reportWords,
  documentVerdictWords,
  licenceVerdictWords,
  verifyPageWords,
  frontText,
  siteText,
  [accountText, closeText, levelText],
  [factorFaults, factorsDone, factorsText, kindText],
  [recoverFaults, recoverText],
  [registerFaults, registerText, termsText],
];

describe('the catalogue: Chinese first, English beside it', () => {
  const pairs = pairsIn(catalogue).filter((pair) => pair !== siteText.otherLanguage && pair !== siteText.sandbox);

  it('has Chinese that is Chinese and English that is English', () => {
    assert.ok(pairs.length > 150, `only ${pairs.length} pairs were found`);
    for (const pair of pairs) {
      assert.match(pair['zh-CN'], /\p{Script=Han}|OpenAPI/u, JSON.stringify(pair));
      assert.doesNotMatch(pair.en, /\p{Script=Han}/u, JSON.stringify(pair));
      assert.ok(pair.en.trim().length > 0);
    }
  });

  it('uses Chinese punctuation in Chinese', () => {
    for (const pair of pairs) assert.doesNotMatch(pair['zh-CN'], /\p{Script=Han}[,;:?!()]|[,;:?!]\p{Script=Han}/u);
  });
});

describe('words for codes', () => {
  it('has words for each error code', () => {
    for (const code of errorCodes) assert.notEqual(wordsOfError(code), unknownErrorWords, code);
    assert.equal(wordsOfError('constructor'), unknownErrorWords);
  });

  it('has words for each finding that the rooms can utter', () => {
    const missing = [...findingCodes()].filter((code) => wordsOfFinding(code) === unknownFinding);
    assert.deepEqual(missing, []);
    assert.equal(wordsOfFinding('constructor'), unknownFinding);
  });
});

/** Codes in `finding('…'` and the short forms of it that the rooms have, anywhere in src/. */
function findingCodes(): Set<string> {
  const root = findRoot(dirname(fileURLToPath(import.meta.url)));
  const codes = new Set<string>();
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    // The command line speaks English to developers and draws the detail itself.
    if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.parentPath.includes(join('src', 'cli'))) continue;
    const text = readFileSync(join(entry.parentPath, entry.name), 'utf8');
    const uttered =
      /\b(?:finding|fault|wrong|problem|bad)\(\s*'([a-z0-9-]+)',|\b(?:failed|refusal)\(\s*'[A-Z_]+',\s*'([a-z0-9-]+)'/g;
    for (const match of text.matchAll(uttered)) codes.add(match[1] ?? match[2] ?? '');
  }
  assert.ok(codes.size > 5, 'no findings were found');
  return codes;
}

function findRoot(folder: string): string {
  return readdirSync(folder).includes('package.json') ? folder : findRoot(dirname(folder));
}

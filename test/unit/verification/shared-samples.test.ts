// Our reports over the documents of other makers in the shared data folder: every file there is known here, with what must be said of it.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { moment } from '../../../src/kernel/clock.ts';
import { isOfd } from '../../../src/ofd/package.ts';
import { ofdJudge } from '../../support/ofd-samples.ts';
import { pdfJudge } from '../../support/pdf-signing.ts';
import { needSharedData, sharedDataRoot } from '../../support/shared-data.ts';
import { sandboxPki } from '../pki/sandbox-pki.ts';

const pki = await sandboxPki();
const now = moment('2026-11-22T00:00:00Z');

/** Verdict of the file; of each signature: intact, valid, coverage, format. */
const documents: Readonly<Record<string, readonly [verdict: string, ...signatures: string[]]>> = {
  'minimal-two-fields-signed-twice.pdf': [
    'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND',
    'intact, valid, revision, PKCS#7',
    'intact, valid, whole-file, PKCS#7',
  ],
  'tail-uncovered.pdf': ['TOTAL-FAILED FORMAT_FAILURE', 'intact, valid, partial, PKCS#7'],
  'ofdrw-v4-seal-expired.ofd': ['TOTAL-FAILED EXPIRED', 'intact, valid, whole-file, SES V4'],
};
/** Seals alone: test/unit/seal/ses-seal.test.ts. */
const seals = ['UserV1.esl', 'UserV4.esl', 'UserV5.esl'];

describe('documents of other makers (shared data)', () => {
  it('are all known', function () {
    const folder = join(sharedDataRoot, 'seal');
    if (!existsSync(folder)) return this.skip();
    assert.deepEqual(readdirSync(folder).sort(), [...Object.keys(documents), ...seals].sort());
  });

  for (const [name, expected] of Object.entries(documents)) {
    it(name, async function () {
      const bytes = needSharedData(this, `seal/${name}`);
      const judge = isOfd(bytes) ? ofdJudge(pki, { now }) : pdfJudge(pki, { now });
      const { verdict, signatures } = await judge.judge(bytes);
      const each = signatures.map(({ report: { intact, valid, coverage, format } }) =>
        [intact ? 'intact' : 'not intact', valid ? 'valid' : 'not valid', coverage, format].join(', '),
      );
      assert.deepEqual([`${verdict.indication} ${verdict.subIndication}`, ...each], expected);
    });
  }
});

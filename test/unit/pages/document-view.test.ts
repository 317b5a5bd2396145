// What people are shown of a document report: five verdicts, fail closed.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { documentView } from '../../../src/kernel/words/document-view.ts';
import { goodDocument, goodSignature, withOneFault } from './sample-reports.ts';

const withSignature = (signature: object, report: object = {}) => ({
  ...goodDocument,
  ...report,
  signatures: [{ ...goodSignature, ...signature }],
});
const undecided = { indication: 'INDETERMINATE', subIndication: 'TRY_LATER' };
const finding = (severity: string) => ({ code: 'some-code', severity, detail: '' });

describe('the verdict on a document', () => {
  const cases: [string, unknown, string][] = [
    ['有效 when everything passed', goodDocument, 'good'],
    ['无效 when the report failed', withSignature({}, { indication: 'TOTAL-FAILED' }), 'bad'],
    ['无效 when one signature is not intact', withSignature({ intact: false }), 'bad'],
    [
      '无效 when the certificate is revoked without proof of time',
      withSignature({ indication: 'INDETERMINATE', subIndication: 'REVOKED_NO_POE' }, { indication: 'INDETERMINATE' }),
      'bad',
    ],
    [
      '请再核对 when it is genuine and only the status is not to be had',
      withSignature(undecided, undecided),
      'recheck',
    ],
    [
      '无法判断 when the signer is nobody known',
      withSignature(
        { indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND', trusted: false },
        { indication: 'INDETERMINATE', subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' },
      ),
      'undecided',
    ],
    [
      '没有签章 when there is no signature',
      { ...goodDocument, indication: 'INDETERMINATE', subIndication: 'SIGNED_DATA_NOT_FOUND', signatures: [] },
      'nothing',
    ],
    ['无法判断 when it claims to have passed without a signature', { ...goodDocument, signatures: [] }, 'undecided'],
    [
      '无法判断 when it passed with an error among its findings',
      { ...goodDocument, findings: [finding('error')] },
      'undecided',
    ],
    ['无法判断 when it passed and its signature did not', withSignature(undecided), 'undecided'],
    ['有效 with a warning', { ...goodDocument, findings: [finding('warning')] }, 'good'],
    ['无法判断 for anything that is no report', 'TOTAL-PASSED', 'undecided'],
  ];
  for (const [name, report, verdict] of cases) {
    it(`is ${name}`, () => {
      assert.equal(documentView(report).verdict, verdict);
    });
  }

  it('is never 有效 with one fault in what it rests on', () => {
    const harmless =
      /^(verificationId|subIndication|mediaType|sha256|pageCount|receipt|signatures\.0\.(subIndication|coverage|changes|signingTime|timeSource|format|level|seal|certificate))/;
    const faults = withOneFault(goodDocument, [undefined, null, false, 'x', {}, 1]).filter(
      ({ path }) => !harmless.test(path),
    );
    assert.ok(faults.length > 30);
    for (const { path, report } of faults) {
      const { verdict } = documentView(report);
      // An empty object is no list of signatures or findings, and `false` is no boolean yes.
      assert.notEqual(verdict, 'good', path);
    }
  });

  it('never throws, and is never 有效, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.notEqual(documentView(value).verdict, 'good');
      }),
    );
  });
});

describe('no personal data on red and grey', () => {
  it('names neither seal nor certificate of a signature that does not hold', () => {
    for (const report of [
      withSignature({ intact: false }),
      withSignature({ trusted: false }, { indication: 'INDETERMINATE' }),
    ]) {
      const drawn = JSON.stringify(documentView(report));
      assert.doesNotMatch(drawn, /王经办|示例市政务服务局|99000000000001/);
    }
  });

  it('names both when it does', () => {
    const drawn = JSON.stringify(documentView(goodDocument));
    assert.match(drawn, /示例市政务服务局公章/);
    assert.match(drawn, /王经办/);
  });
});

describe('each question has its own answer', () => {
  it('says intact, valid and trusted apart', () => {
    const [part] = documentView(withSignature({ trusted: false })).parts;
    assert.deepEqual(
      part?.checks.slice(0, 3).map((check) => check.outcome),
      ['yes', 'yes', 'no'],
    );
  });

  it('says unknown where the report says nothing', () => {
    const [part] = documentView(withSignature({ intact: null, coverage: 'other', changes: null })).parts;
    assert.deepEqual(
      part?.checks.map((check) => check.outcome),
      ['unknown', 'yes', 'yes', 'unknown', 'unknown'],
    );
  });

  it('tells where the signing time comes from', () => {
    const [part] = documentView(withSignature({ timeSource: 'claimed' })).parts;
    const time = part?.facts.find((fact) => fact.value.kind === 'time');
    assert.equal(time?.note?.en, 'claimed by the signer, not proven');
  });
});

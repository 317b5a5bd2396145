// What people are shown of a licence report: five verdicts, fail closed, and nobody's data on red or grey.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { failedView } from '../../../src/kernel/words/failed-view.ts';
import { licenceView } from '../../../src/kernel/words/licence-view.ts';
import { goodLicence, withOneFault } from './sample-reports.ts';

const withStatus = (value: string) => ({ ...goodLicence, status: { ...goodLicence.status, value } });
const indeterminate = (subIndication: string) => ({ ...goodLicence, indication: 'INDETERMINATE', subIndication });

describe('the verdict on a licence', () => {
  const cases: [string, unknown, string][] = [
    ['有效 when it passed and is in force', goodLicence, 'good'],
    ['无效 when it failed', { ...goodLicence, indication: 'TOTAL-FAILED' }, 'bad'],
    ['无效 when its status is not active, whatever the indication says', withStatus('revoked'), 'bad'],
    ['无效 when suspended', withStatus('suspended'), 'bad'],
    ['无效 when its issuer is on no list of ours', indeterminate('NO_CERTIFICATE_CHAIN_FOUND'), 'bad'],
    [
      '请再核对 when the status is not to be had now',
      { ...indeterminate('TRY_LATER'), status: { ...goodLicence.status, value: 'unknown' } },
      'recheck',
    ],
    ['无法判断 when it passed with an unknown status', withStatus('unknown'), 'undecided'],
    [
      '不是证照码 when the text has no form of ours',
      { ...indeterminate('FORMAT_FAILURE'), form: null, licence: null },
      'nothing',
    ],
    ['无法判断 for anything that is no report', [], 'undecided'],
  ];
  for (const [name, report, verdict] of cases) {
    it(`is ${name}`, () => {
      assert.equal(licenceView(report).verdict, verdict);
    });
  }

  it('is never 有效 with one fault in what it rests on', () => {
    const harmless =
      /^(verificationId|subIndication|form$|receipt|licence\.(identifier|issuerName|holder|valid|version|typeName\.en)|status\.(checkedAt|ageSeconds))/;
    const faults = withOneFault(goodLicence, [undefined, null, false, '', {}, 1]).filter(
      ({ path }) => !harmless.test(path),
    );
    assert.ok(faults.length > 25);
    for (const { path, report } of faults) assert.notEqual(licenceView(report).verdict, 'good', path);
  });

  it('never throws, and is never 有效, whatever comes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.notEqual(licenceView(value).verdict, 'good');
      }),
    );
  });

  it('shows nothing of the holder on red and grey', () => {
    for (const report of [
      withStatus('revoked'),
      withStatus('unknown'),
      { ...goodLicence, indication: 'TOTAL-FAILED' },
    ]) {
      assert.doesNotMatch(JSON.stringify(licenceView(report)), /张三|123X|20230000403/);
    }
  });

  it('always says how old the status is', () => {
    const old = { ...goodLicence, status: { ...goodLicence.status, ageSeconds: 3 * 3600 } };
    const status = licenceView(old).facts.find((fact) => fact.label.en === 'Status');
    assert.equal(status?.note?.en, 'status is 3 h old');
  });
});

describe('a verification that was refused or not answered', () => {
  it('is 无法判断 with the words of its code and the number to quote', () => {
    const view = failedView('licence', 'database-unavailable', 'r-1');
    assert.equal(view.verdict, 'undecided');
    assert.equal(view.verificationId, 'r-1');
    assert.match(view.findings[0]?.words.en ?? '', /away for now/);
  });

  it('is 不是证照码 for a text that is none', () => {
    assert.equal(failedView('licence', 'malformed-qr').verdict, 'nothing');
  });

  it('never draws a code it does not know as anything but 无法判断', () => {
    for (const code of ['', '__proto__', 'constructor', 'TOTAL-PASSED']) {
      assert.equal(failedView('document', code).verdict, 'undecided');
    }
  });
});

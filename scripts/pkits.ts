// `npm run pkits`: our path validation against the 246 cases of NIST PKITS. The last line is `N/246`; exit status 1 unless all are right.

import { pkitsCases, runPkitsCase } from '../test/support/pkits.ts';
import { sharedDataRoot } from '../test/support/shared-data.ts';

const cases = pkitsCases();
if (cases === undefined) {
  console.error(`pkits/pkits.json is not in ${sharedDataRoot} (set YINXIN_SHARED_DATA)`);
  process.exit(2);
}
const outcomes = cases.map((test) => runPkitsCase(test));
for (const { test, accepted, codes } of outcomes.filter(({ right }) => !right)) {
  console.log(`${accepted ? 'FALSE ACCEPT ' : 'false refusal'} ${test.id} ${test.name}: ${codes.join(', ')}`);
}
const falseAccepts = outcomes.filter(({ right, accepted }) => !right && accepted).length;
const right = outcomes.filter((outcome) => outcome.right).length;
console.log(`false accepts: ${falseAccepts}`);
console.log(`${right}/${outcomes.length}`);
process.exitCode = right === outcomes.length ? 0 : 1;

// An attack as a row of a table: its name in the literature, how it is done, and what must be said of it.

import assert from 'node:assert/strict';
import type { PdfJudge } from '../../../../src/verification/pdf-judge.ts';
import { type Told, toldBy } from './judged.ts';

/** `told`: indication, later changes of the first signature, codes, as `spelled` puts them. */
export type Attack = readonly [name: string, make: () => Uint8Array | Promise<Uint8Array>, told: string];

export function spelled({ indication, changes, codes }: Told): string {
  return [indication, changes.join(' '), codes.join(' ')].join(' | ').replace(/ {2,}/g, ' ').trim();
}

/** Each row is a test; whatever it says, no attack passes. */
export function refused(judge: () => PdfJudge, attacks: readonly Attack[]): void {
  for (const [name, make, told] of attacks) {
    it(name, async () => {
      const said = await toldBy(judge(), await make());
      assert.equal(spelled(said), told);
      assert.notEqual(said.indication, 'TOTAL-PASSED');
    });
  }
}

/** Each row is a test: what a signer allowed, or long-term validation needs, is told and passes. */
export function allowed(judge: () => PdfJudge, rows: readonly Attack[]): void {
  for (const [name, make, told] of rows) {
    it(name, async () => {
      const said = await toldBy(judge(), await make());
      assert.equal(spelled(said), told);
      assert.equal(said.indication, 'TOTAL-PASSED');
    });
  }
}

// The sandbox's population register: synthetic people of region 99 only, and a stand-in for the face check that looks at nobody and says so.

import { toHex } from '../../kernel/bytes.ts';
import { randomBytes } from '../../kernel/clock.ts';
import type { CheckedPerson, IdentityVerifier } from './identity-verifier.ts';

/** Region code 99 exists nowhere (GB/T 2260): no real person's number is ever known here. */
const syntheticRegion = '99';

export function sandboxRegister(people: readonly CheckedPerson[]): IdentityVerifier {
  const nameByNumber = new Map(
    people.filter(({ idNumber }) => idNumber.startsWith(syntheticRegion)).map(({ idNumber, name }) => [idNumber, name]),
  );
  const reference = (): string => `sandbox-${toHex(randomBytes(8))}`;
  return {
    source: 'sandbox-register',
    matchRegister: async ({ name, idNumber }) =>
      nameByNumber.get(idNumber) === name ? { result: 'match', reference: reference() } : { result: 'mismatch' },
    startFaceCheck: async () => ({ result: 'started', reference: reference(), stage: { kind: 'stand-in' } }),
    faceResult: async (check) => {
      if (check.standIn === undefined) return { result: 'pending' };
      return check.standIn === 'match' ? { result: 'match', reference: check.reference } : { result: 'mismatch' };
    },
  };
}

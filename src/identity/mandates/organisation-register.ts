// The port to those who know whose organisation it is: the register of legal persons (法人库), asked about one organisation and one person.

import type { CheckedPerson } from '../levels/identity-verifier.ts';

/** `unavailable`: no answer that could be believed; it says nothing about anybody. */
export type RegisterAnswer =
  | {
      readonly result: 'representative';
      /** The organisation's registered name. */
      readonly name: string;
      /** What the register calls this answer; short ASCII. */
      readonly reference: string;
    }
  /** No organisation in good standing, or another representative; not which of the two. */
  | { readonly result: 'mismatch' }
  | { readonly result: 'unavailable' };

/** It does not throw: what a register does wrong is `unavailable`. */
export interface OrganisationRegister {
  /** Names the source of a proof; short ASCII. */
  readonly source: string;
  /** Whether this person is the legal representative (法定代表人) of the organisation with this unified social credit code. */
  representative(uscc: string, person: CheckedPerson, requestId: string): Promise<RegisterAnswer>;
}

/** The sandbox's register: synthetic organisations, whose codes say XTEXT, and people of region 99. */
export function sandboxOrganisationRegister(
  entries: readonly { readonly uscc: string; readonly name: string; readonly representative: CheckedPerson }[],
): OrganisationRegister {
  const byCode = new Map(entries.filter(({ uscc }) => uscc.includes('XTEXT')).map((entry) => [entry.uscc, entry]));
  return {
    source: 'sandbox-register',
    representative: async (uscc, { name, idNumber }, requestId) => {
      const entry = byCode.get(uscc);
      const same = entry?.representative.name === name && entry.representative.idNumber === idNumber;
      return same
        ? { result: 'representative', name: entry.name, reference: `sandbox-${requestId}` }
        : { result: 'mismatch' };
    },
  };
}

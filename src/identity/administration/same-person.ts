// Whether two accounts are of one person: one who has two of them is no two people (双人办理); GB/T 22239-2019 8.1.4.

import type { Queryable } from '../../db/database.ts';
import { type Uuid, uuidFromId } from '../../kernel/ids.ts';

/** The same account, or the same resident number by its keyed hash. Accounts that name nobody are different people. */
export async function isSamePerson(at: Queryable, one: string, other: string): Promise<boolean> {
  return isSamePersonOf(at, uuidFromId('account', one) ?? null, uuidFromId('account', other) ?? null);
}

/** The same for what stands in rows. */
export async function isSamePersonOf(at: Queryable, one: Uuid | null, other: Uuid | null): Promise<boolean> {
  if (one === other) return true;
  const { rowCount } = await at.query({
    name: 'same-person',
    text: `SELECT 1 FROM identity.account a JOIN identity.account b ON b.id_number_index = a.id_number_index
      WHERE a.account_id = $1 AND b.account_id = $2`,
    values: [one, other],
  });
  return rowCount > 0;
}

/** Whether an account may still have a say in what takes two: it is in use and an administrator's. */
export async function isAdministrator(at: Queryable, account: Uuid | null): Promise<boolean> {
  const { rowCount } = await at.query({
    name: 'still-administrator',
    text: `SELECT 1 FROM identity.account WHERE account_id = $1 AND status = 'active' AND 'administrator' = ANY (roles)`,
    values: [account],
  });
  return rowCount > 0;
}

/** For deeds of two people in other rooms. */
export async function colleagues(
  at: Queryable,
  { proposedBy, decidedBy }: { readonly proposedBy: string; readonly decidedBy: string },
): Promise<'two-people' | 'one-person' | 'proposer-gone'> {
  if (await isSamePerson(at, proposedBy, decidedBy)) return 'one-person';
  return (await isAdministrator(at, uuidFromId('account', proposedBy) ?? null)) ? 'two-people' : 'proposer-gone';
}

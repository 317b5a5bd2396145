// Name and number of a person as they lie in the database: sealed for one account each, found by a keyed hash only.

import type { FieldCipher } from '../../crypto/field-cipher.ts';
import type { Queryable, Transaction } from '../../db/database.ts';
import { fromUtf8, utf8 } from '../../kernel/bytes.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { Person } from '../accounts/accounts.ts';

const idNumberContext = 'identity.account.id_number';

const nameContext = (uuid: Uuid): string => `identity.account.name:${uuid}`;
const numberContext = (uuid: Uuid): string => `${idNumberContext}:${uuid}`;

/** The keyed hash under which a number is found, and its checks are counted. */
export function idNumberIndex(cipher: Pick<FieldCipher, 'blindIndex'>, idType: Person['idType'], number: string) {
  return cipher.blindIndex(`${idType}:${number}`, idNumberContext);
}

/** The columns name_sealed, id_type, id_number_sealed and id_number_index, in this order. */
export function sealedPerson(
  cipher: Pick<FieldCipher, 'seal' | 'blindIndex'>,
  uuid: Uuid,
  { name, idType, idNumber }: Person,
): readonly [Uint8Array, Person['idType'], Uint8Array, Uint8Array] {
  return [
    cipher.seal(utf8(name), nameContext(uuid)),
    idType,
    cipher.seal(utf8(idNumber), numberContext(uuid)),
    idNumberIndex(cipher, idType, idNumber),
  ];
}

/** Opens name and number. `undefined` for an account that names nobody. */
export async function readPerson(
  at: Queryable,
  cipher: Pick<FieldCipher, 'open'>,
  uuid: Uuid,
): Promise<Person | undefined> {
  const { rows } = await at.query<{
    name_sealed: Uint8Array | null;
    id_type: Person['idType'] | null;
    id_number_sealed: Uint8Array | null;
  }>({
    name: 'person-of-account',
    text: 'SELECT name_sealed, id_type, id_number_sealed FROM identity.account WHERE account_id = $1',
    values: [uuid],
  });
  const { name_sealed: name, id_type: idType, id_number_sealed: idNumber } = rows[0] ?? {};
  if (!name || !idType || !idNumber) return undefined;
  return {
    name: fromUtf8(cipher.open(name, nameContext(uuid))) ?? '',
    idType,
    idNumber: fromUtf8(cipher.open(idNumber, numberContext(uuid))) ?? '',
  };
}

export async function storePerson(
  tx: Transaction,
  cipher: Pick<FieldCipher, 'seal' | 'blindIndex'>,
  uuid: Uuid,
  person: Person,
): Promise<void> {
  await tx.query({
    name: 'store-person-of-account',
    text: `UPDATE identity.account SET name_sealed = $2, id_type = $3, id_number_sealed = $4, id_number_index = $5
      WHERE account_id = $1`,
    values: [uuid, ...sealedPerson(cipher, uuid, person)],
  });
}

export function samePerson(a: Person, b: Person | undefined): boolean {
  return a.name === b?.name && a.idType === b.idType && a.idNumber === b.idNumber;
}

// Taking a seal code (印章编码): six digits of the region, which are digits 3 to 8 of the credit code, and eight of the seal.

import type { Transaction } from '../../db/database.ts';
import { randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import type { Uuid } from '../../kernel/ids.ts';

const attempts = 20;
const numbers = 100_000_000;

/**
 * By chance, not by counting: codes taken at once never wait for each other, a code tells nothing of how many there are, and a
 * database that was restored does not give one out twice in a row. Throws `malformed-identifier` for a credit code without region.
 */
export async function takeSealCode(tx: Transaction, sealUuid: Uuid, uscc: string): Promise<string> {
  const region = uscc.slice(2, 8);
  if (!/^[0-9]{6}$/.test(region)) throw new TrustError('malformed-identifier', 'the credit code names no region');
  for (let attempt = 0; attempt < attempts; attempt++) {
    const code = region + String(randomNumber()).padStart(8, '0');
    if (await claimSealCode(tx, code, sealUuid)) return code;
  }
  throw new TrustError('internal', 'no free seal code was found');
}

/** False when the code is another seal's, or the seal has another code. */
export async function claimSealCode(tx: Transaction, sealCode: string, sealUuid: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'seal-code-take',
    text: 'INSERT INTO seal.seal_code (seal_code, seal_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    values: [sealCode, sealUuid],
  });
  return rowCount === 1;
}

/** Each of the numbers is as likely: what of 32 bits does not divide evenly is drawn again. */
function randomNumber(): number {
  const limit = Math.floor(0x1_0000_0000 / numbers) * numbers;
  for (;;) {
    const drawn = new DataView(randomBytes(4).slice().buffer).getUint32(0);
    if (drawn < limit) return drawn % numbers;
  }
}

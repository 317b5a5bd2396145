// Proves the register of seals: who sees it, what is made once, and that no program can store a forbidden change of status.

import assert from 'node:assert/strict';
import { sha256 } from '../../../src/crypto/digest.ts';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId, uuidFromId } from '../../../src/kernel/ids.ts';
import { anonymous, house } from '../../../src/kernel/principal.ts';
import type { SealState } from '../../../src/seal/life/deeds.ts';
import { parseSeal } from '../../../src/seal/ses/ses-seal.ts';
import { type SealHouse, sealHouse, sealOrder, system } from './seal-house.ts';

type Published = Exclude<SealState, 'made' | 'filed'>;
const states: readonly Published[] = ['active', 'suspended', 'lost', 'revoked', 'cancelled'];
const allowed: Readonly<Record<Published, readonly Published[]>> = {
  active: ['suspended', 'lost', 'revoked', 'cancelled'],
  suspended: ['active', 'lost', 'revoked', 'cancelled'],
  lost: ['active', 'revoked', 'cancelled'],
  revoked: [],
  cancelled: [],
};

function refusal(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isTrustError(error, code);
}

describe('register of seals', () => {
  let of: SealHouse;
  let next = 2;
  const make = async () => {
    const code = `990100${String(next++).padStart(8, '0')}`;
    return of.maker.make(house, sealOrder(code, newId('organisation', systemClock)));
  };

  before(async () => {
    of = await sealHouse();
  });
  after(async () => of.close());

  it('makes one seal of one code, however often and at once it is ordered', async () => {
    const order = sealOrder('99010000009999', newId('organisation', systemClock));
    const made = await Promise.all(Array.from({ length: 4 }, () => of.maker.make(house, order)));
    assert.equal(new Set(made.map(({ sealId }) => sealId)).size, 1);
    assert.equal((await of.maker.make(house, order)).sealId, made[0]?.sealId);
    assert.deepEqual([made[0]?.status, made[0]?.widthMm, made[0]?.policies], ['active', 42, ['intl']]);
  });

  it('keeps the SES seal, its signer certificate and the face together', async () => {
    const { sesSeal, certificateSha256 } = await of.seals.forUse(of.seal.sealId);
    const { info } = parseSeal(sesSeal);
    const [certificate, ...more] = info.certificates;
    assert.ok(certificate !== undefined && more.length === 0 && equalBytes(sha256(certificate), certificateSha256));
    assert.deepEqual([info.esId, info.picture.type, info.picture.widthMm], [of.seal.sealCode, 'PNG', 42]);
  });

  it('shows seals to holders of seal.read only, page by page', async () => {
    for (let i = 0; i < 3; i++) await make();
    const reader = system('reader', 'seal.read');
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await of.seals.list(reader, { status: 'active', limit: 2, cursor: cursor ?? undefined });
      seen.push(...page.items.map(({ sealId }) => sealId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    assert.ok(seen.length >= 4 && new Set(seen).size === seen.length);
    await assert.rejects(of.seals.list(system('x', 'seal.stamp')), refusal('scope-missing'));
    await assert.rejects(of.seals.list(anonymous), refusal('token-missing'));
    await assert.rejects(of.seals.list(reader, { cursor: 'seal_x' }), refusal('cursor-invalid'));
    await assert.rejects(of.seals.get(reader, newId('seal', systemClock)), refusal('seal-not-found'));
    await assert.rejects(of.seals.get(reader, 'seal_x'), refusal('seal-not-found'));
    const png = await of.seals.picturePng(reader, of.seal.sealId);
    assert.deepEqual(Array.from(png.subarray(1, 4)), [0x50, 0x4e, 0x47]);
  });

  it('allows exactly the steps of a seal’s life, each by a keeper and with a reason', async () => {
    for (const from of states) {
      for (const to of states) {
        const { sealId } = await make();
        if (from !== 'active') await of.seals.changeStatus(house, sealId, from, 'test');
        const change = of.seals.changeStatus(house, sealId, to, 'test');
        if (allowed[from].includes(to)) assert.equal((await change).status, to);
        else await assert.rejects(change, refusal('seal-transition-forbidden'), `${from} to ${to}`);
      }
    }
    const { sealId } = await make();
    await assert.rejects(of.seals.changeStatus(system('x'), sealId, 'revoked', 'test'), refusal('forbidden'));
    await assert.rejects(of.seals.changeStatus(house, sealId, 'revoked', ' '), refusal('malformed-request'));
  });

  it('cannot be told otherwise by SQL: no status without history, no history outside the table of steps', async () => {
    const { sealId } = await make();
    await of.seals.changeStatus(house, sealId, 'revoked', 'test');
    const uuid = uuidFromId('seal', sealId);
    const run = async (text: string) => of.database.query({ text, values: [uuid] });
    const foreignKey = (error: unknown) => error instanceof Error && 'code' in error && error.code === '23503';
    const jump = (error: unknown) => error instanceof Error && 'code' in error && error.code === '23514';
    const final = (error: unknown) => error instanceof Error && 'code' in error && error.code === '42501';
    await assert.rejects(run(`UPDATE seal.seal SET status = 'active' WHERE seal_id = $1`), jump);
    // Back to the row of its history in which it was in use: the foreign key alone would not mind.
    await assert.rejects(run(`UPDATE seal.seal SET status = 'active', status_version = 1 WHERE seal_id = $1`), jump);
    await assert.rejects(
      run(`UPDATE seal.seal SET status = 'active', status_version = 3 WHERE seal_id = $1`),
      foreignKey,
    );
    await assert.rejects(run(`UPDATE seal.status_history SET to_status = 'active' WHERE seal_id = $1`), final);
    await assert.rejects(run(`DELETE FROM seal.status_history WHERE seal_id = $1`), final);
    await assert.rejects(run(`DELETE FROM seal.seal WHERE seal_id = $1`), final);
    const insert = (from: string, version: number) =>
      run(`INSERT INTO seal.status_history
          (seal_id, version, deed, from_status, to_status, reason, effective_at, applied_at, entry_id, number)
        VALUES ($1, ${version}, 'resume', '${from}', 'active', '', now(), now(), $1, -1)`);
    await assert.rejects(insert('revoked', 3), foreignKey);
    await assert.rejects(insert('suspended', 3), foreignKey);
    await assert.rejects(insert('suspended', 5), foreignKey);
  });

  it('takes one of two changes that happen at once', async () => {
    const { sealId } = await make();
    const both = await Promise.allSettled([
      of.seals.changeStatus(house, sealId, 'revoked', 'a'),
      of.seals.changeStatus(house, sealId, 'cancelled', 'b'),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });
});

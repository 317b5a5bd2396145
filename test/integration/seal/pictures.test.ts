// Proves the picture that an organisation brings for its seal: who brings it until when, that what is approved is what was seen, and that documents show it.

import assert from 'node:assert/strict';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { equalBytes } from '../../../src/kernel/bytes.ts';
import { addSeconds, systemClock } from '../../../src/kernel/clock.ts';
import { type ErrorCode, isTrustError } from '../../../src/kernel/errors.ts';
import { newId } from '../../../src/kernel/ids.ts';
import { anonymous, type Principal, type Scope } from '../../../src/kernel/principal.ts';
import { parseSeal } from '../../../src/seal/ses/ses-seal.ts';
import { needTools, run, Scratch } from '../pdf/tools.ts';
import { requestKey, type SealHouse, sealHouse, stampRequest, uploaded } from './seal-house.ts';

const organisation = {
  organisationId: newId('organisation', systemClock),
  uscc: '91990000XTEXT000XQ',
  name: '测试市数据资源管理有限责任公司',
};

function person(scopes: readonly Scope[], more: Partial<Principal>): Principal {
  const accountId = newId('account', systemClock);
  return { kind: 'person', accountId, scopes: new Set(scopes), roles: new Set(), level: 4, ...more };
}

const agent = person(['seal.read', 'seal.apply', 'seal.stamp'], {
  actingFor: {
    ...organisation,
    mandateId: newId('mandate', systemClock),
    role: 'agent',
    scope: ['seal:apply', 'seal:use'],
    validUntil: addSeconds(systemClock.now(), 3600),
  },
});
const office = person(['seal.read', 'seal.manage'], { roles: new Set(['administrator']) });

/** A blue square, which no seal that we draw is. */
function blue(side = 600): Uint8Array {
  const canvas = createCanvas(side, side);
  const context = canvas.getContext('2d');
  context.fillStyle = 'rgb(0 40 200)';
  context.fillRect(side / 10, side / 10, (side * 8) / 10, (side * 8) / 10);
  return canvas.toBuffer('image/png');
}

describe('a picture for a seal', () => {
  let of: SealHouse;
  const scratch = new Scratch();
  let keys = 0;
  const refusal = (code: ErrorCode) => (error: unknown) => isTrustError(error, code);
  const applied = async () =>
    of.office.applications.apply(agent, { type: 'unit', validDays: 365 }, '业务需要', requestKey(`picture-${keys++}`));

  before(async () => {
    of = await sealHouse();
  });
  after(async () => {
    scratch.remove();
    await of?.close();
  });

  it('is brought by the organisation until something is decided, and can be taken away', async () => {
    const { applications, pictures } = of.office;
    const { sealId, pictureSha256 } = await applied();
    assert.equal(pictureSha256, null);
    const drawn = await pictures.png(agent, sealId);
    const brought = await pictures.bring(agent, sealId, blue());
    assert.equal(brought.pictureSha256?.length, 32);
    assert.notDeepEqual(await pictures.png(office, sealId), drawn);
    const stranger = person(['seal.apply'], {
      actingFor: { ...agent.actingFor, organisationId: newId('organisation', systemClock) } as never,
    });
    await assert.rejects(pictures.bring(stranger, sealId, blue()), refusal('seal-not-found'));
    await assert.rejects(pictures.bring(office, sealId, blue()), refusal('scope-missing'));
    await assert.rejects(pictures.bring(agent, sealId, blue(100)), refusal('malformed-image'));
    const kept = (await applications.get(agent, sealId)).pictureSha256 ?? new Uint8Array();
    assert.ok(equalBytes(kept, brought.pictureSha256 ?? new Uint8Array(1)));
    assert.equal((await pictures.takeAway(agent, sealId)).pictureSha256, null);
    assert.deepEqual(await pictures.png(agent, sealId), drawn);
    await applications.approve(office, sealId, '材料齐全');
    await assert.rejects(pictures.bring(agent, sealId, blue()), refusal('seal-transition-forbidden'));
    await assert.rejects(pictures.takeAway(agent, sealId), refusal('seal-transition-forbidden'));
  });

  it('is approved only as it was seen', async () => {
    const { applications, pictures } = of.office;
    const { sealId } = await applied();
    const seen = (await pictures.bring(agent, sealId, blue())).pictureSha256 ?? undefined;
    await assert.rejects(applications.approve(office, sealId, '可以'), refusal('seal-picture-changed'));
    await pictures.bring(agent, sealId, blue(500));
    await assert.rejects(applications.approve(office, sealId, '可以', seen), refusal('seal-picture-changed'));
    const now = (await applications.get(office, sealId)).pictureSha256 ?? undefined;
    assert.equal((await applications.approve(office, sealId, '可以', now)).status, 'approved');
    const plain = await applied();
    await assert.rejects(applications.approve(office, plain.sealId, '可以', seen), refusal('seal-picture-changed'));
  });

  it('stands in the SES seal and on the page of a stamped PDF, at its true size', async function () {
    needTools(this, 'qpdf', 'pdftoppm');
    const { applications, pictures, life } = of.office;
    const { sealId } = await applied();
    const { pictureSha256 } = await pictures.bring(agent, sealId, blue());
    await applications.approve(office, sealId, '可以', pictureSha256 ?? undefined);
    await life.make(office, sealId, '制作');
    await life.file(office, sealId, '备案', 'BA-1');
    await life.publish(office, sealId, '发布');
    const { info } = parseSeal((await of.seals.forUse(sealId)).sesSeal);
    const inSeal = await loadImage(Buffer.from(info.picture.data));
    assert.deepEqual([info.picture.widthMm, inSeal.width], [42, 496]);
    const request = stampRequest(of, await uploaded(of, agent), {
      sealId,
      level: 'B-B',
      placements: [{ kind: 'position', page: 1, xMm: 100, yMm: 100 }],
    });
    const { stampingId } = await of.stamps().stamp(agent, request, requestKey('stamped'));
    const product = await of.stamps().document(agent, stampingId);
    assert.equal((await of.verifier.verify(anonymous, product)).indication, 'TOTAL-PASSED');
    const file = scratch.write('stamped.pdf', product);
    const checked = run('qpdf', ['--check', file]);
    assert.equal(checked.status, 0, checked.text);
    run('pdftoppm', ['-r', '72', '-f', '1', '-l', '1', '-png', '-singlefile', file, scratch.path('page')]);
    const image = await loadImage(scratch.path('page.png'));
    const context = createCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const isBlue = (xMm: number, yMm: number) => {
      const [red = 255, , blueness = 0] = context.getImageData((xMm * 72) / 25.4, (yMm * 72) / 25.4, 1, 1).data;
      return red < 60 && blueness > 150;
    };
    // The square begins a tenth of 42 mm inside of the seal's edge.
    assert.deepEqual([isBlue(100, 100), isBlue(84.5, 100), isBlue(115.5, 100)], [true, true, true]);
    assert.deepEqual([isBlue(81.5, 100), isBlue(118.5, 100), isBlue(100, 81.5)], [false, false, false]);
  });
});

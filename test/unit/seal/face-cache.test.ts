// A face that is asked for again is the same picture, and one of other bytes never is.

import assert from 'node:assert/strict';
import { decodeFace, encodeFace } from '../../../src/seal/picture/face.ts';
import { quarterPicture } from '../pdf/signing.ts';

describe('faces that are read once', () => {
  it('are known by their bytes, and forgotten when many others were asked for since', () => {
    const face = encodeFace(quarterPicture);
    const picture = decodeFace(face);
    assert.deepEqual(picture, quarterPicture);
    assert.equal(decodeFace(Uint8Array.from(face)), picture);
    const others = Array.from({ length: 40 }, (_, i) => encodeFace({ ...quarterPicture, widthMm: 41 + i }));
    assert.deepEqual(
      others.map((other) => decodeFace(other).widthMm),
      others.map((_, i) => 41 + i),
    );
    assert.notEqual(decodeFace(face), picture);
    assert.deepEqual(decodeFace(face), picture);
  });
});

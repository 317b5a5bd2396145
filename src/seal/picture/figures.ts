// The plain figures of a seal face, centred on the origin: circle, oval and five-point star; and their move into the frame.

import type { PathSegment } from '../../codec/picture.ts';

/** Control distance of a quarter circle as one cubic; the error is below 0.03 % of the radius. */
const quarter = (4 / 3) * (Math.SQRT2 - 1);

export function circle(radiusMm: number): PathSegment[] {
  return oval(radiusMm, radiusMm);
}

/** Half axes in millimetres. */
export function oval(a: number, b: number): PathSegment[] {
  const [h, v] = [a * quarter, b * quarter];
  return [
    { kind: 'M', x: a, y: 0 },
    { kind: 'C', x1: a, y1: v, x2: h, y2: b, x: 0, y: b },
    { kind: 'C', x1: -h, y1: b, x2: -a, y2: v, x: -a, y: 0 },
    { kind: 'C', x1: -a, y1: -v, x2: -h, y2: -b, x: 0, y: -b },
    { kind: 'C', x1: h, y1: -b, x2: a, y2: -v, x: a, y: 0 },
    { kind: 'Z' },
  ];
}

/** Ratio of the radii of a regular pentagram: 1/φ². */
const innerRatio = (3 - Math.sqrt(5)) / 2;

/** One point upwards; `radiusMm` reaches to the points, `yMm` moves the centre down. */
export function star(radiusMm: number, yMm: number): PathSegment[] {
  const corners = Array.from({ length: 10 }, (_, i): PathSegment => {
    const angle = (i * Math.PI) / 5;
    const reach = i % 2 === 0 ? radiusMm : radiusMm * innerRatio;
    return { kind: i === 0 ? 'M' : 'L', x: reach * Math.sin(angle), y: yMm - reach * Math.cos(angle) };
  });
  return [...corners, { kind: 'Z' }];
}

/** From the centre to the top left corner as origin; a thousandth of a millimetre is finer than any printer and the same on every machine. */
export function inFrame(path: readonly PathSegment[], centre: { xMm: number; yMm: number }): PathSegment[] {
  const x = (value: number): number => Math.round((value + centre.xMm) * 1000) / 1000;
  const y = (value: number): number => Math.round((value + centre.yMm) * 1000) / 1000;
  return path.map((s): PathSegment => {
    if (s.kind === 'Z') return s;
    if (s.kind !== 'C') return { kind: s.kind, x: x(s.x), y: y(s.y) };
    return { kind: 'C', x1: x(s.x1), y1: y(s.y1), x2: x(s.x2), y2: y(s.y2), x: x(s.x), y: y(s.y) };
  });
}

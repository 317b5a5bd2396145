// The plain figures of a seal face, centred on the origin: circle and five-point star.

import type { PathSegment } from '../../codec/picture.ts';

/** Control distance of a quarter circle as one cubic; the error is below 0.03 % of the radius. */
const quarter = (4 / 3) * (Math.SQRT2 - 1);

export function circle(radiusMm: number): PathSegment[] {
  const r = radiusMm;
  const k = r * quarter;
  return [
    { kind: 'M', x: r, y: 0 },
    { kind: 'C', x1: r, y1: k, x2: k, y2: r, x: 0, y: r },
    { kind: 'C', x1: -k, y1: r, x2: -r, y2: k, x: -r, y: 0 },
    { kind: 'C', x1: -r, y1: -k, x2: -k, y2: -r, x: 0, y: -r },
    { kind: 'C', x1: k, y1: -r, x2: r, y2: -k, x: r, y: 0 },
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

// Pictures of seals as filled outlines in millimetres, or pixels of a true size, and the SVG 1.1 path grammar (clause 8.3) read into them.

import { TrustError } from '../kernel/errors.ts';

/** Colour components from 0 to 255, sRGB. */
export interface Rgb {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** One step of an outline, absolute, in millimetres, y downwards. Curves are cubic Bézier; quadratics and arcs are converted. */
export type PathSegment =
  | { readonly kind: 'M'; readonly x: number; readonly y: number }
  | { readonly kind: 'L'; readonly x: number; readonly y: number }
  | {
      readonly kind: 'C';
      readonly x1: number;
      readonly y1: number;
      readonly x2: number;
      readonly y2: number;
      readonly x: number;
      readonly y: number;
    }
  | { readonly kind: 'Z' };

export interface PictureShape {
  readonly path: readonly PathSegment[];
  readonly fill: Rgb;
  readonly rule: 'nonzero' | 'evenodd';
}

/** Pixels over the whole of a picture, from its top left in rows, each part in the zlib form (RFC 1950). */
export interface PixelPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Red, green and blue of each pixel, 8 bits each, not multiplied by its coverage. */
  readonly colours: Uint8Array;
  /** How much of what lies below each pixel hides: 0 to 255. */
  readonly coverage: Uint8Array;
}

/** Origin top left, x to the right, y downwards; first the pixels, if any, then the shapes painted in order. */
export interface VectorPicture {
  readonly widthMm: number;
  readonly heightMm: number;
  readonly shapes: readonly PictureShape[];
  readonly pixels?: PixelPicture;
}

/** x' = a·x + c·y + e, y' = b·x + d·y + f (the order of SVG's `matrix(a b c d e f)`). */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const identity: Affine = [1, 0, 0, 1, 0, 0];

export function transformPath(path: readonly PathSegment[], [a, b, c, d, e, f]: Affine): PathSegment[] {
  const px = (x: number, y: number): number => a * x + c * y + e;
  const py = (x: number, y: number): number => b * x + d * y + f;
  return path.map((s): PathSegment => {
    if (s.kind === 'Z') return s;
    if (s.kind !== 'C') return { kind: s.kind, x: px(s.x, s.y), y: py(s.x, s.y) };
    const { x1, y1, x2, y2, x, y } = s;
    return { kind: 'C', x1: px(x1, y1), y1: py(x1, y1), x2: px(x2, y2), y2: py(x2, y2), x: px(x, y), y: py(x, y) };
  });
}

/** A seal of long name has about 4 000 segments; more than this is not a seal. */
const maxSegments = 100_000;
const maxTextLength = 4_000_000;
/** Coordinates beyond this are no picture and would print in exponent form. */
const maxCoordinate = 1e7;

const argumentCounts: Readonly<Record<string, number>> = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, A: 7, Z: 0 };

/** Reads the `d` of an SVG path (every command, absolute and relative) and applies `transform`. Throws malformed-image. */
export function segmentsFromSvgPath(d: string, transform: Affine = identity): PathSegment[] {
  if (d.length > maxTextLength) throw new TrustError('malformed-image', 'SVG path is too long');
  const pen = new Pen();
  const reader = new PathReader(d);
  let command = reader.command();
  if (command !== undefined && command.toUpperCase() !== 'M') throw malformed('a path begins with moveto');
  while (command !== undefined) {
    const upper = command.toUpperCase();
    const count = argumentCounts[upper] ?? 0;
    const numbers: number[] = [];
    for (let i = 0; i < count; i++) numbers.push(reader.number(upper === 'A' && (i === 3 || i === 4)));
    pen.apply(upper, numbers, command !== upper);
    if (pen.segments.length > maxSegments) throw malformed('too many segments');
    // An argument list may repeat without its letter; after moveto the repeats are linetos.
    const repeated = upper === 'M' ? (command === 'M' ? 'L' : 'l') : command;
    command = count > 0 && reader.atNumber() ? repeated : reader.command();
  }
  return transformPath(pen.segments, transform);
}

function malformed(reason: string): TrustError {
  return new TrustError('malformed-image', `SVG path: ${reason}`);
}

/** The pen: current point, start of the subpath, and the last control point that S and T reflect. */
class Pen {
  readonly segments: PathSegment[] = [];
  private x = 0;
  private y = 0;
  private startX = 0;
  private startY = 0;
  private control: { readonly of: 'C' | 'Q'; readonly x: number; readonly y: number } | undefined;

  apply(command: string, numbers: readonly number[], relative: boolean): void {
    const dx = relative ? this.x : 0;
    const dy = relative ? this.y : 0;
    const at = (i: number): number => numbers[i] ?? 0;
    const px = (i: number): number => at(i) + dx;
    const py = (i: number): number => at(i) + dy;
    switch (command) {
      case 'M':
        this.move(px(0), py(1));
        return;
      case 'L':
        this.line(px(0), py(1));
        return;
      case 'H':
        this.line(px(0), this.y);
        return;
      case 'V':
        this.line(this.x, py(0));
        return;
      case 'C':
        this.cubic(px(0), py(1), px(2), py(3), px(4), py(5));
        return;
      case 'S': {
        const [x1, y1] = this.reflected('C');
        this.cubic(x1, y1, px(0), py(1), px(2), py(3));
        return;
      }
      case 'Q':
        this.quadratic(px(0), py(1), px(2), py(3));
        return;
      case 'T': {
        const [x1, y1] = this.reflected('Q');
        this.quadratic(x1, y1, px(0), py(1));
        return;
      }
      case 'A':
        this.arc(at(0), at(1), at(2), at(3) === 1, at(4) === 1, px(5), py(6));
        return;
      default:
        this.close();
    }
  }

  private move(x: number, y: number): void {
    this.segments.push({ kind: 'M', x, y });
    this.startX = x;
    this.startY = y;
    this.arrive(x, y);
  }

  private line(x: number, y: number): void {
    this.segments.push({ kind: 'L', x, y });
    this.arrive(x, y);
  }

  private cubic(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.segments.push({ kind: 'C', x1, y1, x2, y2, x, y });
    this.arrive(x, y);
    this.control = { of: 'C', x: x2, y: y2 };
  }

  /** Degree elevation: the same curve with two control points. */
  private quadratic(qx: number, qy: number, x: number, y: number): void {
    const third = (from: number, control: number): number => from + (2 / 3) * (control - from);
    this.cubic(third(this.x, qx), third(this.y, qy), third(x, qx), third(y, qy), x, y);
    this.control = { of: 'Q', x: qx, y: qy };
  }

  private close(): void {
    this.segments.push({ kind: 'Z' });
    this.arrive(this.startX, this.startY);
  }

  /** SVG 1.1 F.6: endpoint to centre form, radii scaled up when they cannot reach, then one cubic for each quarter turn. */
  private arc(
    rawRx: number,
    rawRy: number,
    degrees: number,
    large: boolean,
    sweep: boolean,
    x: number,
    y: number,
  ): void {
    let rx = Math.abs(rawRx);
    let ry = Math.abs(rawRy);
    if (this.x === x && this.y === y) return;
    if (rx === 0 || ry === 0) {
      this.line(x, y);
      return;
    }
    const cos = Math.cos((degrees * Math.PI) / 180);
    const sin = Math.sin((degrees * Math.PI) / 180);
    const hx = (this.x - x) / 2;
    const hy = (this.y - y) / 2;
    const ux = cos * hx + sin * hy;
    const uy = cos * hy - sin * hx;
    const reach = Math.hypot(ux / rx, uy / ry);
    if (reach > 1) {
      rx *= reach;
      ry *= reach;
    }
    const squares = (rx * uy) ** 2 + (ry * ux) ** 2;
    if (squares === 0) {
      this.line(x, y); // the chord underflows: nothing that could be drawn as an arc
      return;
    }
    const root = Math.sqrt(Math.max(0, (rx * ry) ** 2 - squares) / squares) * (large === sweep ? -1 : 1);
    const cx1 = (root * rx * uy) / ry;
    const cy1 = (-root * ry * ux) / rx;
    const cx = cos * cx1 - sin * cy1 + (this.x + x) / 2;
    const cy = sin * cx1 + cos * cy1 + (this.y + y) / 2;
    const start = Math.atan2((uy - cy1) / ry, (ux - cx1) / rx);
    let turn = Math.atan2((-uy - cy1) / ry, (-ux - cx1) / rx) - start;
    if (sweep && turn < 0) turn += 2 * Math.PI;
    if (!sweep && turn > 0) turn -= 2 * Math.PI;
    const pieces = Math.max(1, Math.ceil(Math.abs(turn) / (Math.PI / 2) - 1e-9));
    const step = turn / pieces;
    const k = (4 / 3) * Math.tan(step / 4);
    const point = (u: number, v: number): [number, number] => [
      cx + cos * rx * u - sin * ry * v,
      cy + sin * rx * u + cos * ry * v,
    ];
    for (let i = 0; i < pieces; i++) {
      const from = start + i * step;
      const to = from + step;
      const [x1, y1] = point(Math.cos(from) - k * Math.sin(from), Math.sin(from) + k * Math.cos(from));
      const [x2, y2] = point(Math.cos(to) + k * Math.sin(to), Math.sin(to) - k * Math.cos(to));
      const [ex, ey] = i === pieces - 1 ? [x, y] : point(Math.cos(to), Math.sin(to));
      this.cubic(x1, y1, x2, y2, ex, ey);
    }
    this.control = undefined;
  }

  private reflected(of: 'C' | 'Q'): [number, number] {
    if (this.control?.of !== of) return [this.x, this.y];
    return [2 * this.x - this.control.x, 2 * this.y - this.control.y];
  }

  private arrive(x: number, y: number): void {
    this.x = x;
    this.y = y;
    this.control = undefined;
  }
}

/** Sticky regular expressions over the text: linear, no backtracking between tokens. */
class PathReader {
  private readonly text: string;
  private position = 0;

  constructor(text: string) {
    this.text = text;
  }

  command(): string | undefined {
    this.skip(/[\s]*/y);
    if (this.position >= this.text.length) return undefined;
    const letter = this.text[this.position] ?? '';
    if (!/^[MLHVCSQTAZmlhvcsqtaz]$/.test(letter)) throw malformed(`unexpected character at ${this.position}`);
    this.position += 1;
    return letter;
  }

  atNumber(): boolean {
    this.skip(/\s*,?\s*/y);
    return /[0-9+\-.]/.test(this.text[this.position] ?? '');
  }

  /** `flag`: one digit 0 or 1, which need not be parted from what follows. */
  number(flag: boolean): number {
    this.skip(/\s*,?\s*/y);
    const pattern = flag ? /[01]/y : /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    const value = Number(match?.[0]);
    if (match === null || !(Math.abs(value) <= maxCoordinate)) throw malformed(`number expected at ${this.position}`);
    this.position = pattern.lastIndex;
    return value;
  }

  private skip(pattern: RegExp): void {
    pattern.lastIndex = this.position;
    pattern.exec(this.text);
    this.position = Math.max(this.position, pattern.lastIndex);
  }
}

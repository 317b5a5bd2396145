// Where tiles and entry bundles are: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`; C2SP tlog-tiles, "Merkle Tree" and "Log entries".

import { tileWidth } from './tile.ts';

export interface TilePath {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
}

const maxLevel = 63;
const pattern = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Without a leading slash, e.g. `tile/0/x001/x234/067.p/12`. */
export function tilePath({ level, index, width }: TilePath): string {
  const groups: string[] = [];
  let rest = index;
  do {
    groups.unshift(`${groups.length === 0 ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`);
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return `tile/${level}/${groups.join('/')}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** `undefined` for every other spelling, so that one resource has one address. */
export function parseTilePath(path: string): TilePath | undefined {
  const match = path.length > 100 ? null : pattern.exec(path);
  const [, levelText, indexText, widthText] = match ?? [];
  if (levelText === undefined || indexText === undefined) return undefined;
  const level = levelText === 'entries' ? 'entries' : Number(levelText);
  const index = Number(indexText.replaceAll(/[x/]/g, ''));
  const width = widthText === undefined ? tileWidth : Number(widthText);
  if (!Number.isSafeInteger(index) || (level !== 'entries' && level > maxLevel)) return undefined;
  if (widthText !== undefined && width >= tileWidth) return undefined;
  const parsed: TilePath = { level, index, width };
  return tilePath(parsed) === path ? parsed : undefined;
}

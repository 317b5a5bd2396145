// One weight of the bundled typeface (Noto Serif SC, OFL-1.1), read from its npm package so that what is drawn looks the same on every machine.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as fontkit from 'fontkit';
import { TrustError } from '../../kernel/errors.ts';

const require = createRequire(import.meta.url);

/** 14 MB and some 0.4 s with its reader: loaded at the first use, once a process, never at start. */
export function fontOf(file: string): () => fontkit.Font {
  let parsed: fontkit.Font | undefined;
  return () => {
    if (parsed === undefined) {
      const { create }: typeof fontkit = require('fontkit');
      const font = create(readFileSync(require.resolve(`@expo-google-fonts/noto-serif-sc/${file}`)));
      if (font.type !== 'TTF') throw new TrustError('internal', 'the typeface is not a single TrueType font');
      parsed = font;
    }
    return parsed;
  };
}

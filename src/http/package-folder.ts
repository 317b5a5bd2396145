// The folder of this package: the nearest one above that holds package.json, the same from src/ and from dist/src/.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function nearest(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : nearest(dirname(folder));
}

export const packageFolder = nearest(dirname(fileURLToPath(import.meta.url)));

// openapi.yaml as text: the contract, with the status each code is answered with.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as yaml from 'yaml';
import { openApiDocument } from '../contract/openapi.ts';
import type { OperationShape } from '../contract/operation.ts';
import { packageFolder } from './package-folder.ts';
import { statusOf } from './problem.ts';

/** Its writer is loaded here, not at every start. */
export function openApiYaml(operations: readonly OperationShape[]): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const { stringify } = createRequire(import.meta.url)('yaml') as typeof yaml;
  const document = openApiDocument(operations, statusOf, version);
  return `# Printed from src/contract by \`npm run openapi\`; do not edit.\n${stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}

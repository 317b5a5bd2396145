// Prints openapi.yaml from the contract.

import { operations } from '../src/contract/api.ts';
import { openApiYaml } from '../src/http/openapi-document.ts';
import { printFile } from './printed-file.ts';

printFile('openapi.yaml', openApiYaml(operations));

#!/usr/bin/env node
// The `yinxin` command: builds if needed and hands over to src/cli/main.ts.

import { build } from './build.mjs';

await build({ ifNeeded: true });
await import('../dist/src/cli/main.js');

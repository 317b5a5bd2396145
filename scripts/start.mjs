// `npm start`: builds if a source is newer than the last build, then serves in this very process, so that signals reach it.

import { build } from './build.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Yinxin needs Node.js 20.19 or later; this is ${process.versions.node}.`);
  process.exit(1);
}
await build({ ifNeeded: true });
await import('../dist/src/main.js');

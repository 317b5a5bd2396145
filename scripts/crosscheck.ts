// `npm run crosscheck`: 10,000 random SM2 signatures judged both ways by the openssl command line; status 1 when one is judged differently.

import { availableParallelism } from 'node:os';
import { crosscheckSm2 } from '../test/support/sm2-crosscheck.ts';

const count = Number(process.argv[2] ?? 10_000);
const began = performance.now();
const { compared, damaged, disagreements } = await crosscheckSm2({ count, atOnce: availableParallelism() });
const seconds = ((performance.now() - began) / 1000).toFixed(0);
for (const line of disagreements) console.error(line);
console.log(
  `SM2: ${compared} signatures compared with openssl (${damaged} of them also damaged), ${disagreements.length} disagreements, ${seconds} s`,
);
process.exitCode = disagreements.length === 0 && compared === count ? 0 : 1;

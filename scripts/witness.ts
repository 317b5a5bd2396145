// `node dist/scripts/witness.js`: runs a witness for one or more logs until it is stopped; docs/audit.md says who should.

import { parseArgs } from 'node:util';
import { systemClock } from '../src/kernel/clock.ts';
import { startWitness } from './witness-server.ts';

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    name: { type: 'string' },
    log: { type: 'string', multiple: true },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '3100' },
  },
});
const { dir: directory, name, log: logs, host, port } = values;
if (directory === undefined || name === undefined || logs === undefined) {
  console.error(
    'Usage: node dist/scripts/witness.js --dir DIR --name NAME --log KEY… [--host 127.0.0.1] [--port 3100]',
  );
  console.error('KEY is the verifier key of a log (its /log/key), fetched once and compared with its owner.');
  process.exit(2);
}
const witness = await startWitness({ directory, name, logs, clock: systemClock, host, port: Number(port) });
console.log(`${witness.url} cosigns as ${witness.verifierKey}`);

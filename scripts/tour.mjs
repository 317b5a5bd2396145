// The tour: does the whole main job against a running sandbox with real clients and foreign judges, and says how each step went.
// `node scripts/tour.mjs [url]`; the default is http://localhost:3000. Exit status 1 when a step failed.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mkdirSync } from 'node:fs';
import { apiClient } from './tour/api-client.mjs';
import { auditTour } from './tour/audit.mjs';
import { licenceTour } from './tour/licence.mjs';
import { Outcomes } from './tour/outcomes.mjs';
import { signInTour } from './tour/sign-in.mjs';
import { stampTour } from './tour/stamp.mjs';

const url = (process.argv[2] ?? 'http://localhost:3000').replace(/\/+$/, '');
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const outputFolder = join(root, 'tour-output');
mkdirSync(outputFolder, { recursive: true });

const outcomes = new Outcomes();
console.log(`Yinxin 印信: a tour of ${url}`);
const api = await apiClient(url).catch((error) => {
  console.error(`\nThere is no sandbox at ${url} (${error.message}). Start one with: npm start`);
  process.exit(1);
});

const tour = { url, api, outcomes, outputFolder, root };
// Object ids of what was done; the last chapter asks the audit log about each.
const deeds = [];
await outcomes.chapter('Sign in: a person, a browser, an OpenID Connect client', async () => {
  deeds.push(...(await signInTour(tour)));
});
await outcomes.chapter('Stamp: a system, a PDF, the seal of an organisation', async () => {
  deeds.push(...(await stampTour(tour)));
});
await outcomes.chapter('Licence: issue, show, check, revoke', async () => {
  deeds.push(...(await licenceTour(tour)));
});
await outcomes.chapter('Audit: each of these deeds is in the log, proved without trusting the server', async () => {
  await auditTour(tour, deeds);
});
outcomes.close();

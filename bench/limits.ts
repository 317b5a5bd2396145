// The limits: what the machine can do at most of the one thing that an operation cannot do without.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { randomBytes, systemClock } from '../src/kernel/clock.ts';
import { newUuid } from '../src/kernel/ids.ts';
import type { Database } from '../src/db/database.ts';
import type { BenchHouse } from './house.ts';
import type { Task } from './measure.ts';

export const limitNames = {
  sign: 'ES256 sign',
  verify: 'ES256 verify',
  http: 'bare HTTP',
  insert: 'plain INSERT',
  insert16: 'plain INSERT, 16 writers',
  insert64: 'plain INSERT, 64 writers',
} as const;

/** As long as the leaf and the sealed part of the audit appends that it is compared with. */
const leafSizeBytes = 330;
const partSizeBytes = 110;
const tagSizeBytes = 15;

export async function limits({ bare, database, wide, inFlight }: BenchHouse): Promise<Task[]> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // As the key store holds them: parsed once.
  const privateKey = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const publicKey = createPublicKey(pair.privateKey);
  const data = randomBytes(300);
  const signature = sign('sha256', data, privateKey);
  // The columns and indexes of audit.entry, without partitions, triggers, queue and tree.
  await database.query({ text: 'CREATE TABLE public.bench (LIKE audit.entry INCLUDING ALL)' });
  return [
    { name: limitNames.sign, inFlight: 1, comparedWith: [], run: () => void sign('sha256', data, privateKey) },
    {
      name: limitNames.verify,
      inFlight: 1,
      comparedWith: [],
      run: () => void verify('sha256', data, publicKey, signature),
    },
    { name: limitNames.http, inFlight, comparedWith: [], run: async () => void (await bare.send('/')) },
    { name: limitNames.insert, inFlight, comparedWith: [], run: () => insert(database) },
    { name: limitNames.insert16, inFlight: 16, comparedWith: [], run: () => insert(wide) },
    { name: limitNames.insert64, inFlight: 64, comparedWith: [], run: () => insert(wide) },
  ];
}

/** Each writer its own statement and its own commit, over as many connections as help. */
async function insert(database: Database): Promise<void> {
  const random = [tagSizeBytes, tagSizeBytes, leafSizeBytes, partSizeBytes].map(randomBytes);
  await database.query({
    name: 'bench-insert',
    text: `INSERT INTO public.bench (id, action, outcome, client_id, subject_tag, object_tag, leaf, actor_part)
      VALUES ($1, 27, 1, 'sandbox-system', $2, $3, $4, $5)`,
    values: [newUuid(systemClock), ...random],
  });
}

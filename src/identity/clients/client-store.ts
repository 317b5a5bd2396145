// A client's row as it is written, by whichever office: one place where a registration is put down and brought up to date.

import type { Transaction } from '../../db/database.ts';
import { toBase64url } from '../../kernel/bytes.ts';
import { type Clock, randomBytes } from '../../kernel/clock.ts';
import { TrustError } from '../../kernel/errors.ts';
import { type ClientChange, merged } from './client-change.ts';
import { clientColumns, clientValues } from './client-columns.ts';
import { type ClientRecord, clientRecord } from './client-record.ts';
import { type FullRegistration, fullRegistration, usesSecret } from './client-registration.ts';
import type { Clients } from './clients.ts';

export interface ChangedClient {
  readonly client: ClientRecord;
  /** Only where one was made; shown once, and known to nobody afterwards. */
  readonly secret: string | undefined;
}

interface Means {
  readonly clients: Pick<Clients, 'secretHash'>;
  readonly clock: Clock;
}

const columnCount = clientColumns.length;
/** $2 …: the values; then whether the secret stays, and the time. */
const updateText = `UPDATE identity.client SET revision = revision + 1,
    ${clientColumns.map((column, i) => (column === 'secret_hash' ? keptOr(column, `$${i + 2}`) : `${column} = $${i + 2}`)).join(', ')},
    ${keptOr('secret_created_at', `$${columnCount + 3}`)}, ${keptOr('secret_used_at', 'NULL')},
    ${keptOr('former_secret_hash', 'NULL')}, ${keptOr('former_secret_until', 'NULL')}
  WHERE client_id = $1`;
const insertText = `INSERT INTO identity.client (client_id, created_at, secret_created_at, ${clientColumns.join(', ')})
  VALUES ($1, $2, $2, ${clientColumns.map((_, i) => `$${i + 3}`).join(', ')}) ON CONFLICT (client_id) DO NOTHING`;

/** Throws `malformed-request` when the id is taken. */
export async function insertClient(
  tx: Transaction,
  full: FullRegistration,
  { clients, clock }: Means,
): Promise<ClientRecord> {
  const { clientId, secret } = full;
  const hash = secret === undefined ? null : clients.secretHash(clientId, secret);
  const { rowCount } = await tx.query({
    text: insertText,
    values: [clientId, clock.now(), ...clientValues(full, hash)],
  });
  if (rowCount === 0) throw new TrustError('malformed-request', `client ${clientId}: the id is taken`);
  return clientRecord(tx, clientId, clock.now());
}

/** `before` is held by the transaction. Throws `malformed-request` with the fault. */
export async function updateClient(
  tx: Transaction,
  before: ClientRecord,
  change: ClientChange,
  { clients, clock }: Means,
): Promise<ChangedClient> {
  const { clientId } = before;
  const full = fullRegistration(merged(before, change), { keepsSecret: true });
  const secret = usesSecret(full) && !usesSecret(before) ? newSecret() : undefined;
  const keeps = usesSecret(full) && secret === undefined;
  const hash = secret === undefined ? null : clients.secretHash(clientId, secret);
  await tx.query({ text: updateText, values: [clientId, ...clientValues(full, hash), keeps, clock.now()] });
  return { client: await clientRecord(tx, clientId, clock.now()), secret };
}

/** 256 bits, URL-safe. */
export function newSecret(): string {
  return toBase64url(randomBytes(32));
}

function keptOr(column: string, value: string): string {
  return `${column} = CASE WHEN $${columnCount + 2} THEN ${column} ELSE ${value} END`;
}

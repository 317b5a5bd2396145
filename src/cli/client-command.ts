// `yinxin client …`: business systems registered, given new secrets and suspended by an administrator at the house's own machine.

import { readFileSync } from 'node:fs';
import { registerClient } from '../contract/clients.ts';
import { clientJson, orderOf } from '../http/client-handlers.ts';
import type { ClientRecord } from '../identity/clients/client-record.ts';
import { TrustError } from '../kernel/errors.ts';
import { house, type Principal } from '../kernel/principal.ts';
import type { Services } from '../services.ts';
import { administrator } from './administrator.ts';
import { type ExitStatus, onTerminal, printJson, type Words, withServices } from './command.ts';

const usage = `say one of
  client list [TEXT]
  client register --file FILE             a registration as POST /api/v1/clients takes it, as JSON
  client rotate-secret CLIENT [--days N]  the former secret opens the client too for N days (0 to 30, else 1)
  client suspend CLIENT --reason R
All but list want --as LOGIN, an administrator whose password is read from standard input.`;

type Office = Pick<Services, 'administration'>;
type Deed = (office: Office, principal: Principal, words: Words) => Promise<void>;

const daySeconds = 86_400;
const pageRows = 100;

const deeds: Readonly<Record<string, Deed>> = {
  register: async ({ administration: { clients } }, principal, words) => {
    const read = registerClient.json.safeParse(jsonFile(words.options.file));
    if (!read.success) {
      const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      throw new TrustError('malformed-request', `the registration: ${faults.join('; ')}`);
    }
    show(await clients.register(principal, orderOf(read.data)), words);
  },
  'rotate-secret': async ({ administration: { clients } }, principal, words) => {
    const days = words.options.days ?? '1';
    if (!/^\d{1,2}$/.test(days)) throw misused();
    show(await clients.rotateSecret(principal, clientIn(words), Number(days) * daySeconds), words);
  },
  suspend: async ({ administration: { clients } }, principal, words) => {
    const client = await clients.suspend(principal, clientIn(words), words.options.reason ?? '');
    if (words.options.json === true) printJson(clientJson(client));
    else console.log(`${client.clientId} is suspended`);
  },
};

export async function clientCommand(words: Words): Promise<ExitStatus> {
  const [name, , surplus] = words.positionals;
  const { as: loginName } = words.options;
  if (surplus !== undefined) throw misused();
  if (name === 'list') return withServices(async (services) => listClients(services, words));
  if (loginName === undefined || name === undefined || !Object.hasOwn(deeds, name)) throw misused();
  return withServices(async (services) => clientDeed(services, await administrator(services, loginName), words));
}

/** Throws what the office does: `approval-required` for what two administrators do together, on the pages or over the API. */
export async function clientDeed(office: Office, principal: Principal, words: Words): Promise<ExitStatus> {
  const [name = ''] = words.positionals;
  const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined;
  if (deed === undefined) throw misused();
  await deed(office, principal, words);
  return 0;
}

export async function listClients({ administration: { clients } }: Office, words: Words): Promise<ExitStatus> {
  const search = words.positionals[1];
  let cursor: string | undefined;
  do {
    const page = await clients.list(house, { search, state: undefined, cursor, limit: pageRows });
    for (const client of page.items) {
      if (words.options.json === true) printJson(clientJson(client));
      else console.log(lineOf(client));
    }
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return 0;
}

function show({ client, secret }: { client: ClientRecord; secret: string | undefined }, { options }: Words): void {
  if (options.json === true) {
    printJson({ client: clientJson(client), secret: secret ?? null });
    return;
  }
  console.log(lineOf(client));
  if (secret !== undefined) console.log(`secret, shown this once: ${secret}`);
}

function lineOf({ clientId, kind, authMethod, suspended, name }: ClientRecord): string {
  const state = suspended === undefined ? 'active' : 'suspended';
  return [clientId.padEnd(30), kind.padEnd(12), authMethod.padEnd(20), state.padEnd(9), onTerminal(name)].join(' ');
}

function clientIn({ positionals: [, clientId] }: Words): string {
  if (clientId === undefined) throw misused();
  return clientId;
}

function jsonFile(path: string | undefined): unknown {
  if (path === undefined) throw misused();
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new TrustError('malformed-request', `${path} holds no JSON that can be read`, { cause });
  }
}

function misused(): TrustError {
  return new TrustError('malformed-request', usage);
}

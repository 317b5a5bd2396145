// `yinxin keys …`: what keys there are, their public parts, and the deeds on them; never anything of a private part.

import { createPublicKey } from 'node:crypto';
import { readConfig } from '../config.ts';
import { sha256 } from '../crypto/digest.ts';
import type { KeyDescription, KeyKeeping } from '../crypto/key-store.ts';
import { destroyKey, retireKey, rotateKey } from '../key-deeds.ts';
import { toHex } from '../kernel/bytes.ts';
import { systemClock } from '../kernel/clock.ts';
import { isTrustError, TrustError } from '../kernel/errors.ts';
import { createLog } from '../kernel/log.ts';
import { isPlainText } from '../kernel/plain-text.ts';
import { house, type Principal } from '../kernel/principal.ts';
import { openKeyStore } from '../open-key-store.ts';
import type { Services } from '../services.ts';
import { type ExitStatus, printJson, type Words, withServices } from './command.ts';

const usage =
  'say: keys list | show NAME | export-public NAME | rotate NAME [--publish-only] | retire NAME | destroy NAME --yes; ' +
  'the last three want --operator NAME (or the setting OPERATOR)';

const maxOperatorLength = 100;

type Deed = (services: Services, words: Words, name: string) => Promise<ExitStatus>;

const deeds: Readonly<Record<string, Deed>> = {
  show: async ({ keyKeeping, authority }, { options }, name) => {
    const key = await required({ keyKeeping }, name);
    const serial = await certificateSerial(authority, name);
    if (options.json) printJson({ ...key, fingerprint: fingerprint(key), certificateSerial: serial ?? null });
    else for (const [word, value] of rowsOf(key, serial)) console.log(`${word.padEnd(18)} ${value}`);
    return 0;
  },
  rotate: async (services, words, name) => {
    const { options } = words;
    const publishOnly = options['publish-only'] === true;
    const { former, next } = await rotateKey(services, operatorOf(services, words), { name, publishOnly });
    if (options.json) printJson({ former: former ?? null, next });
    else if (former === undefined) {
      console.log(`${next.name} is published and signs nothing yet; rotate ${name} again to activate it`);
    } else {
      console.log(`${next.name} is active; ${former.name} is ${former.state} and still published`);
      console.log(`When all it signed has expired: yinxin keys retire ${former.name}`);
    }
    return 0;
  },
  retire: async (services, words, name) => {
    const key = await retireKey(services, operatorOf(services, words), name);
    if (words.options.json) printJson(key);
    else console.log(`${name} is retired; it signs nothing and is published no more`);
    return 0;
  },
  destroy: async (services, words, name) => {
    if (words.options.yes !== true)
      throw new TrustError('malformed-request', `destroying ${name} cannot be undone: say --yes`);
    const key = await destroyKey(services, operatorOf(services, words), name);
    if (words.options.json) printJson(key);
    else console.log(`${name} is destroyed; its description stays. Copies in backups are yours to destroy.`);
    return 0;
  },
};

export async function keysCommand(words: Words): Promise<ExitStatus> {
  const [deed, name, surplus] = words.positionals;
  if (deed === 'list' && name === undefined) return list(await ownKeys(), words);
  if (deed === 'export-public' && name !== undefined && surplus === undefined)
    return exportPublic(await ownKeys(), words, name);
  const act = Object.hasOwn(deeds, deed ?? '') ? deeds[deed ?? ''] : undefined;
  if (act === undefined || name === undefined || surplus !== undefined) {
    throw new TrustError('malformed-request', usage);
  }
  return withServices((services) => act(services, words, name));
}

/** The house, and who commands it: the log must say more than that somebody had the machine. Throws `malformed-request`. */
export function operatorOf({ config }: Services, { options }: Words): Principal {
  const operator = options.operator ?? config.operator ?? '';
  if (!isPlainText(operator, maxOperatorLength)) throw new TrustError('malformed-request', `who does it? ${usage}`);
  return { ...house, operator };
}

/** The keys alone, without the database: to look at them when nothing else can be opened. */
function ownKeys(): Promise<KeyKeeping> {
  const config = readConfig();
  return openKeyStore(config, { clock: systemClock, log: createLog('error') });
}

async function exportPublic(keyKeeping: KeyKeeping, { options }: Words, name: string): Promise<ExitStatus> {
  const { algorithm, state, spki } = await required({ keyKeeping }, name);
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const pem = key.export({ format: 'pem', type: 'spki' });
  if (options.json) printJson({ name, algorithm, state, pem, spki });
  else process.stdout.write(pem);
  return 0;
}

/** Exit status 1 when a key cannot be read. */
async function list(keyKeeping: KeyKeeping, { options }: Words): Promise<ExitStatus> {
  const found = await keyKeeping.examine();
  const warnings = await keyKeeping.warnings();
  const broken = found.some(({ fault }) => fault !== undefined);
  if (options.json) {
    printJson({ keys: found.map(({ name, description, fault }) => description ?? { name, fault }), warnings });
  } else {
    for (const { name, description, fault } of found) {
      console.log(description === undefined ? `${name.padEnd(30)} CANNOT BE READ: ${fault}` : lineOf(description));
    }
    for (const warning of warnings) console.error(`warning: ${warning}`);
  }
  return broken ? 1 : 0;
}

function lineOf({ name, purpose, algorithm, state, createdAt }: KeyDescription): string {
  const columns = [name.padEnd(30), purpose.padEnd(16), algorithm.padEnd(6), state.padEnd(9), createdAt.toISOString()];
  return columns.join(' ');
}

function rowsOf(key: KeyDescription, serial: string | undefined): (readonly [string, string])[] {
  const dates = ['createdAt', 'activatedAt', 'retiringAt', 'retiredAt', 'destroyedAt'] as const;
  return [
    ['name', key.name],
    ['purpose', key.purpose],
    ['algorithm', key.algorithm],
    ['state', key.state],
    ['owner', key.owner ?? '-'],
    ...dates.flatMap((date) => (key[date] === undefined ? [] : [[date, key[date].toISOString()] as const])),
    ['SHA-256 of SPKI', fingerprint(key)],
    ['certificate', serial ?? '-'],
  ];
}

function fingerprint({ spki }: KeyDescription): string {
  return toHex(sha256(spki));
}

async function certificateSerial(authority: Services['authority'], name: string): Promise<string | undefined> {
  try {
    return (await authority.certificateOf(name)).certificate.serialHex;
  } catch (error) {
    if (isTrustError(error, 'certificate-not-found')) return undefined;
    throw error;
  }
}

async function required({ keyKeeping }: { keyKeeping: KeyKeeping }, name: string): Promise<KeyDescription> {
  const key = await keyKeeping.find(name);
  if (key === undefined) throw new TrustError('key-not-found', `no key ${name}`);
  return key;
}

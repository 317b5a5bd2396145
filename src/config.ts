// The settings: the only reader of the environment. docs/config.md is printed from this schema.

import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { leastRetentionMonths } from './audit/archive/month.ts';
import type { WitnessPolicy } from './audit/cosigning.ts';
import type { ClientCertificateHeaders } from './identity/engine/client-certificate.ts';
import { type FieldCipherName, fieldCipherNames } from './crypto/field-cipher.ts';
import { keyFromPassphrase } from './crypto/passphrase.ts';
import { fromBase64, fromHex } from './kernel/bytes.ts';
import { TrustError } from './kernel/errors.ts';
import { type LogLevel, logLevels } from './kernel/log.ts';
import { readWitnesses } from './log-witnesses.ts';
import type { UpstreamSource } from './identity/upstream/upstream-source.ts';
import { readUpstreams } from './upstreams-file.ts';

const megabyte = 1024 * 1024;

/** In lower case, as requests have them. */
const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{0,64}$/)
  .transform((name) => name.toLowerCase())
  .default('');

/** Every setting with its default and meaning; absent and empty are the same. */
export const settings = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(3000).describe('TCP port to serve on.'),
  HOST: z
    .string()
    .default('')
    .describe('Address to listen on. Default: 127.0.0.1 in sandbox mode, all addresses in production.'),
  PUBLIC_URL: z
    .string()
    .default('')
    .describe(
      'Origin under which browsers and systems reach this service, without a path. Default: http://localhost:PORT. Must be https in production.',
    ),
  DATABASE_URL: z
    .string()
    .default('')
    .describe(
      'PostgreSQL 15 or later, as postgres://user:password@host/database. Absent: an embedded PostgreSQL under DATA_DIR (sandbox only).',
    ),
  DATA_DIR: z.string().default('./data').describe('Folder of the embedded database.'),
  KEYS_DIR: z.string().default('./keys').describe('Folder of the file key store; private keys in it are encrypted.'),
  CERTS_DIR: z.string().default('./certs').describe('Folder that gets copies of our CA certificates.'),
  MODE: z
    .enum(['sandbox', 'production'])
    .default('sandbox')
    .describe('`production` refuses sandbox keys, default secrets, plain http and the embedded database.'),
  KEY_ENCRYPTION_KEY: z
    .string()
    .default('')
    .describe('32 bytes as hex or base64, under which private keys and personal data are encrypted.'),
  KEY_ENCRYPTION_KEY_FILE: z
    .string()
    .default('')
    .describe('File that holds KEY_ENCRYPTION_KEY. Sandbox default: KEYS_DIR/key-encryption-key, made at first start.'),
  KEY_ENCRYPTION_PASSPHRASE_FILE: z
    .string()
    .default('')
    .describe(
      'File that holds a passphrase of at least 16 characters, from which the key is derived (scrypt) instead; salt and cost stand in KEYS_DIR/key-encryption-parameters.json, which belongs into the backup.',
    ),
  FIELD_CIPHER: z
    .enum(fieldCipherNames)
    .default('aes-256-gcm')
    .describe(
      'How personal data is encrypted from now on: `aes-256-gcm` or `sm4` (SM4-CTR with HMAC-SM3). Both are always read.',
    ),
  KEY_STORE: z
    .enum(['file', 'pkcs11'])
    .default('file')
    .describe(
      'Where new private keys are made: `file`, or `pkcs11` for ES256, RS256 and PS256 keys in a hardware token and the others in files (docs/keys.md).',
    ),
  PKCS11_MODULE: z.string().default('').describe('Path of the PKCS#11 library of the hardware token.'),
  PKCS11_TOKEN: z.string().default('').describe('Label of the token.'),
  PKCS11_PIN_FILE: z.string().default('').describe('File that holds the PIN of the token.'),
  CA_ALGORITHM: z
    .enum(['ES256', 'ES384', 'RS256'])
    .default('ES256')
    .describe('Algorithm of the international authorities where their keys are still to be made; the others use SM2.'),
  TSA_URL: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'A foreign time-stamp authority (RFC 3161 over HTTP) for seals, believed under the trust anchors for time stamps and the CRLs beside them (certs/README.md). Default: our own.',
    ),
  SES_VERSION: z
    .enum(['4', '5'])
    .default('5')
    .describe(
      'Version of the seals that are made from now on: 5 (GM/T 0031-2025), or 4 (GB/T 38540-2020) for readers that know no later one. A renewed seal gets it too.',
    ),
  OPERATOR: z
    .string()
    .max(100)
    .default('')
    .describe('Who gives commands that change keys; stands sealed in the audit log. `--operator` goes before it.'),
  LOG_LEVEL: z.enum(logLevels).default('warn').describe('Least level of the JSON log on standard error.'),
  MAX_DOCUMENT_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .max(256 * megabyte)
    .default(32 * megabyte)
    .describe('Largest document that is taken in.'),
  LOG_WITNESSES: z
    .string()
    .default('')
    .describe(
      'Witnesses that are asked to cosign the checkpoints of the audit log: `URL KEY`, separated by commas; KEY is `name+hash+base64` of signature type 4 (docs/audit.md).',
    ),
  LOG_COSIGNATURES: z.coerce
    .number()
    .int()
    .min(0)
    .max(16)
    .default(0)
    .describe('How many of LOG_WITNESSES must have cosigned a checkpoint before it is shown.'),
  LOG_MEMORY_FILE: z
    .string()
    .default('')
    .describe(
      'File on another disk that keeps the last signed checkpoint of this process, so that an older database is refused at the start. Default: none.',
    ),
  ALERTING: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether this process follows the audit log for alerts and delivers webhooks; one process must.'),
  WEBHOOK_INTERNAL_HOSTS: z
    .string()
    .default('')
    .describe(
      'Comma-separated hosts (`host` or `host:port`) inside the own network that webhooks may be sent to over https. Default: public addresses only.',
    ),
  LOGOUT_INTERNAL_HOSTS: z
    .string()
    .default('')
    .describe(
      'Comma-separated hosts (`host` or `host:port`) inside the own network where relying parties may be told of a logout over https (docs/sessions.md). Default: public addresses only.',
    ),
  AUDIT_RETENTION_MONTHS: z.coerce
    .number()
    .int()
    .min(leastRetentionMonths, `audit entries stay in the database for at least ${leastRetentionMonths} months`)
    .max(1200)
    .default(13)
    .describe(
      'For so many months audit entries stay in the database before `yinxin audit archive` may move them to files; 6 at least.',
    ),
  AUDIT_ARCHIVE_DIR: z
    .string()
    .default('./archive')
    .describe('Folder of the archived months of the audit log; a node that has it serves them too (docs/audit.md).'),
  UPSTREAMS_FILE: z
    .string()
    .default('')
    .describe(
      'JSON file of the platforms through which people may sign in (docs/upstream.md); holds their client secrets. Default: none.',
    ),
  IDENTITY_GATEWAY_URL: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'Gateway of the authority that compares names, numbers and faces (docs/levels.md). Default: none in production, synthetic people in the sandbox.',
    ),
  IDENTITY_GATEWAY_TOKEN_FILE: z
    .string()
    .default('')
    .describe('File that holds the bearer token for IDENTITY_GATEWAY_URL.'),
  IDENTITY_GATEWAY_SOURCE: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('population-gateway')
    .describe('How evidence names that gateway as its source.'),
  IDENTITY_GATEWAY_PAGES: z
    .string()
    .default('')
    .describe('Comma-separated origins of the pages on which the gateway looks at faces. Default: its own origin.'),
  SMS_GATEWAY_URL: z
    .union([z.literal(''), z.url({ protocol: /^https?$/ })])
    .default('')
    .describe(
      'Where text messages are posted (docs/accounts.md). Default: none in production, lines on standard output in the sandbox.',
    ),
  SMS_GATEWAY_TOKEN_FILE: z.string().default('').describe('File that holds the bearer token for SMS_GATEWAY_URL.'),
  BREACHED_PASSWORDS_FILE: z
    .string()
    .default('')
    .describe(
      'File of SHA-1 hashes in order, `HASH:count` a line (the download of Have I Been Pwned): passwords in it are refused besides the common ones. Default: none.',
    ),
  SMS_PER_DAY: z.coerce
    .number()
    .int()
    .min(0)
    .max(10_000_000)
    .default(10_000)
    .describe('Text messages with codes that all processes together send in a day at most; what is over is not sent.'),
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .describe('Comma-separated addresses of reverse proxies whose X-Forwarded-For is believed. Default: none.'),
  DYNAMIC_REGISTRATION: z
    .enum(['closed', 'token'])
    .default('closed')
    .describe(
      '`token`: whoever has an initial access token of an administrator registers a system themselves (RFC 7591, docs/registration.md). It is never open to everybody.',
    ),
  CLIENT_CERTIFICATE_HEADER: headerName.describe(
    'Header in which TRUSTED_PROXIES give the certificate of a client: as RFC 9440, or as percent-encoded PEM (docs/sign-on.md). Default: certificates of clients are not used.',
  ),
  CLIENT_CERTIFICATE_VERIFIED_HEADER: headerName.describe(
    'Header in which they say `SUCCESS` when they have verified it under authorities that they know. Default: only self-signed certificates, which clients register, are used.',
  ),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly publicUrl: string;
  readonly databaseUrl: string | undefined;
  readonly dataDirectory: string;
  readonly keysDirectory: string;
  readonly certsDirectory: string;
  readonly mode: 'sandbox' | 'production';
  readonly keyEncryptionKey: Uint8Array;
  /** Absent: AES-256-GCM. */
  readonly fieldCipher?: FieldCipherName;
  /** Absent: private keys lie in files. */
  readonly pkcs11?: Pkcs11Settings | undefined;
  /** Absent: ES256. */
  readonly authorityAlgorithm?: 'ES256' | 'ES384' | 'RS256';
  /** Absent: our own authority stamps. */
  readonly timestampUrl?: string | undefined;
  /** Absent: 5. */
  readonly sesVersion?: 4 | 5;
  /** Of commands, unless they say another. */
  readonly operator?: string | undefined;
  readonly logLevel: LogLevel;
  readonly maxDocumentBytes: number;
  readonly trustedProxies: readonly string[];
  /** Absent: closed. */
  readonly dynamicRegistration?: 'closed' | 'token';
  /** Absent: no certificate of a client is believed. */
  readonly clientCertificateHeaders?: ClientCertificateHeaders | undefined;
  /** Absent: nobody outside is asked about people. */
  readonly upstreams?: readonly UpstreamSource[];
  readonly identityGateway?: IdentityGatewaySettings | undefined;
  /** Absent: text messages leave nowhere, in the sandbox on standard output. */
  readonly smsGateway?: { readonly url: string; readonly token: string } | undefined;
  /** Absent: common passwords only are refused. */
  readonly breachedPasswordsFile?: string | undefined;
  /** Absent: 10,000. */
  readonly smsPerDay?: number;
  /** Absent: this process follows the log for alerts. */
  readonly alerting?: 'on' | 'off';
  readonly webhookInternalHosts?: readonly string[];
  readonly logoutInternalHosts?: readonly string[];
  /** Absent: nobody is asked. */
  readonly logWitnesses?: WitnessPolicy;
  readonly logMemoryFile?: string | undefined;
  /** Absent: 13. */
  readonly auditRetentionMonths?: number;
  /** Absent: archived months are not served. */
  readonly auditArchiveDirectory?: string;
}

export interface IdentityGatewaySettings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly source: string;
  readonly pageOrigins: readonly string[];
}

export interface Pkcs11Settings {
  readonly module: string;
  readonly token: string;
  readonly pin: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads and checks all settings at once; throws `configuration-invalid` with every fault named, never with a value that may be secret. */
export function readConfig(environment: Environment = process.env): Config {
  const given = Object.fromEntries(
    Object.keys(settings.shape).flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])),
  );
  const parsed = settings.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new TrustError('configuration-invalid', faults.join('; '), { details: { faults } });
  }
  const values = parsed.data;
  const publicUrl = checkedOrigin(values.PUBLIC_URL || `http://localhost:${values.PORT}`);
  const production = values.MODE === 'production';
  if (production) refuseSandboxHabits(values, publicUrl);
  const keysDirectory = resolve(values.KEYS_DIR);
  return {
    port: values.PORT,
    host: values.HOST || (production ? '0.0.0.0' : '127.0.0.1'),
    publicUrl,
    databaseUrl: values.DATABASE_URL || undefined,
    dataDirectory: resolve(values.DATA_DIR),
    keysDirectory,
    certsDirectory: resolve(values.CERTS_DIR),
    mode: values.MODE,
    keyEncryptionKey: keyEncryptionKey(values, keysDirectory),
    fieldCipher: values.FIELD_CIPHER,
    pkcs11: values.KEY_STORE === 'pkcs11' ? pkcs11Settings(values) : undefined,
    authorityAlgorithm: values.CA_ALGORITHM,
    timestampUrl: values.TSA_URL || undefined,
    sesVersion: values.SES_VERSION === '4' ? 4 : 5,
    operator: values.OPERATOR || undefined,
    logLevel: values.LOG_LEVEL,
    maxDocumentBytes: values.MAX_DOCUMENT_BYTES,
    logWitnesses: witnessPolicy(values),
    logMemoryFile: values.LOG_MEMORY_FILE ? resolve(values.LOG_MEMORY_FILE) : undefined,
    auditRetentionMonths: values.AUDIT_RETENTION_MONTHS,
    auditArchiveDirectory: resolve(values.AUDIT_ARCHIVE_DIR),
    smsGateway: values.SMS_GATEWAY_URL === '' ? undefined : smsGatewaySettings(values),
    smsPerDay: values.SMS_PER_DAY,
    breachedPasswordsFile: values.BREACHED_PASSWORDS_FILE ? resolve(values.BREACHED_PASSWORDS_FILE) : undefined,
    trustedProxies: listed(values.TRUSTED_PROXIES),
    dynamicRegistration: values.DYNAMIC_REGISTRATION,
    clientCertificateHeaders: clientCertificateHeaders(values),
    upstreams: values.UPSTREAMS_FILE === '' ? [] : upstreamsOf(values),
    identityGateway: values.IDENTITY_GATEWAY_URL === '' ? undefined : identityGatewaySettings(values),
    alerting: values.ALERTING,
    webhookInternalHosts: listed(values.WEBHOOK_INTERNAL_HOSTS),
    logoutInternalHosts: listed(values.LOGOUT_INTERNAL_HOSTS),
  };
}

type Values = z.infer<typeof settings>;

function listed(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function witnessPolicy(values: Values): WitnessPolicy {
  const witnesses = readWitnesses(values.LOG_WITNESSES, { https: values.MODE === 'production' });
  if (typeof witnesses === 'string') throw new TrustError('configuration-invalid', `LOG_WITNESSES: ${witnesses}`);
  if (values.LOG_COSIGNATURES > witnesses.length)
    throw new TrustError('configuration-invalid', 'LOG_COSIGNATURES: there are fewer witnesses in LOG_WITNESSES');
  return { witnesses, cosignatures: values.LOG_COSIGNATURES };
}

function checkedOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.pathname !== '/' ||
    url.search ||
    url.hash ||
    url.username
  ) {
    throw new TrustError(
      'configuration-invalid',
      'PUBLIC_URL: must be an origin such as https://trust.example, without a path',
    );
  }
  return url.origin;
}

function refuseSandboxHabits(values: Values, publicUrl: string): void {
  const faults = [
    !publicUrl.startsWith('https://') && 'PUBLIC_URL: production needs https',
    !values.DATABASE_URL && 'DATABASE_URL: production does not use the embedded database',
    !values.KEY_ENCRYPTION_KEY &&
      !values.KEY_ENCRYPTION_KEY_FILE &&
      !values.KEY_ENCRYPTION_PASSPHRASE_FILE &&
      'KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEY_FILE or KEY_ENCRYPTION_PASSPHRASE_FILE: production needs its own',
    existsSync(join(resolve(values.KEYS_DIR), sandboxMark)) && 'KEYS_DIR: holds sandbox keys',
  ].filter((fault) => fault !== false);
  if (faults.length > 0) throw new TrustError('configuration-invalid', faults.join('; '), { details: { faults } });
}

/** A file of this name says that the keys beside it were made in sandbox mode. */
export const sandboxMark = 'SANDBOX';
const sandboxKeyFile = 'key-encryption-key';

function keyEncryptionKey(values: Values, keysDirectory: string): Uint8Array {
  const { KEY_ENCRYPTION_PASSPHRASE_FILE: passphraseFile } = values;
  if (passphraseFile) {
    if (values.KEY_ENCRYPTION_KEY || values.KEY_ENCRYPTION_KEY_FILE)
      throw new TrustError(
        'configuration-invalid',
        'KEY_ENCRYPTION_PASSPHRASE_FILE: there is a KEY_ENCRYPTION_KEY too',
      );
    return keyFromPassphrase(secretFile(passphraseFile, 'KEY_ENCRYPTION_PASSPHRASE_FILE'), keysDirectory);
  }
  if (values.KEY_ENCRYPTION_KEY) return decodeKey(values.KEY_ENCRYPTION_KEY, 'KEY_ENCRYPTION_KEY');
  const file = values.KEY_ENCRYPTION_KEY_FILE || join(keysDirectory, sandboxKeyFile);
  if (!existsSync(file)) {
    if (values.KEY_ENCRYPTION_KEY_FILE)
      throw new TrustError('configuration-invalid', 'KEY_ENCRYPTION_KEY_FILE: there is no such file');
    makeSandboxKey(keysDirectory, file);
  }
  return decodeKey(readFileSync(file, 'utf8').trim(), 'KEY_ENCRYPTION_KEY_FILE');
}

function pkcs11Settings(values: Values): Pkcs11Settings {
  const { PKCS11_MODULE: module, PKCS11_TOKEN: token, PKCS11_PIN_FILE: pinFile } = values;
  const faults = [
    !module && 'PKCS11_MODULE: KEY_STORE=pkcs11 needs it',
    module && !existsSync(module) && 'PKCS11_MODULE: there is no such file',
    !token && 'PKCS11_TOKEN: KEY_STORE=pkcs11 needs it',
    !pinFile && 'PKCS11_PIN_FILE: KEY_STORE=pkcs11 needs it',
  ].filter((fault) => typeof fault === 'string' && fault !== '');
  if (faults.length > 0) throw new TrustError('configuration-invalid', faults.join('; '), { details: { faults } });
  return { module, token, pin: secretFile(pinFile, 'PKCS11_PIN_FILE') };
}

function upstreamsOf({ UPSTREAMS_FILE: path, MODE: mode }: Values): UpstreamSource[] {
  if (!existsSync(path)) throw new TrustError('configuration-invalid', 'UPSTREAMS_FILE: there is no such file');
  const upstreams = readUpstreams(readFileSync(path, 'utf8'), { https: mode === 'production' });
  if (typeof upstreams === 'string') throw new TrustError('configuration-invalid', `UPSTREAMS_FILE: ${upstreams}`);
  return upstreams;
}

function identityGatewaySettings(values: Values): IdentityGatewaySettings {
  const { IDENTITY_GATEWAY_URL: url, IDENTITY_GATEWAY_TOKEN_FILE: tokenFile, IDENTITY_GATEWAY_PAGES: pages } = values;
  if (values.MODE === 'production' && !url.startsWith('https:'))
    throw new TrustError('configuration-invalid', 'IDENTITY_GATEWAY_URL: production needs https');
  if (!tokenFile)
    throw new TrustError('configuration-invalid', 'IDENTITY_GATEWAY_TOKEN_FILE: IDENTITY_GATEWAY_URL needs it');
  const pageOrigins = pages === '' ? [new URL(url).origin] : listed(pages);
  if (pageOrigins.some((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin))
    throw new TrustError('configuration-invalid', 'IDENTITY_GATEWAY_PAGES: origins such as https://face.example');
  return {
    url: url.replace(/\/+$/, ''),
    token: secretFile(tokenFile, 'IDENTITY_GATEWAY_TOKEN_FILE'),
    source: values.IDENTITY_GATEWAY_SOURCE,
    pageOrigins,
  };
}

function smsGatewaySettings({ MODE, SMS_GATEWAY_URL: url, SMS_GATEWAY_TOKEN_FILE: tokenFile }: Values) {
  if (MODE === 'production' && !url.startsWith('https:'))
    throw new TrustError('configuration-invalid', 'SMS_GATEWAY_URL: production needs https');
  if (!tokenFile) throw new TrustError('configuration-invalid', 'SMS_GATEWAY_TOKEN_FILE: SMS_GATEWAY_URL needs it');
  return { url, token: secretFile(tokenFile, 'SMS_GATEWAY_TOKEN_FILE') };
}

/** From strangers such a header could be anything: without a proxy to set it, it must not be believed. */
function clientCertificateHeaders(values: Values): ClientCertificateHeaders | undefined {
  const { CLIENT_CERTIFICATE_HEADER: certificate, CLIENT_CERTIFICATE_VERIFIED_HEADER: verified } = values;
  if (certificate === '' && verified === '') return undefined;
  if (certificate === '' || certificate === verified || listed(values.TRUSTED_PROXIES).length === 0)
    throw new TrustError(
      'configuration-invalid',
      'CLIENT_CERTIFICATE_HEADER: needs TRUSTED_PROXIES and a name of its own',
    );
  return { certificate, ...(verified === '' ? {} : { verified }) };
}

/** The first line of a file that holds a secret. */
function secretFile(file: string, setting: string): string {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (text === undefined) throw new TrustError('configuration-invalid', `${setting}: there is no such file`);
  const [line = ''] = text.split(/\r?\n/, 1);
  if (line === '') throw new TrustError('configuration-invalid', `${setting}: the file is empty`);
  return line;
}

function makeSandboxKey(keysDirectory: string, file: string): void {
  mkdirSync(keysDirectory, { recursive: true, mode: 0o700 });
  chmodSync(keysDirectory, 0o700); // a checkout brings the folder with it, readable by all
  // A new key would open none of them, and would lie where the lost one has to come back to.
  if (readdirSync(keysDirectory).some((name) => name.endsWith('.key.json')))
    throw new TrustError(
      'configuration-invalid',
      `KEYS_DIR: holds keys, but ${sandboxKeyFile} that opens them is gone`,
    );
  const draft = `${file}.${randomBytes(8).toString('hex')}`; // two containers that share the folder both run as process 1
  const descriptor = openSync(draft, 'wx', 0o600);
  writeSync(descriptor, `${randomBytes(32).toString('hex')}\n`);
  closeSync(descriptor);
  try {
    linkSync(draft, file); // Two first starts at once: the second link fails and both read the first one's key.
  } catch (error) {
    if (!existsSync(file)) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const mark = join(keysDirectory, sandboxMark);
  if (!existsSync(mark)) closeSync(openSync(mark, 'a', 0o600));
}

function decodeKey(text: string, source: string): Uint8Array {
  const bytes = fromHex(text) ?? fromBase64(text);
  if (bytes?.length !== 32)
    throw new TrustError('configuration-invalid', `${source}: must be 32 bytes as hex or base64`);
  if (new Set(bytes).size < 8) throw new TrustError('configuration-invalid', `${source}: is not random`);
  return bytes;
}

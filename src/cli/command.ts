// What every command gets, and how it says what it found.

import { type Config, readConfig } from '../config.ts';
import { systemClock } from '../kernel/clock.ts';
import type { Finding, Indication } from '../kernel/report.ts';
import type { Services } from '../services.ts';
import type { ExitStatus } from './audit-report.ts';

export type { ExitStatus };

export interface Words {
  readonly command: string | undefined;
  readonly positionals: readonly string[];
  readonly options: {
    readonly json?: boolean;
    readonly help?: boolean;
    readonly url?: string | undefined;
    readonly dir?: string | undefined;
    readonly proof?: string | undefined;
    readonly receipt?: string | undefined;
    readonly export?: string | undefined;
    readonly file?: string | undefined;
    readonly since?: string | undefined;
    readonly before?: string | undefined;
    readonly key?: readonly string[] | undefined;
    readonly witness?: readonly string[] | undefined;
    readonly need?: string | undefined;
    readonly 'limit-minutes'?: string | undefined;
    readonly yes?: boolean;
    readonly operator?: string | undefined;
    readonly 'publish-only'?: boolean;
    readonly as?: string | undefined;
    readonly csr?: string | undefined;
    readonly days?: string | undefined;
    readonly issuer?: string | undefined;
    readonly profile?: string | undefined;
    readonly reason?: string | undefined;
    readonly for?: string | undefined;
    readonly anchors?: string | undefined;
    readonly crls?: readonly string[] | undefined;
    readonly at?: string | undefined;
    readonly seal?: string | undefined;
    readonly server?: string | undefined;
    readonly token?: string | undefined;
    readonly seam?: readonly string[] | undefined;
    readonly level?: string | undefined;
    readonly class?: string | undefined;
    readonly out?: string | undefined;
    readonly purpose?: string | undefined;
    readonly policy?: readonly string[] | undefined;
    readonly ocsp?: readonly string[] | undefined;
    readonly 'require-explicit-policy'?: boolean;
    readonly 'inhibit-policy-mapping'?: boolean;
    readonly 'inhibit-any-policy'?: boolean;
    /** Withdrawn algorithms (DSA) count. */
    readonly withdrawn?: boolean;
  };
}

/** Runs with database and services open, beside a server of the same settings or without one. */
export async function withServices<T>(
  work: (services: Services) => Promise<T>,
  config: Config = readConfig(),
): Promise<T> {
  const { openHouse } = await import('../open-house.ts'); // most commands judge files, and need not wait for all of it
  const opened = await openHouse(config, systemClock);
  try {
    return await work(opened.services);
  } finally {
    await opened.close();
  }
}

export const exitStatusOf: Readonly<Record<Indication, ExitStatus>> = {
  'TOTAL-PASSED': 0,
  'TOTAL-FAILED': 1,
  INDETERMINATE: 2,
};

export function printFindings(findings: readonly Finding[], indent = ''): void {
  for (const { severity, code, detail } of findings) {
    console.log(`${indent}${severity.padEnd(7)} ${code}: ${onTerminal(detail)}`);
  }
}

/** Names in other people's files may hold what moves a cursor, ends a line or turns the direction of reading: shown by its number. */
export function onTerminal(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Bytes as hex and moments as text, for --json. */
export function printJson(value: unknown): void {
  const plain = (_name: string, inner: unknown): unknown =>
    inner instanceof Uint8Array ? Buffer.from(inner).toString('hex') : inner;
  console.log(JSON.stringify(value, plain, 2));
}

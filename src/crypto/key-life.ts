// The life of a key: its states, which deed leads from which to which, and the dates it leaves; NIST SP 800-57 part 1 rev. 5, section 7.

import { TrustError } from '../kernel/errors.ts';
import type { KeyPurpose } from './signer.ts';

/** Only an `active` key is given out for signing; a `retiring` one is still published, so that what it signed verifies. */
export const keyStates = ['pending', 'active', 'retiring', 'retired', 'destroyed'] as const;
export type KeyState = (typeof keyStates)[number];

/** `supersede` is what activating its successor does to the active key of a family. */
export type KeyDeed = 'activate' | 'supersede' | 'retire' | 'destroy';

/** One key of a family and where it stands. */
export interface KeyStage {
  readonly name: string;
  readonly state: KeyState;
  readonly activatedAt?: Date;
  readonly retiringAt?: Date;
  readonly retiredAt?: Date;
  readonly destroyedAt?: Date;
}

/** A key that signs, or whose signatures are about to be checked, cannot be destroyed: it must have been retired before. */
const transitions: Readonly<Record<KeyDeed, { readonly from: readonly KeyState[]; readonly to: KeyState }>> = {
  activate: { from: ['pending'], to: 'active' },
  supersede: { from: ['active'], to: 'retiring' },
  retire: { from: ['active', 'retiring'], to: 'retired' },
  destroy: { from: ['pending', 'retired'], to: 'destroyed' },
};

const dateOf = {
  active: 'activatedAt',
  retiring: 'retiringAt',
  retired: 'retiredAt',
  destroyed: 'destroyedAt',
} as const;

/** Throws `key-state-wrong` with `details.state`. */
export function stageAfter(stage: KeyStage, deed: KeyDeed, at: Date): KeyStage {
  const { from, to } = transitions[deed];
  if (!from.includes(stage.state) || to === 'pending') {
    throw new TrustError('key-state-wrong', `cannot ${deed} key ${stage.name}, which is ${stage.state}`, {
      details: { state: stage.state },
    });
  }
  return { ...stage, state: to, [dateOf[to]]: at };
}

/**
 * All stages of the family after a deed on one of its keys. Activating one supersedes the active one in the same step, so that at
 * no moment there are two active keys or none. Throws `key-not-found`, `key-state-wrong`.
 */
export function familyAfter(stages: readonly KeyStage[], name: string, deed: KeyDeed, at: Date): KeyStage[] {
  if (!stages.some((stage) => stage.name === name)) throw new TrustError('key-not-found', `no key ${name}`);
  return stages.map((stage) => {
    if (stage.name === name) return stageAfter(stage, deed, at);
    return deed === 'activate' && stage.state === 'active' ? stageAfter(stage, 'supersede', at) : stage;
  });
}

/**
 * Purposes whose key is its holder's identity, so that another key is another holder: an authority is renewed with its certificate, a
 * seal is made anew with its key, a log is named by its key.
 */
const fixedPurposes: readonly KeyPurpose[] = ['root-ca', 'issuing-ca', 'seal', 'log'];

/** Throws `key-purpose-wrong`. */
export function requireRotatable(name: string, purpose: KeyPurpose): void {
  if (!fixedPurposes.includes(purpose)) return;
  throw new TrustError(
    'key-purpose-wrong',
    `key ${name} is the identity of its holder (${purpose}): it is not rotated${purpose.endsWith('-ca') ? ', but replaced by yinxin ca rekey' : ''}`,
  );
}

const versionPattern = /^(.+)\.v([1-9]\d{0,3})$/;

/** A family is named by its first key; the later ones are `family.v2`, `family.v3` … */
export function familyOf(keyName: string): string {
  return versionPattern.exec(keyName)?.[1] ?? keyName;
}

export function versionName(family: string, version: number): string {
  return version === 1 ? family : `${family}.v${version}`;
}

/** A file name on every system and no path; the version, if any, as `versionName` spells it. */
export function isKeyName(text: string): boolean {
  const match = versionPattern.exec(text);
  return isFamilyName(match?.[1] ?? text) && match?.[2] !== '1';
}

export function isFamilyName(text: string): boolean {
  return /^[a-z0-9][a-z0-9_-]{0,94}$/.test(text);
}

// What those who answer for the keys do with them: rotate, retire, destroy; each deed with its intent in the audit log before and its outcome after.

import type { KeyDescription } from './crypto/key-store.ts';
import { isTrustError, TrustError } from './kernel/errors.ts';
import type { Principal } from './kernel/principal.ts';
import type { Services } from './services.ts';

type Keepers = Pick<Services, 'keyKeeping' | 'audit' | 'authority' | 'issuers'>;

export interface Rotation {
  /** The key that was replaced and stays published; absent when only the next one was published. */
  readonly former: KeyDescription | undefined;
  readonly next: KeyDescription;
}

/**
 * Puts a new key in the place of the active one, without a restart and without a moment without a key: the next key is made, gets its
 * certificate and its place in the trust list while it is pending, and then takes over in one step. With `publishOnly` it stays
 * pending, for relying parties that keep key sets for long; rotating again activates it. A crash at any point leaves the former
 * key active, or the next one; rotating again goes on from there.
 * Throws key-not-found, key-purpose-wrong (not rotated), key-state-wrong (no active key), key-unavailable, certificate-….
 */
export async function rotateKey(
  services: Keepers,
  principal: Principal,
  { name, publishOnly = false }: { name: string; publishOnly?: boolean },
): Promise<Rotation> {
  const { keyKeeping, authority, issuers } = services;
  const family = await keyKeeping.family(name);
  const former = family.find(({ state }) => state === 'active');
  if (family.length === 0) throw new TrustError('key-not-found', `no key ${name}`);
  if (former === undefined) throw new TrustError('key-state-wrong', `of the keys ${name} none is active`);
  const next = await recorded(services, principal, { deed: 'prepare', keyName: former.name }, () =>
    keyKeeping.prepare(name),
  );
  switch (former.purpose) {
    case 'oidc':
    case 'identity-receipt':
    case 'verification-receipt':
      break; // published in the key set as soon as it is pending
    case 'licence-issuer':
      await authority.certifySuccessor(former.name, next.name, principal);
      await issuers.listSuccessor(principal, former.name, next);
      break;
    default:
      await authority.certifySuccessor(former.name, next.name, principal);
  }
  if (publishOnly) return { former: undefined, next };
  const activated = await recorded(services, principal, { deed: 'activate', keyName: next.name }, () =>
    keyKeeping.change(next.name, 'activate'),
  );
  return { former: await keyKeeping.find(former.name), next: activated };
}

/**
 * From now on the key signs nothing and is not published any more; of an authority only when it is replaced and all it issued has
 * expired; that of the audit log never, because the log is named by it. Throws key-not-found, key-state-wrong, key-unavailable.
 */
export async function retireKey(services: Keepers, principal: Principal, keyName: string): Promise<KeyDescription> {
  await services.authority.requireRetirable(keyName);
  const key = await services.keyKeeping.find(keyName);
  if (key?.purpose === 'log' && key.state === 'active')
    throw new TrustError('key-state-wrong', `key ${keyName} signs the audit log, which would end without it`, {
      details: { state: key.state },
    });
  return recorded(services, principal, { deed: 'retire', keyName }, () =>
    services.keyKeeping.change(keyName, 'retire'),
  );
}

/** For ever: only the description is left. Throws key-not-found, key-state-wrong (retire it first), key-unavailable. */
export function destroyKey(services: Keepers, principal: Principal, keyName: string): Promise<KeyDescription> {
  return recorded(services, principal, { deed: 'destroy', keyName }, () =>
    services.keyKeeping.change(keyName, 'destroy'),
  );
}

async function recorded(
  { audit }: Keepers,
  principal: Principal,
  { deed, keyName }: { deed: 'prepare' | 'activate' | 'retire' | 'destroy'; keyName: string },
  act: () => Promise<KeyDescription>,
): Promise<KeyDescription> {
  const action = deed === 'prepare' ? 'key.created' : 'key.state-changed';
  const event = { action, objectId: keyName } as const;
  await audit.append(principal, { ...event, outcome: 'intended', facts: { deed, keyName } });
  try {
    const key = await act();
    const { name, purpose, algorithm, state } = key;
    const facts = { deed, keyName: name, purpose, algorithm, state };
    await audit.append(principal, { ...event, objectId: name, outcome: 'done', facts });
    return key;
  } catch (error) {
    const code = isTrustError(error) ? error.code : 'internal';
    await audit.append(principal, { ...event, outcome: 'failed', code, facts: { deed, keyName } });
    throw error;
  }
}

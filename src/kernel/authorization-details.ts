// What a person allowed one application to do, down to the one thing (授权明细); RFC 9396 section 2.

import { type CredentialUse, credentialUse, isCredentialType } from './credential-details.ts';
import { uuidFromId } from './ids.ts';
import { isPlainText } from './plain-text.ts';

/** One seal may be used, for one purpose, and on one document where it is named. */
export interface SealUse {
  readonly type: 'seal_use';
  /** The seal (`seal_…`). */
  readonly identifier: string;
  /** Why (用印事由): what the request of the stamping must say too. */
  readonly purpose: string;
  /** The document (`doc_…`). */
  readonly document?: string;
}

/** One licence may be read and shown. */
export interface LicenceShow {
  readonly type: 'licence_show';
  /** The licence (`lic_…`). */
  readonly identifier: string;
  /** What for, as the person is told. */
  readonly purpose: string;
}

export type AuthorizationDetail = SealUse | LicenceShow | CredentialUse;

const members: Readonly<Record<(SealUse | LicenceShow)['type'], readonly string[]>> = {
  seal_use: ['type', 'identifier', 'purpose', 'document'],
  licence_show: ['type', 'identifier', 'purpose'],
};
const maxPurposeLength = 200;
/** People read each of them before they agree. */
const maxDetails = 5;

/** Strictly one of ours: a member that we do not know could mean anything to whoever wrote it. `undefined` otherwise. */
export function authorizationDetail(value: unknown): AuthorizationDetail | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = new Map<string, unknown>(Object.entries(value));
  const type = given.get('type');
  const identifier = given.get('identifier');
  const purpose = given.get('purpose');
  const document = given.get('document');
  if (isCredentialType(type)) return credentialUse(given);
  if (type !== 'seal_use' && type !== 'licence_show') return undefined;
  if ([...given.keys()].some((name) => !members[type].includes(name))) return undefined;
  const names = type === 'seal_use' ? 'seal' : 'licence';
  if (typeof identifier !== 'string' || uuidFromId(names, identifier) === undefined) return undefined;
  if (typeof purpose !== 'string' || !isPlainText(purpose, maxPurposeLength)) return undefined;
  if (type === 'licence_show') return { type, identifier, purpose };
  if (document === undefined) return { type, identifier, purpose };
  if (typeof document !== 'string' || uuidFromId('document', document) === undefined) return undefined;
  return { type, identifier, purpose, document };
}

/** All of a list of 1 to 5, or `undefined`. Digests for remote signing come alone: they fill a page, and a token. */
export function authorizationDetails(value: unknown): readonly AuthorizationDetail[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxDetails) return undefined;
  const details = value.map(authorizationDetail).filter((detail) => detail !== undefined);
  if (details.length !== value.length) return undefined;
  return details.length > 1 && details.some(({ type }) => isCredentialType(type)) ? undefined : details;
}

// What an application may call with authorization details: the one thing that the person agreed to, and nothing beside it; RFC 9396 section 8.

import type { AuthorizationDetail } from '../kernel/authorization-details.ts';
import { TrustError } from '../kernel/errors.ts';
import type { Principal } from '../kernel/principal.ts';
import { textAt, asObject } from '../kernel/words/members.ts';

export interface DetailedCall {
  /** Name in the contract. */
  readonly operation: string;
  readonly params: unknown;
  readonly json: unknown;
}

/** Throws `scope-missing`. Callers without details are judged by their scopes alone. */
export function requireWithinDetails({ authorizationDetails }: Principal, call: DetailedCall): void {
  if (authorizationDetails === undefined || authorizationDetails.some((detail) => isWithin(detail, call))) return;
  throw new TrustError('scope-missing', 'the person allowed something else: see authorization_details');
}

/** A stamped document is for those who were allowed to use its seal. Throws `scope-missing`. */
export function requireSealInDetails({ authorizationDetails }: Principal, sealId: string): void {
  if (authorizationDetails?.some((one) => one.type === 'seal_use' && one.identifier === sealId) === false)
    throw new TrustError('scope-missing', 'the person allowed another seal: see authorization_details');
}

function isWithin(detail: AuthorizationDetail, { operation, params, json }: DetailedCall): boolean {
  if (detail.type !== 'seal_use' && detail.type !== 'licence_show') {
    // Which digests, and each once, is the count's to say (src/seal/remote).
    const signs = operation === 'cscSignHash' || operation === 'cscCredentialInfo';
    return signs && textAt(asObject(json), 'credentialID') === detail.credentialID;
  }
  if (detail.type === 'licence_show') {
    const shows = operation === 'getLicence' || operation === 'getLicenceQr';
    return shows && textAt(asObject(params), 'licenceId') === detail.identifier;
  }
  // What was prepared or stamped names its seal: the handler asks.
  if (['uploadDocument', 'getStampedDocument', 'signDigestStamping', 'getDigestStamping'].includes(operation))
    return true;
  const order = asObject(json);
  return (
    // Nobody here can tell which document a digest is of: one who agreed to a document agreed to no digest.
    (operation === 'createStamping' || (operation === 'createDigestStamping' && detail.document === undefined)) &&
    textAt(order, 'sealId') === detail.identifier &&
    textAt(order, 'purpose') === detail.purpose &&
    (detail.document === undefined || textAt(order, 'documentId') === detail.document)
  );
}

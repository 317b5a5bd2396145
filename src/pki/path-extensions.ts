// The certificate extensions that only path validation reads: names, policies and where the status is to be found; RFC 5280, 4.2.1.

import { readDer } from '../codec/der.ts';
import { expectTag, tags } from '../codec/der-value.ts';
import { extensionOids } from '../codec/oids.ts';
import type { DistributionPoint } from './distribution-point.ts';
import { readDistributionPoints } from './distribution-point.ts';
import type { GeneralName } from './general-name.ts';
import { readGeneralNames } from './general-name.ts';
import type { NameConstraints } from './name-constraints.ts';
import { readNameConstraints } from './name-constraints.ts';
import type { PolicyConstraints, PolicyMapping } from './policy.ts';
import { readCertificatePolicies, readInhibitAnyPolicy, readPolicyConstraints, readPolicyMappings } from './policy.ts';

export interface PathExtensions {
  readonly subjectAltNames?: readonly GeneralName[];
  readonly nameConstraints?: NameConstraints;
  /** Object identifiers; absent when the extension is. */
  readonly certificatePolicies?: ReadonlySet<string>;
  readonly policyMappings?: readonly PolicyMapping[];
  readonly policyConstraints?: PolicyConstraints;
  /** Certificates, self-issued ones not counted, below which anyPolicy is no match. */
  readonly inhibitAnyPolicy?: number;
  readonly crlDistributionPoints?: readonly DistributionPoint[];
}

/** The values of one extension; `undefined` when it is none of these, or cannot be processed as it must be. Throws `malformed-der`. */
export function readPathExtension(oid: string, critical: boolean, value: Uint8Array): PathExtensions | undefined {
  switch (oid) {
    case extensionOids.subjectAltName:
      return { subjectAltNames: readGeneralNames(expectTag(readDer(value), tags.sequence, 'SubjectAltName')) };
    case extensionOids.issuerAltName: // 4.2.1.7: recognised; not part of path validation
      return {};
    case extensionOids.nameConstraints:
      return { nameConstraints: readNameConstraints(readDer(value)) };
    case extensionOids.certificatePolicies: {
      const { policies, qualifiersKnown } = readCertificatePolicies(readDer(value));
      // 4.2.1.4: critical means that its qualifiers, too, must be understood.
      return critical && !qualifiersKnown ? undefined : { certificatePolicies: policies };
    }
    case extensionOids.policyMappings:
      return { policyMappings: readPolicyMappings(readDer(value)) };
    case extensionOids.policyConstraints:
      return { policyConstraints: readPolicyConstraints(readDer(value)) };
    case extensionOids.inhibitAnyPolicy:
      return { inhibitAnyPolicy: readInhibitAnyPolicy(readDer(value)) };
    case extensionOids.crlDistributionPoints:
      return { crlDistributionPoints: readDistributionPoints(readDer(value)) };
    case extensionOids.freshestCrl: // every delta CRL at hand is used, wherever it came from
      readDistributionPoints(readDer(value));
      return {};
    default:
      return undefined;
  }
}

// What can be said about a person under the trust framework of real-name levels (实名): OpenID Identity Assurance schema (verified_claims), section 5.

import { parseResidentId } from '../../kernel/chinese-identifiers.ts';
import type { Person } from '../accounts/accounts.ts';
import type { HeldEvidence } from './evidence.ts';
import type { EvidenceMethod } from './evidence-rules.ts';
import type { VerifiedFacts } from './verified-claims.ts';

/** Ours: the levels of docs/levels.md. */
export const trustFramework = 'x_cn_realname';

/** The person's own word verifies nothing. */
const leastVerifiedLevel = 3;

export const verifiableClaims = ['name', 'birthdate', 'gender', 'nationalities', 'x_resident_id'] as const;

type Evidence = VerifiedFacts['verification'][string];

/** How each method stands in `evidence`; methods that are not here raise the level and are no evidence for strangers. */
const records: Partial<
  Readonly<Record<EvidenceMethod, { readonly record: string; readonly checks: readonly string[] }>>
> = {
  'population-register': { record: 'x_resident_register', checks: ['data'] },
  'platform-register': { record: 'x_platform_account', checks: ['data'] },
  'bank-card': { record: 'bank_account', checks: ['data'] },
  face: { record: 'x_resident_photo', checks: ['bvr'] },
  'network-id': { record: 'x_network_id', checks: ['data', 'bvr'] },
  'platform-person': { record: 'x_platform_account', checks: ['data', 'bvr'] },
};

const documentChecks = ['vpip', 'pvp'] as const;

/** Discovery, section 8: exactly what answers are made of. */
export const assuranceMetadata = {
  verified_claims_supported: true,
  trust_frameworks_supported: [trustFramework],
  evidence_supported: ['document', 'electronic_record'],
  documents_supported: ['idcard'],
  documents_check_methods_supported: [...documentChecks],
  electronic_records_supported: [...new Set(Object.values(records).map(({ record }) => record))],
  claims_in_verified_claims_supported: [...verifiableClaims],
};

/** `undefined`: nothing is verified. `held` is the evidence that counts now, highest level first. */
export function verifiedFacts(person: Person, held: readonly HeldEvidence[]): VerifiedFacts | undefined {
  const proven = held.filter(({ level }) => level >= leastVerifiedLevel);
  const [best] = proven;
  const resident = parseResidentId(person.idNumber);
  if (best === undefined || resident === undefined) return undefined;
  const evidence = proven.map(evidenceOf).filter((piece) => piece !== undefined);
  return {
    verification: {
      trust_framework: trustFramework,
      assurance_level: String(best.level),
      time: utcMinute(best.establishedAt),
      ...(evidence.length === 0 ? {} : { evidence }),
    },
    claims: {
      name: person.name,
      birthdate: resident.birthdate,
      gender: resident.sex,
      // Resident identity numbers are given to nationals.
      nationalities: ['CHN'],
      x_resident_id: resident.number,
    },
  };
}

function evidenceOf({ method, source, reference, establishedAt }: HeldEvidence): Evidence | undefined {
  const time = utcMinute(establishedAt);
  const check = (checkMethod: string): Evidence => ({
    check_method: checkMethod,
    organization: source,
    ...(reference === undefined ? {} : { txn: reference }),
    time,
  });
  if (method === 'in-person')
    return { type: 'document', check_details: documentChecks.map(check), document_details: { type: 'idcard' }, time };
  const known = method === undefined ? undefined : records[method];
  if (known === undefined) return undefined;
  return {
    type: 'electronic_record',
    check_details: known.checks.map(check),
    record: { type: known.record, source: { name: source } },
    time,
  };
}

/** ISO 8601 in UTC, without what would tell where a person was. */
function utcMinute(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}

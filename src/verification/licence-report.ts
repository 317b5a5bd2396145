// The report on a licence code, in the shape of POST /api/v1/licence-verifications.

import { isoDay } from '../credential/calendar-day.ts';
import type { RegisteredStatus } from '../licence/licence-store.ts';
import type { El1Claims } from '../credential/el1-claims.ts';
import type { TrustedIssuerKey, TrustedLicenceType } from '../credential/el1-verify.ts';
import type { Id } from '../kernel/ids.ts';
import type { Finding, Verdict } from '../kernel/report.ts';

export type LicenceStatusValue = 'active' | 'suspended' | 'revoked' | 'expired' | 'not-yet-valid' | 'unknown';

export interface VerifiedLicence {
  readonly identifier: string;
  readonly typeName: { readonly zh: string; readonly en: string };
  readonly issuerName: string;
  /** As the code has it: masked where the type demands it. */
  readonly holderName: string | null;
  readonly holderNumberTail: string | null;
  /** Calendar days in China; the last one counts. */
  readonly validFrom: string;
  readonly validUntil: string | null;
  readonly version: number;
}

export interface LicenceReport extends Verdict {
  readonly verificationId: Id<'verification'>;
  readonly form: 'EL1' | null;
  /** Only of a good licence: a bad report shows nobody's data. */
  readonly licence: VerifiedLicence | null;
  readonly status: {
    readonly value: LicenceStatusValue;
    readonly checkedAt: Date;
    /** Age of the status data; 0 because the register itself was asked. */
    readonly ageSeconds: number;
  };
  readonly findings: readonly Finding[];
  readonly receipt: { readonly entryId: Id<'entry'>; readonly auditIndex: number | null };
}

/** What was found out about a code, before it is numbered and recorded. */
export interface LicenceJudgement {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly status: LicenceStatusValue;
  readonly licence?: VerifiedLicence;
  /** The licence of the register that an authentic code is of. */
  readonly registered?: RegisteredStatus;
  /** Of an authentic code. */
  readonly typeCode?: string;
}

export function verifiedLicence(
  claims: El1Claims,
  { key, type, identifier }: { key: TrustedIssuerKey; type: TrustedLicenceType; identifier: string },
): VerifiedLicence {
  return {
    identifier,
    typeName: type.name,
    issuerName: key.issuerName,
    holderName: claims.holderName ?? null,
    holderNumberTail: claims.holderNumberTail ?? null,
    validFrom: isoDay(claims.validFromDay),
    validUntil: claims.validUntilDay === undefined ? null : isoDay(claims.validUntilDay),
    version: claims.version,
  };
}

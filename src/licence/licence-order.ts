// What an issuing system asks for, checked as a whole before anything is written: type, holder, claims and days of validity.

import { dayInChina, dayNumber } from '../credential/calendar-day.ts';
import { TrustError } from '../kernel/errors.ts';
import { type ClaimFault, claimFaults, type Claims } from './claim-schema.ts';
import { checkedHolder, type Holder } from './holder.ts';
import type { LicenceType } from './licence-type.ts';

export interface LicenceOrder {
  readonly typeCode: string;
  readonly holder: Holder;
  readonly claims: Claims;
  /** Calendar days in China, `YYYY-MM-DD`; the last one counts. */
  readonly validFrom: string;
  /** Absent or null: without end. */
  readonly validUntil?: string | null | undefined;
}

export interface CheckedOrder {
  readonly type: LicenceType;
  readonly holder: Holder;
  readonly claims: Claims;
  readonly validFrom: string;
  readonly validUntil: string | null;
}

/** Throws holder-identifier-invalid, licence-claims-invalid (details.faults: a JSON Pointer and a reason each). */
export function checkedOrder(order: LicenceOrder, type: LicenceType, now: Date): CheckedOrder {
  const holder = checkedHolder(order.holder, type.holderKind);
  const faults = [...claimFaults(order.claims, type.claims, '/claims'), ...validityFaults(order, now)];
  if (faults.length > 0) {
    throw new TrustError('licence-claims-invalid', 'the claims do not fit the licence type', { details: { faults } });
  }
  const { claims, validFrom, validUntil = null } = order;
  return { type, holder, claims, validFrom, validUntil };
}

function validityFaults({ validFrom, validUntil = null }: LicenceOrder, now: Date): ClaimFault[] {
  const from = dayNumber(validFrom);
  const until = validUntil === null ? undefined : dayNumber(validUntil);
  const faults: ClaimFault[] = [];
  if (from === undefined || from < 0) faults.push({ pointer: '/validFrom', reason: 'not-a-day' });
  if (validUntil === null) return faults;
  if (until === undefined) faults.push({ pointer: '/validUntil', reason: 'not-a-day' });
  // A licence that was over before it was issued could never be shown.
  else if (until < (from ?? 0) || until < dayInChina(now)) faults.push({ pointer: '/validUntil', reason: 'too-early' });
  return faults;
}

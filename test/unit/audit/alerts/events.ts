// Entries as the alert rules see them, for tests: a leaf a call, at a moment given in seconds.

import type { AlertEvent } from '../../../../src/audit/alerts/alert-event.ts';
import { moment } from '../../../../src/kernel/clock.ts';

/** Tuesday 3 February 2026, 10:00 in China. */
export const tuesdayMorning = moment('2026-02-03T02:00:00Z');

export function eventAt(seconds: number, index: number, given: Partial<AlertEvent> = {}): AlertEvent {
  return {
    index,
    at: moment(tuesdayMorning.getTime() + seconds * 1000),
    action: 'sign-in',
    outcome: 'failed',
    clientId: undefined,
    actor: undefined,
    subject: 'account-tag',
    network: undefined,
    organisationId: undefined,
    object: undefined,
    objectId: undefined,
    code: 'credentials-wrong',
    facts: {},
    ...given,
  };
}

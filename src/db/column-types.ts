// How PostgreSQL column values become JavaScript values: exact or refused, never rounded and never moved between time zones.

import { TypeOverrides } from 'pg';

const oids = { int8: 20, date: 1082, int8Array: 1016 } as const;

/** int8 as a number; beyond 2^53 a number would silently be another number, so it is refused. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('int8 beyond 2^53 cannot be represented');
  return value;
}

function parseInt8Array(text: string): number[] {
  const body = text.slice(1, -1);
  return body === '' ? [] : body.split(',').map(parseInt8);
}

/** A calendar day stays text (YYYY-MM-DD): as a Date it would be midnight in the zone of whoever reads it. */
function keepText(text: string): string {
  return text;
}

/** bytea → Buffer, timestamptz → Date, uuid → lower-case text, numeric → text come from the driver's own table. */
export function columnTypes(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(oids.int8, parseInt8);
  types.setTypeParser(oids.int8Array, parseInt8Array);
  types.setTypeParser(oids.date, keepText);
  return types;
}

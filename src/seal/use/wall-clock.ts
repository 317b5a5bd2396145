// What the clock on the wall of a seal's office says: weekday, minute and calendar day in a time zone of the IANA database.

export interface WallTime {
  /** 1 is Monday, 7 Sunday (ISO 8601). */
  readonly weekday: number;
  /** Minutes since midnight. */
  readonly minute: number;
  /** `2026-11-22`. */
  readonly day: string;
  /** `2026-11`. */
  readonly month: string;
}

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const minutesOfHour = 60;

/** Throws RangeError for a zone that is none; `isTimeZone` asks before. */
export function wallTime(at: Date, timeZone: string): WallTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? '';
  const month = `${part('year')}-${part('month')}`;
  return {
    weekday: weekdays.indexOf(part('weekday')) + 1,
    minute: Number(part('hour')) * minutesOfHour + Number(part('minute')),
    day: `${month}-${part('day')}`,
    month,
  };
}

export function isTimeZone(name: string): boolean {
  // `Intl` also takes offsets and old names of countries; a policy names a place.
  return name === 'UTC' || zones.has(name);
}

const zones: ReadonlySet<string> = new Set(Intl.supportedValuesOf('timeZone'));
/** Making one costs more than using it a thousand times; there are as many as there are zones. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}

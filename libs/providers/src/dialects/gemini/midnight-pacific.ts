const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Behind UTC, in winter and in summer. The clocks change at two, so a midnight is never twice or missing. */
const OFFSET_HOURS = [8, 7];

const PACIFIC = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
});

function pacificAt(atMs: number): { readonly year: number; month: number; day: number; hour: number } {
  const parts = new Map(PACIFIC.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const [year = 0, month = 0, day = 0, hour = 0] = (['year', 'month', 'day', 'hour'] as const).map((type) =>
    parts.get(type),
  );
  return { year, month, day, hour };
}

/** From now to the next midnight in California, when Google's daily quotas begin anew; at most a day, rounded up. */
export function untilMidnightPacificMs(nowMs: number): number {
  const { year, month, day } = pacificAt(nowMs);
  const midnightMs = OFFSET_HOURS.map((hours) => Date.UTC(year, month - 1, day + 1, hours)).find(
    (atMs) => pacificAt(atMs).hour === 0,
  );
  return Math.min(Math.ceil((midnightMs ?? nowMs + DAY_MS) - nowMs), DAY_MS);
}

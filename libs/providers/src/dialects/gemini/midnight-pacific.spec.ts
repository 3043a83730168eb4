import { untilMidnightPacificMs } from './midnight-pacific';

const HOUR_MS = 3_600_000;
const hoursFrom = (moment: string): number => untilMidnightPacificMs(Date.parse(moment)) / HOUR_MS;

describe('the time to midnight in California', () => {
  it.each([
    ['in winter', '2026-11-21T12:00:00Z', 20],
    ['in summer', '2026-07-01T12:00:00Z', 19],
    ['an hour before', '2026-12-31T07:00:00Z', 1],
    ['over the end of the year', '2027-01-01T07:30:00Z', 0.5],
    ['over the end of a leap February', '2028-02-29T20:00:00Z', 12],
    ['on the day of 23 hours', '2026-03-08T08:00:00Z', 23],
    ['in the hour that is missing', '2026-03-08T10:00:00Z', 21],
    ['on the evening before the change', '2026-11-01T06:00:00Z', 1],
    ['in the hour that comes twice', '2026-11-01T09:30:00Z', 22.5],
  ])('%s', (_, moment, hours) => {
    expect(hoursFrom(moment)).toBe(hours);
  });

  it('is at most a day, on the day of 25 hours too, and a whole day at midnight', () => {
    expect(hoursFrom('2026-11-01T07:00:00Z')).toBe(24);
    expect(hoursFrom('2026-06-01T07:00:00Z')).toBe(24);
  });

  it('is never over before the day is', () => {
    expect(untilMidnightPacificMs(Date.parse('2026-11-21T07:59:59.999Z'))).toBe(1);
  });
});

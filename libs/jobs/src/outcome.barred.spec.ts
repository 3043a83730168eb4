import { Target } from '@longhaul/contract';
import { decideBarred } from './outcome';

const target = (provider: string): Target => ({
  ...{ provider, model: 'm', contextWindow: 100_000 },
  ...{ maxOutputTokens: 8000, minOutputTokens: null, price: null },
});

describe('decideBarred', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const bar = (seconds: number | null) => ({
    until: seconds === null ? null : at(seconds),
    code: 'quota_exhausted',
  });
  const barred = (
    bars: (ReturnType<typeof bar> | null)[],
    deadlineSeconds = 3600,
    { position = 0, closed = [] as number[] } = {},
  ) =>
    decideBarred({
      chain: [target('one'), target('two'), target('three')],
      position,
      bars,
      closed: new Set(closed),
      now,
      deadlineAt: at(deadlineSeconds),
    });

  it('goes to no rung that a rule refuses by now', () => {
    expect(barred([bar(61), null, null], 3600, { closed: [1] })).toEqual({ next: 'reroute', position: 2 });
    expect(barred([bar(600), bar(90), null], 3600, { closed: [1, 2] })).toEqual({
      next: 'hold',
      position: 0,
      readyAt: at(600),
    });
  });

  it('waits out a bar of up to a minute, though another rung is free', () => {
    expect(barred([bar(60), null, null])).toEqual({ next: 'hold', position: 0, readyAt: at(60) });
  });

  it('waits out no bar that ends after the deadline', () => {
    expect(barred([bar(30), null, null], 20)).toEqual({ next: 'reroute', position: 1 });
    expect(barred([bar(30), bar(10), null], 20)).toEqual({ next: 'reroute', position: 2 });
  });

  it('goes to the next free rung when the bar is longer', () => {
    expect(barred([bar(61), bar(500), null])).toEqual({ next: 'reroute', position: 2 });
  });

  it('never goes back to an earlier rung', () => {
    expect(barred([null, bar(100), bar(90)], 3600, { position: 1 })).toEqual({
      next: 'hold',
      position: 2,
      readyAt: at(90),
    });
  });

  it('waits for the earliest end under the deadline when every rung is barred', () => {
    expect(barred([bar(500), bar(300), bar(null)])).toEqual({ next: 'hold', position: 1, readyAt: at(300) });
  });

  it('stays for a provider that is off, and ends with the code of the bar when nothing can come in time', () => {
    expect(barred([bar(null), bar(9000), bar(9000)])).toEqual({ next: 'stay' });
    expect(barred([bar(9000), bar(9000), bar(9000)])).toMatchObject({
      next: 'fail',
      error: { code: 'quota_exhausted' },
    });
  });

  it('is ready at once when the bar has gone meanwhile', () => {
    expect(barred([null, null, null])).toEqual({ next: 'hold', position: 0, readyAt: now });
  });
});

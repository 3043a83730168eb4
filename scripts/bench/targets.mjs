/** What the figures of one back end must show: `{ what, wanted, got, holds }`; `holds` is null without a figure. */
export function targetsOf(backEnd, { floor, longhaul }) {
  const of = (side, name) => side[name]?.median ?? null;
  const own = (name) => of(longhaul, name);
  const ratio = (one, other) => (one === null || other === null ? null : one / other);
  const atLeast = (what, least, got) => ({
    what,
    wanted: `≥ ${least}`,
    got,
    holds: got === null ? null : got >= least,
  });
  const atMost = (what, most, got) => ({
    what,
    wanted: `≤ ${most}`,
    got,
    holds: got === null ? null : got <= most,
  });
  const whole = atLeast(
    'end to end, share of the floor',
    0.6,
    ratio(own('jobsPerSecond'), of(floor, 'jobsPerSecond')),
  );
  return [
    backEnd === 'redis' ? whole : { ...whole, wanted: 'no target', holds: null },
    atLeast('polls for each accept', 3, ratio(own('pollsPerSecond'), own('acceptsPerSecond'))),
    atMost('submit p99 at half the accept rate, ms', 50, own('submitP99Ms')),
    atMost('submit p99 at half the end-to-end rate, ms', 50, own('busySubmitP99Ms')),
    atMost('pick-up p50, ms', 15, own('pickUpP50Ms')),
    atMost('idle worker, MB', 150, own('idleWorkerMb')),
  ];
}

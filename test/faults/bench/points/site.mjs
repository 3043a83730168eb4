/** The small site of the visits: the lane of `openai` has limits, so that its claims are reserved; a drain has no time. */
export const POINTS_SITE = {
  apis: 1,
  env: {
    DRAIN_SECS: '0',
    // Lanes stand still here on purpose.
    WATCHDOG_SECS: '0',
    OPENAI_REQUESTS_PER_MINUTE: '100000',
    OPENAI_TOKENS_PER_MINUTE: '1000000000',
  },
};

/** What a run of visits has in place of flags. Bounds of time are for the other runs. */
export const pointsOptions = ({ lease = '2' }) => ({
  ...{ points: true, processes: 2, jobs: 20, lenient: true, leaseMs: 1_000 * Number(lease) },
});

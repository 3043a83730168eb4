const OUTAGES = /^postgres-(?:kill|stop|freeze|and-worker|later-for-one)$/;

/**
 * What a run puts Longhaul through. `cards(kind)`: how often a kind lies in the deck; `inFlight`: about how many calls are
 * wanted at once; `poison`: jobs that kill their workers; without `hasSnags` the upstream answers well. `judges` names the
 * bounds of time that only mean something where nothing else goes wrong.
 */
export const PROFILES = {
  mixed: {
    what: 'everything at once (the default)',
    cards: ({ cards }) => cards,
    judges: [],
    ...{ poison: 2, inFlight: 24 },
  },
  redis: {
    what: 'Redis alone: FLUSHALL, away, frozen, empty, restored from an old file, cut off',
    cards: ({ hits, name, cards }) => (hits !== 'redis' ? 0 : name === 'redis-flush' ? 8 : cards),
    judges: ['dispatch-resume'],
    // So that tickets wait that can be lost.
    ...{ poison: 0, inFlight: 40 },
  },
  postgres: {
    what: 'PostgreSQL alone: killed, stopped, frozen, its connections cut at a commit; workers that die meanwhile',
    cards: ({ hits, name, cards }) => (hits !== 'postgres' ? 0 : OUTAGES.test(name) ? 2 * cards : cards),
    judges: ['takeover'],
    ...{ poison: 0, inFlight: 34 },
  },
  workers: {
    what: 'workers alone: killed or frozen, all of them with an event loop that stalls for 200 ms',
    cards: ({ hits, cards }) => (hits === 'worker' ? cards : 0),
    judges: ['takeover'],
    // What keeps a job waiting whoever lost it: a target that cools, a full cap, poison that has killed every worker.
    ...{ poison: 0, inFlight: 12, hasSnags: false },
    stallMs: 200,
  },
  api: {
    what: 'the API alone: killed, frozen or cut off from PostgreSQL, while callers submit, read and cancel',
    cards: ({ hits, cards }) => (hits === 'api' ? cards : 0),
    judges: [],
    ...{ poison: 0, inFlight: 24 },
  },
};

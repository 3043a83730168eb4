import { CAP, LARGEST_CAP, NumberOption, SECONDS, SOME_SECONDS } from './option';
import { NumberRange } from './table-reader';

type Row = Omit<NumberOption, 'section' | 'file' | 'unit'>;

const clock = <const Fields extends Row>(fields: Fields) =>
  ({ section: 'Clocks', file: 'longhaul.toml', unit: 's', ...fields }) as const;
const limit = <const Fields extends Row>(fields: Fields) =>
  ({ section: 'Limits', file: 'longhaul.toml', unit: '', ...fields }) as const;
const choice = <const Fields extends Row>(fields: Fields) =>
  ({ section: 'Choice of models', file: 'policy.toml', unit: '', live: true, ...fields }) as const;
const tier = <const Fields extends Row>(fields: Fields) =>
  ({ section: 'Tiers', file: 'policy.toml', unit: '', live: true, ...fields }) as const;
const port = <const Fields extends Row>(fields: Fields) =>
  ({ section: 'Server', file: 'longhaul.toml', unit: '', ...fields }) as const;

/** Node's `fetch`, and with it most clients, gives up after 300 s without an answer's head. */
const LONGEST_CHAT_WAIT_S = 280;

const SCORE: NumberRange = { min: 0, max: 10 };
const SHARE: NumberRange = { min: 0, max: 1 };
/** Above it nano-dollars are no longer exact in a number. */
const DEAREST_USD = 1_000_000;

const count = (min: number, max: number): NumberRange => ({ min, max, whole: true });

/** A hundred years are as good as for ever. */
const DAYS: NumberRange = { min: 0, max: 36_500 };

/** Every number that is not a provider's: the loader reads by this list, docs/configuration.md is printed from it. */
export const NUMBER_OPTIONS = {
  PORT: port({ builtIn: 3000, range: count(0, 65_535), meaning: 'Port of the API; 0 = a free one.' }),
  WORKER_PORT: port({
    builtIn: 0,
    range: count(0, 65_535),
    meaning: "Port of a worker's health; 0 = a free one, which is logged.",
  }),
  BODY_LIMIT_MB: {
    ...port({ builtIn: 10, range: { min: 0, max: 1024, above: true }, meaning: 'Largest request body.' }),
    unit: 'MB',
  },

  TIMEOUT_SECS: clock({
    builtIn: 600,
    range: SOME_SECONDS,
    meaning: 'Total clock of one upstream call, for providers that do not set their own.',
  }),
  CONNECT_TIMEOUT_SECS: clock({
    builtIn: 10,
    range: SOME_SECONDS,
    meaning: 'Time to reach an upstream, for all providers.',
  }),
  FIRST_TOKEN_TIMEOUT_SECS: clock({
    builtIn: 120,
    range: SOME_SECONDS,
    meaning: 'Time to the first token, for providers that do not set their own. Reasoning counts as a token.',
  }),
  IDLE_TIMEOUT_SECS: clock({
    builtIn: 120,
    range: SOME_SECONDS,
    meaning: 'Longest silence between two tokens, for providers that do not set their own.',
  }),
  CHAT_DEADLINE_SECS: clock({
    builtIn: 3600,
    range: SOME_SECONDS,
    meaning: 'A chat ends by then, retries and fallbacks included, when it states no `deadline_s`.',
  }),
  AUDIT_DEADLINE_SECS: clock({
    builtIn: 7200,
    range: SOME_SECONDS,
    meaning: 'The same for an audit.',
  }),
  CHAT_WAIT_SECS: clock({
    builtIn: 280,
    range: { ...SOME_SECONDS, max: LONGEST_CHAT_WAIT_S },
    meaning: 'How long `POST /v1/chat` waits for the answer before it says where to look for it.',
  }),
  LEASE_SECS: clock({
    builtIn: 10,
    range: SOME_SECONDS,
    meaning: 'How long a worker holds a job and its slots without renewing; renewed at every quarter.',
  }),
  RECONCILE_SECS: clock({
    builtIn: 2,
    range: SOME_SECONDS,
    meaning: 'How often each process looks for jobs whose bell was lost and for dead leases.',
  }),
  RERING_SECS: clock({
    builtIn: null,
    otherwise: 'as LEASE_SECS',
    range: SOME_SECONDS,
    meaning: 'A job that nobody claimed this long after its bell is rung again.',
  }),
  LANE_HOLD_MS: {
    ...clock({
      builtIn: 500,
      range: { min: 0, max: 3_600_000, above: true },
      meaning: 'How long a lane pauses after a claim found no free slot.',
    }),
    unit: 'ms',
  },
  RATE_WINDOW_SECS: clock({
    builtIn: 60,
    range: SOME_SECONDS,
    meaning: 'What `per minute` means in the limits of providers. Shorter only to try limits out.',
  }),
  RETRY_BACKOFF_SECS: clock({
    builtIn: 1,
    range: SECONDS,
    aliases: ['RESILIENT_BACKOFF_SECS'],
    meaning: 'Upper end of the random wait before the first repeat on the same target; it doubles.',
  }),
  PRIORITY_AGEING_SECS: clock({
    builtIn: 60,
    range: SECONDS,
    meaning:
      'A waiting job goes before one of the next higher priority that became ready so much later; 0 = priorities are strict, and a low one may never start.',
  }),
  DRAIN_SECS: clock({
    builtIn: 620,
    range: SECONDS,
    meaning:
      'How long a stopping worker lets its calls finish. Keep the stop timeout of systemd or compose longer.',
  }),
  WATCHDOG_SECS: clock({
    builtIn: null,
    otherwise: 'three times LEASE_SECS',
    range: SECONDS,
    meaning:
      'A lane with work and free slots that starts nothing for so long gets a new queue worker; after as long again the worker process ends with code 1. 0 = never.',
  }),
  STUCK_SECS: clock({
    builtIn: 60,
    range: SECONDS,
    meaning:
      'A lane with work and free slots that starts nothing for so long makes `/readyz` red of a worker that serves it, and `degraded` elsewhere. 0 = never.',
  }),

  MAX_INFLIGHT_TOTAL: limit({
    builtIn: 48,
    range: CAP,
    live: true,
    meaning: 'Upstream calls in flight over all providers and processes; 0 = none start.',
  }),
  LANE_DEPTH: limit({
    builtIn: null,
    otherwise: "the lane's cap",
    range: count(1, LARGEST_CAP),
    meaning: 'Unclaimed tickets kept in a lane; the rest waits in PostgreSQL, in order.',
  }),
  RETRY_ATTEMPTS: limit({
    builtIn: 1,
    range: count(0, 10),
    aliases: ['RESILIENT_RETRIES'],
    meaning: 'Repeats on the same target after a failure that may pass.',
  }),
  MAX_RUNGS: limit({
    builtIn: 4,
    range: count(1, 9),
    meaning: 'Targets that one job may try.',
  }),
  MAX_CALLS_PER_JOB: limit({
    builtIn: 8,
    range: count(1, 100),
    meaning: 'Upstream calls that one job may make in all.',
  }),

  JOB_RETENTION_DAYS: {
    ...limit({
      builtIn: 30,
      range: DAYS,
      meaning:
        'How long a job that has ended is kept when it states no `ttl_s`; then it is purged, and whoever asks gets 410. 0 = for ever.',
    }),
    unit: 'days',
  },
  TOMBSTONE_RETENTION_DAYS: {
    ...limit({
      builtIn: 365,
      range: DAYS,
      meaning:
        'How long a deleted or purged job answers 410, and is a cursor of lists; after it 404. 0 = for ever.',
    }),
    unit: 'days',
  },

  MAX_COST_PER_REQUEST: {
    ...choice({
      builtIn: null,
      otherwise: 'none',
      range: { min: 0, max: DEAREST_USD },
      meaning: 'No model is chosen whose estimate for one call is above it, or unknown.',
    }),
    unit: 'USD',
  },
  EXPENSIVE_FALLBACK_FACTOR: choice({
    builtIn: 3,
    range: { min: 1, max: 1000 },
    meaning: 'A fallback that costs more than this many times the first target counts as expensive.',
  }),

  HEALTH_MIN_SAMPLES: choice({
    builtIn: 20,
    range: count(1, 1_000_000),
    meaning: 'After fewer calls of a model their success says nothing against it.',
  }),
  HEALTH_MIN_SUCCESS: choice({
    builtIn: 0.5,
    range: { min: 0, max: 1 },
    meaning:
      'A model whose latest calls went well less often is passed over while another is left; 0 = never.',
  }),
  HEALTH_HALF_LIFE_SECS: {
    ...choice({
      builtIn: 300,
      range: SOME_SECONDS,
      meaning:
        'A failed call counts half as much after it, so that a model that nobody calls is tried again.',
    }),
    unit: 's',
  },

  TIER_FAST_BELOW: tier({ builtIn: 3, range: SCORE, meaning: 'Scores below it are `fast`.' }),
  TIER_BALANCED_BELOW: tier({
    builtIn: 6.5,
    range: SCORE,
    meaning:
      'Scores below it that are not fast are `balanced`, the rest is `powerful`. Above TIER_FAST_BELOW.',
  }),
  TIER_AGENT_WEIGHT: tier({
    builtIn: 0.6,
    range: SHARE,
    meaning: "The share of the agent's scores in a score; with TIER_STEP_WEIGHT it sums to 1.",
  }),
  TIER_STEP_WEIGHT: tier({
    builtIn: 0.4,
    range: SHARE,
    meaning: "The share of the step's complexity in a score.",
  }),
} as const satisfies Record<string, NumberOption>;

export type NumberName = keyof typeof NUMBER_OPTIONS;

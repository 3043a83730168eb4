import { counter, gauge, Instrument, spans } from './instrument';

const WAIT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600];
const CALL_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 180, 300, 600];
const SETTLE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];
const HTTP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300];

/** Everything that Longhaul measures. The registry and docs/metrics.md are both made from this array. */
export const INSTRUMENTS = [
  counter(
    'longhaul_jobs_accepted_total',
    ['type', 'provider'],
    'Jobs that this process accepted, by type and the provider of their first target. Replays are not among them.',
  ),
  counter(
    'longhaul_job_replays_total',
    ['type', 'provider'],
    'Requests that were answered with the job of an earlier one, by their Idempotency-Key.',
  ),
  counter(
    'longhaul_routing_decisions_total',
    ['tier', 'cause'],
    'Accepted jobs by the tier that was chosen for them (none = the caller named a model) and its cause: named, requested, profile, signals or no_signal.',
  ),
  counter(
    'longhaul_routing_degraded_total',
    [],
    'Accepted jobs whose policy failed, so that the built-in one decided.',
  ),
  counter(
    'longhaul_jobs_ended_total',
    ['type', 'status'],
    'Jobs that this process ended, whichever way: completed, incomplete, failed or cancelled.',
  ),
  counter(
    'longhaul_jobs_purged_total',
    [],
    'Ended jobs that this process has purged because their time was over. Jobs that callers deleted are not among them.',
  ),
  counter(
    'longhaul_jobs_put_back_total',
    ['provider', 'why'],
    'Jobs that wait again, by the provider they stood on: retry, hand_over (to the next target), given_back (by a draining worker), hold (the target cools), worker_lost.',
  ),
  counter(
    'longhaul_tickets_rung_total',
    ['lane'],
    'Tickets put into a lane, repeats of lost ones among them.',
  ),
  counter(
    'longhaul_tickets_rung_again_total',
    ['lane'],
    'Tickets that nobody had claimed in time, or that lay in a queue that came back: taken for lost, and put in anew under the same number.',
  ),
  counter(
    'longhaul_feed_failures_total',
    ['lane'],
    'Feeds of a lane that failed: PostgreSQL or the queue was away.',
  ),
  spans(
    'longhaul_queue_wait_seconds',
    { labels: ['lane'], buckets: WAIT_BUCKETS },
    'From the moment a job might run (its acceptance, run_at, or the end of a wait) to its claim, on the clock of PostgreSQL. Jobs that have lost a worker are left out.',
  ),
  counter(
    'longhaul_claims_total',
    ['lane', 'outcome'],
    'Claims asked of PostgreSQL: claimed, stale, full_provider, full_total, full_rate (no room under a limit of the key), barred, probing (another call probes the target), last_chance (the job has lost two workers; asked again by a process that runs no other such job) or error (no answer). For want of a slot it is asked twice.',
  ),
  counter(
    'longhaul_stale_tickets_total',
    ['lane', 'why'],
    'Stale claims by what made the ticket void; nothing was called. unknown (no such job), ended, other_ring (rung anew since), held (claimed already: a doubled ticket), ending (past its deadline), early (put off since) or raced (the job changed that very moment).',
  ),
  counter(
    'longhaul_lease_renewals_total',
    ['outcome'],
    'Leases of running calls: ok (renewed), failed (PostgreSQL did not answer; the call goes on) or gone (another has the job; the call is closed).',
  ),
  counter(
    'longhaul_attempts_total',
    ['provider', 'code'],
    'Attempts that ended, by the code of docs/errors.md, or ok, or abandoned (given back by a draining worker).',
  ),
  spans(
    'longhaul_upstream_call_seconds',
    { labels: ['provider', 'code'], buckets: CALL_BUCKETS },
    'Whole upstream calls, from the request to the last byte, by provider and the code of their attempt.',
  ),
  spans(
    'longhaul_first_token_seconds',
    { labels: ['provider'], buckets: CALL_BUCKETS },
    'From the request to the first token, reasoning included.',
  ),
  counter(
    'longhaul_tokens_total',
    ['provider', 'model', 'bucket'],
    'Tokens that providers reported: fresh_input, cache_read, cache_write and output are disjoint, reasoning is a part of output. A model outside the catalogue is `other`.',
  ),
  counter(
    'longhaul_cost_usd_total',
    ['provider'],
    'What the priced calls cost, in US dollars at the prices of the catalogue.',
  ),
  counter(
    'longhaul_unpriced_calls_total',
    ['provider'],
    'Calls whose cost is not known: no price, no usage, or a worker lost. Their cost is not zero.',
  ),
  spans(
    'longhaul_settle_seconds',
    { labels: [], buckets: SETTLE_BUCKETS },
    'From the end of a claim to its commit, the spool and every wait for PostgreSQL included.',
  ),
  counter(
    'longhaul_progress_beats_total',
    ['outcome'],
    'Statements that showed the progress of running calls: written or failed.',
  ),
  gauge(
    'longhaul_spool_files',
    [],
    'Paid answers on the disk of this host that PostgreSQL does not have yet.',
  ),
  gauge(
    'longhaul_spool_failing',
    [],
    '1 while this process cannot write to the spool: its answers are committed from memory, and a worker that dies meanwhile may cost its calls twice.',
  ),
  counter(
    'longhaul_spool_writes_total',
    ['outcome'],
    'Paid answers that were to be flushed to the disk before their commit: written or failed.',
  ),
  counter(
    'longhaul_spool_set_aside_total',
    ['why'],
    'Files set aside in the spool for people to look at: refused (PostgreSQL would not take the answer), unknown_key or broken (the answer cannot be read, and its call is repeated); closed counts each file, or the folder, that a process cannot read at all and leaves where it is.',
  ),
  gauge(
    'longhaul_config_version',
    [],
    'The version of the overrides that is in force in this process; 0 = none.',
  ),
  gauge('longhaul_database_up', [], '1 when PostgreSQL answered this scrape, else 0.'),
  gauge('longhaul_lane_in_flight', ['lane'], 'Calls of all processes that hold a slot of the lane.'),
  gauge('longhaul_lane_cap', ['lane'], 'The effective in-flight cap of the lane; 0 = off.'),
  gauge('longhaul_lane_waiting', ['lane'], 'Jobs that may run now and are not claimed.'),
  gauge('longhaul_lane_rung', ['lane'], 'Those of them for which a ticket stands in the queue.'),
  gauge('longhaul_lane_scheduled', ['lane'], 'Jobs that may not run yet: run_at, retry or cool-down.'),
  gauge(
    'longhaul_lane_oldest_ready_age_seconds',
    ['lane'],
    'How long the oldest waiting job has been ready; absent when none waits.',
  ),
  gauge(
    'longhaul_lane_stuck_seconds',
    ['lane'],
    'How long the lane has had a job that could start, by all that PostgreSQL knows, and has started none in any process; 0 = it goes on.',
  ),
  gauge(
    'longhaul_lane_newer',
    ['lane'],
    'Ready jobs that wait for a newer worker than this process, among the oldest of the lane.',
  ),
  counter(
    'longhaul_watchdog_total',
    ['lane', 'action'],
    'What the watchdog of this worker did about a lane that it heard nothing of, or whose tickets it did not answer: rebuild (a new queue worker) or give_up (the process ended).',
  ),
  gauge(
    'longhaul_feeder_lag_seconds',
    [],
    'How long ago the lane was fed that was fed least lately, as this process saw it.',
  ),
  gauge(
    'longhaul_queue_up',
    [],
    '1 when the queue store is there and took and gave back the last canary ticket of this process, else 0.',
  ),
  gauge('longhaul_queue_canary_seconds', [], 'How long the last canary that came back was under way.'),
  gauge(
    'longhaul_rate_limit',
    ['lane', 'limit'],
    'What the key of the lane may use: requests_per_minute, tokens_per_minute or tokens_per_day; the lower one of what is configured and what the provider has said lately. Absent where there is no limit.',
  ),
  gauge(
    'longhaul_rate_used',
    ['lane', 'limit'],
    'What of it is taken now: reserved by running calls, used by ended ones. Absent where there is no limit.',
  ),
  counter(
    'longhaul_http_requests_total',
    ['method', 'route', 'status'],
    'Answered requests, by the pattern of the route; what no route takes is `unmatched`.',
  ),
  spans(
    'longhaul_http_request_seconds',
    { labels: ['method', 'route'], buckets: HTTP_BUCKETS },
    'From the request to the end of its answer; waits that the caller asked for are in it.',
  ),
  gauge(
    'longhaul_event_loop_lag_p50_seconds',
    [],
    'Median lag of the event loop since the scrape before this one.',
  ),
  gauge('longhaul_event_loop_lag_p99_seconds', [], 'Its 99th percentile, since the scrape before this one.'),
  gauge('longhaul_event_loop_lag_max_seconds', [], 'Its maximum, since the scrape before this one.'),
  counter('longhaul_process_cpu_seconds_total', [], 'CPU time of this process, user and system.'),
  gauge('longhaul_process_resident_memory_bytes', [], 'Resident memory of this process (RSS).'),
  gauge('longhaul_process_heap_used_bytes', [], 'JavaScript heap in use.'),
  gauge('longhaul_process_start_time_seconds', [], 'When this process started, in Unix seconds.'),
] as const satisfies readonly Instrument[];

type Any = (typeof INSTRUMENTS)[number];

export type CounterName = Extract<Any, { kind: 'counter' }>['name'];
export type GaugeName = Extract<Any, { kind: 'gauge' }>['name'];
export type HistogramName = Extract<Any, { kind: 'histogram' }>['name'];
/** The labels that an instrument asks for, all of them. */
export type LabelsOf<N extends Any['name']> = Readonly<
  Record<Extract<Any, { name: N }>['labels'][number], string>
>;

import { ProviderSettings, Settings } from '@longhaul/settings';

type Read<Held> = readonly [words: string, of: (held: Held) => unknown];

/** What a process opens or winds up once, when it boots. */
const OF_PROCESS: readonly Read<Settings>[] = [
  ['LONGHAUL_DATA_DIR', ({ dataDir }) => dataDir],
  ['DATABASE_URL', ({ databaseUrl }) => databaseUrl],
  ['REDIS_URL', ({ redisUrl }) => redisUrl],
  ['LOG_LEVEL', ({ logLevel }) => logLevel],
  ['WORKER_LANES', ({ workerLanes }) => workerLanes],
  ['the address, the port or the file of the API keys', ({ http }) => http],
  ['a clock', ({ clocks }) => clocks],
  ['LANE_DEPTH', ({ limits }) => limits.laneDepth],
  ['MAX_CALLS_PER_JOB', ({ limits }) => limits.maxCallsPerJob],
  ['BODY_LIMIT_MB', ({ limits }) => limits.bodyLimitBytes],
];

const OF_PROVIDER: readonly Read<ProviderSettings>[] = [
  ['base URL', ({ baseUrl }) => baseUrl],
  ['dialect', ({ dialect }) => dialect],
  ['way of signing in', ({ auth, keyVariables }) => [auth, keyVariables]],
  ['headers of your own', ({ headers }) => headers],
  ['key', ({ key, keySource }) => [key !== null, keySource]],
  ['limits', ({ limits }) => limits],
  ['retries', ({ retryAttempts, retryBackoffMs }) => [retryAttempts, retryBackoffMs]],
  ['clocks', ({ connectMs, firstTokenMs, idleMs, totalMs }) => [connectMs, firstTokenMs, idleMs, totalMs]],
];

/** What files and environment say otherwise than at the boot, and no exchange can change: in sentences. */
export function needsRestart(boot: Settings, now: Settings): string[] {
  const left = boot.providers.filter(({ name }) => !now.providers.some((other) => other.name === name));
  return [
    ...now.providers.flatMap((provider) => providerNeeds(boot, provider)),
    ...left.map(({ name }) => `Provider ${name} was removed: no new job is sent to it, its lane stays open.`),
    ...changed(OF_PROCESS, boot, now).map((words) => `${words} has changed.`),
    ...capNeeds(boot, now),
  ];
}

function providerNeeds(boot: Settings, provider: ProviderSettings): string[] {
  const { name } = provider;
  const opened = boot.providers.find((other) => other.name === name);
  if (opened === undefined) return [`Provider ${name} is new: it has no lane yet, and is off until then.`];
  return changed(OF_PROVIDER, opened, provider).map((words) => `The ${words} of provider ${name} changed.`);
}

/** A cap of the files is written when a process boots; one of an override at once. */
function capNeeds(boot: Settings, now: Settings): string[] {
  const isOverridden = (variable: string): boolean => now.origins[variable] === 'override';
  const lanes = now.providers.flatMap(({ name, maxInflight }) => {
    const opened = boot.providers.find((other) => other.name === name);
    const variable = `MAX_INFLIGHT_${name.toUpperCase()}`;
    const differs = opened !== undefined && opened.maxInflight !== maxInflight && !isOverridden(variable);
    return differs ? [`${variable} has changed.`] : [];
  });
  const differs = boot.limits.maxInflightTotal !== now.limits.maxInflightTotal;
  return differs && !isOverridden('MAX_INFLIGHT_TOTAL')
    ? [...lanes, 'MAX_INFLIGHT_TOTAL has changed.']
    : lanes;
}

const changed = <Held>(reads: readonly Read<Held>[], before: Held, after: Held): string[] =>
  reads.filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after))).map(([words]) => words);

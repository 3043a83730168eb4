/** How long a choice takes, in this process, out of a catalogue larger than anybody's: no database, no HTTP. */
import { requireLibrary } from '../typescript.mjs';

const PROVIDERS = 20;
const MODELS = 500;
const WARM_UP = 300;
const ROUTES = 2_000;
export const ROUTE_TARGET_MS = 1;

const NEED = { type: 'chat', inputTokens: 4_000, outputTokens: 2_000, capabilities: ['tools'] };
/** `auto` looks at every model; a named one ranks them all for its fallbacks; a ceiling prices each besides. */
const QUESTIONS = {
  'route, auto': {},
  'route, a named model': { model: 'p0/m0' },
  'route, auto under a ceiling': { routing: { maxCostUsd: 0.05, profile: 'cost' } },
};

/** Times in milliseconds by question: `{ median, p99 }`. */
export function measureRouting() {
  const { Registry, buildState, defaultPolicy, EVERYTHING_WELL } = requireLibrary('registry');
  const state = buildState(world(), { policy: defaultPolicy, health: EVERYTHING_WELL, version: 0 });
  const registry = new Registry(state);
  return Object.entries(QUESTIONS).map(([name, request]) => {
    const times = timesOf(() => registry.route(NEED, request));
    return { name, median: quantile(times, 0.5), p99: quantile(times, 0.99) };
  });
}

export function routingTable(rows) {
  const line = ({ name, median, p99 }) =>
    `| ${name} | ${median.toFixed(3)} | ${p99.toFixed(3)} | ${median <= ROUTE_TARGET_MS ? 'holds' : 'MISSED'} |`;
  return [
    `| ${MODELS} models, ${PROVIDERS} providers | median, ms | p99, ms | ≤ ${ROUTE_TARGET_MS} ms |`,
    '| --- | ---: | ---: | --- |',
    ...rows.map(line),
  ].join('\n');
}

function timesOf(work) {
  for (let index = 0; index < WARM_UP; index++) work();
  return Array.from({ length: ROUTES }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  }).sort((left, right) => left - right);
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** The shipped settings with made-up rows: every second provider has a key, every third model lacks tools, some are deprecated. */
function world() {
  const { loadSettings, Secret } = requireLibrary('settings');
  const shipped = loadSettings({ env: {}, configDir: 'config' });
  const [block] = shipped.providers;
  const [row] = shipped.models;
  const numbers = (count) => Array.from({ length: count }, (_, index) => index);
  const targets = { fast: ['p0/m0'], balanced: ['p0/m20', 'p2/m2'], powerful: ['p4/m4'] };
  const lists = { providerOrder: [], defaultModels: [], freeModels: [], bareModelProvider: 'p0' };
  return {
    providers: numbers(PROVIDERS).map((index) => ({
      ...block,
      ...{ name: `p${index}`, prefixes: [`p${index}`], auth: 'bearer', keyVariables: [`P${index}_API_KEY`] },
      ...{ key: index % 2 === 0 ? new Secret('sk-bench') : null, explicitOnly: index === PROVIDERS - 1 },
      ...{ defaultModel: null, family: null, fallbackOrder: [], preferredModels: [], allowedModels: null },
    })),
    models: numbers(MODELS).map((index) => modelRow(row, index)),
    policy: { ...shipped.policy, ...lists, tiers: { ...shipped.policy.tiers, targets } },
    limits: shipped.limits,
  };
}

const modelRow = (row, index) => ({
  ...row,
  ...{ id: `m${index}`, provider: `p${index % PROVIDERS}`, aliases: [`a${index}`], rank: index },
  ...{ status: index % 10 === 9 ? 'deprecated' : 'active', group: index % 7 === 0 ? `g${index % 35}` : null },
  ...{ capabilities: index % 3 === 2 ? [] : ['tools'], contextWindow: 8_000 * (1 + (index % 30)) },
  price: {
    ...{ inputPerMTok: 0.1 + (index % 40), outputPerMTok: 1 + (index % 60) },
    ...{ effectiveFrom: '2026-01-01', source: 'bench' },
  },
});

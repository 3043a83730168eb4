import { usdFromNano } from '@longhaul/contract';
import { code, GeneratedPage, loadSettings, markdownPage, markdownTable } from '@longhaul/settings';
import { join } from 'node:path';
import { Explanation } from '../explanation';
import { HealthBoard } from '../health-board';
import { ORDERS } from '../orders';
import { defaultPolicy } from '../policy';
import { Registry } from '../registry';
import { FALLBACK_RULES, RULES } from '../rules';
import { buildState } from '../state';
import { CHAIN, MODEL_STRINGS, POLICY_AND_RELOAD, RULE_MEANINGS, TIERS_SECTION } from './routing-words';
import { WORKED_EXAMPLES, WorkedExample } from './worked-examples';

/** Prices take effect by date; a page must not change overnight. */
const TODAY = '2026-11-21';

/** Asks the registry over the files that ship and the example's environment. No provider without a key answers. */
export function answerOf(example: WorkedExample, root: string): Explanation {
  const settings = loadSettings({
    env: example.env,
    configDir: join(root, 'config'),
    cwd: root,
    homeDir: root,
    today: TODAY,
  });
  const health = new HealthBoard();
  health.refuse('ollama', 'Provider ollama needs no key, and does not answer.');
  const state = buildState(settings, { policy: defaultPolicy, health, version: 0 });
  const { need, request, assumed = {} } = example;
  return new Registry(state).explain(need, { request, assumed });
}

/** The generated pages of this library. */
export const routingPages = (root: string): readonly GeneratedPage[] => [
  { path: 'docs/routing.md', content: renderRoutingDoc(root) },
];

function renderRoutingDoc(root: string): string {
  return markdownPage('How a model is chosen', [
    ...MODEL_STRINGS,
    '## Rules',
    'Each model that is looked at is asked every rule, in this order, and each refusal is kept with its sentence. What the caller names in `model`, `provider` or `fallbacks` is exempt from `explicit-only` and `healthy`, and from no other rule.',
    markdownTable(
      ['Rule', 'Refuses'],
      [...RULES, ...FALLBACK_RULES].map(({ name }) => [code(name), RULE_MEANINGS[name] ?? '']),
    ),
    '## Ranking',
    'What no rule refuses is sorted by these steps, the strongest first. `decided_by` is the step that put the first model before the second. The profile `cost` moves `free_first` and `cost` up behind `preferred_providers`; `ROUTING_ORDER` sets another order. Models that are equal in all of them go by name.',
    markdownTable(
      ['Step', 'Puts first'],
      ORDERS.map(({ name, meaning }) => [code(name), meaning]),
    ),
    ...TIERS_SECTION,
    ...CHAIN,
    ...POLICY_AND_RELOAD,
    '## Worked examples',
    'Each was asked of the registry with the files that ship and nothing set but what stands there. Estimates are of one call at its upper end.',
    ...WORKED_EXAMPLES.flatMap((example) => renderExample(example, root)),
  ]);
}

function renderExample(example: WorkedExample, root: string): string[] {
  const lines = Object.entries(example.env).map(([name, value]) => `${name}=${shown(name, value)}`);
  return [
    `### ${example.title}`,
    example.words,
    ['```sh', ...lines, '```'].join('\n'),
    ['```json', shownBody(example.body), '```'].join('\n'),
    ...renderAnswer(example, root),
  ];
}

/** Short lists on one line, as Prettier has it. */
const shownBody = (body: WorkedExample['body']): string =>
  JSON.stringify(body, null, 2).replace(
    /\[\s+([^[\]{}]*?)\s+\]/g,
    (_, words: string) => `[${words.replace(/\s+/g, ' ')}]`,
  );

const shown = (name: string, value: string): string => (name.endsWith('_API_KEY') ? '…' : value);

function renderAnswer(example: WorkedExample, root: string): string[] {
  let told: Explanation;
  try {
    told = answerOf(example, root);
  } catch (thrown) {
    return [`Refused: ${(thrown as Error).message}`];
  }
  if (told.error !== null) return [`Refused, ${code(told.error.code)}: ${told.error.message}`];
  const rows = told.chain.map(({ provider, model, because, estimate }) => [
    code(`${provider}/${model}`),
    code(because),
    estimate.nanoUsd === null
      ? 'unpriced'
      : `$${String(Number((usdFromNano(estimate.nanoUsd) ?? 0).toPrecision(3)))}`,
  ]);
  return [
    `Decided by ${code(told.decidedBy ?? '')}.${tierWords(told)}`,
    markdownTable(['Target', 'Because', 'Estimate'], rows),
    ...[...told.warnings, ...told.notes].map((note) => `> ${note}`),
  ];
}

function tierWords({ tier }: Explanation): string {
  if (tier === null) return '';
  const score = tier.score === null ? '' : `, score ${String(tier.score)}`;
  const raised = tier.escalatedFrom === null ? '' : `, raised from ${tier.escalatedFrom}`;
  return ` Tier ${code(tier.tier)}, cause ${code(tier.cause)}${score}${raised}.`;
}

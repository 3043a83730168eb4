import { code, markdownTable } from '@longhaul/settings';

/** What each rule refuses, for docs/routing.md; a spec compares the names. */
export const RULE_MEANINGS: Readonly<Record<string, string>> = {
  'allowed-provider': 'a provider in `DISABLED_PROVIDERS`, or missing from `ALLOWED_PROVIDERS`',
  'key-present': 'a provider whose key is missing',
  'provider-on': 'a provider whose in-flight cap is 0',
  'model-status': 'a retired model; a deprecated one is taken with a warning',
  'allowed-model': 'a model that `<NAME>_ALLOWED_MODELS` of its provider leaves out',
  'explicit-only': 'a model of an `explicit_only` provider that the caller did not name',
  capability: 'a catalogue model that lacks what the job needs',
  'fits-context': 'a model whose window is smaller than the estimated input and output',
  'fits-day': 'a model for which one call would reserve more than the tokens per day of its provider’s key',
  healthy:
    'what is ill for now: its circuit is open, or too few of its latest calls went well (`HEALTH_MIN_SUCCESS`); and a provider that needs no key and does not answer; only where the policy chose',
  'cost-ceiling':
    'a model whose estimate for one call is above `MAX_COST_PER_REQUEST` or `routing.max_cost_usd`, or unknown while one of them is set',
  'expensive-fallback':
    'as a fallback that the caller did not name: a model tagged `reasoning` or `expensive` where the first is not, or dearer than `EXPENSIVE_FALLBACK_FACTOR` times the first (`ALLOW_EXPENSIVE_THINKING_FALLBACK` lifts it)',
};

const STRINGS: readonly (readonly [string, string, string])[] = [
  [
    'absent, or `auto`',
    'the policy chooses; `routing.signals` give it a tier',
    'a step of the ranking, or `tier`',
  ],
  ['`tier:fast`, `tier:balanced`, `tier:powerful`', 'the first target of the tier that may run', '`tier`'],
  [
    '`<provider>/<model>`',
    'that model of that provider; only the first segment is stripped (`openrouter/openai/gpt-x`)',
    '`explicit`',
  ],
  ['`<prefix>/<model>`, e.g. `cloud/<model>`', 'the same, by another prefix of the provider', '`prefix`'],
  [
    'a bare id of the catalogue',
    'the model; where several providers carry it, one that has its key, in provider order, with a note',
    '`explicit`',
  ],
  ['an alias', 'the model that it belongs to', '`alias`'],
  [
    'a bare name that the catalogue does not know',
    'that model of `BARE_MODEL_PROVIDER`, when its own list, read in the background, has it',
    '`bare_model`',
  ],
];

export const MODEL_STRINGS: readonly string[] = [
  'The registry answers with a chain of targets, best first, and a decision that is stored with the job: read it with `GET /v1/jobs/{id}?include=decision`. `POST /v1/routes/explain` gives the same for a job that is not sent, also with `assume`. The choice is made from a snapshot in memory; no database is asked.',
  '## Model strings',
  markdownTable(['`model`', 'Means', '`decided_by`'], STRINGS),
  '`provider` beside `model` means that provider’s own id. `provider` without a model (or with `auto`) means its default model (`provider_default`), with a tier its `speed_model` or `quality_model` (`provider_tier`). Names are compared without regard to case.',
  'A name that is unknown is never replaced: `model_not_found` with the nearest names in `near_matches`. A retired id is refused with its `successor`, unless `routing.allow_substitution` lets that one stand in. Providers with `accept_unlisted_models` take any id behind their prefix; window and price are then unknown, and the decision’s notes say so.',
  'In the configuration it is otherwise: a retired name in a list gives its successor, with a warning at the start, and an unknown one stops the start, or refuses the override.',
];

const CAUSES: readonly (readonly [string, string])[] = [
  ['requested', 'the job asked for `tier:…`'],
  ['signals', '`routing.signals` made a score, or told of earlier failures'],
  ['profile', '`routing.profile` of the job leans to a tier'],
  ['no_signal', 'nothing was said: `TIER_DEFAULT`, else the tier of `ROUTING_PROFILE`'],
];

export const TIERS_SECTION: readonly string[] = [
  '## Tiers',
  'A score runs from 0 to 10: 0.6 × agent + 0.4 × step (`TIER_AGENT_WEIGHT`, `TIER_STEP_WEIGHT`); where only one side is given, that side alone. The agent’s side is `combined_score`, else the mean of `creation_score` and `execution_score`. The step’s side weighs six factors: prompt length, data size, conditions and context references score 2, 5, 7 or 9 by their size, reasoning and output are declared or go by the intent; the intent also chooses the weights (`[intent_weights.…]` in `policy.toml`). What is declared beats what could be inferred, and no word of the prompt is looked at.',
  'Below `TIER_FAST_BELOW` (3.0) the tier is fast, below `TIER_BALANCED_BELOW` (6.5) balanced, else powerful: the bounds belong to the tier above. Each of `previous_failures` raises the tier by one, unless the job named its tier.',
  markdownTable(
    ['Cause', 'When'],
    CAUSES.map(([cause, when]) => [code(cause), when]),
  ),
  'A tier that was asked for or scored is binding: its targets (`TIER_FAST`, `TIER_BALANCED`, `TIER_POWERFUL`) are tried in their order, and one that is refused leads on to the next, with a note. With `no_signal` the tier is only a step of the ranking, so that the operator’s order of providers and preferred models decide before it.',
];

export const CHAIN: readonly string[] = [
  '## The chain',
  [
    '1. The model that the caller named, or the tier’s first target that may run, or the first of the ranking.',
    '2. The caller’s `fallbacks` in their order; `[]` = none. Where the caller gave none: `<NAME>_FALLBACK_ORDER` of the first model’s provider, the same model at other providers (`group` in the catalogue), the tier’s other targets, the rest of the ranking, and last `DEFAULT_MODELS` and `DEFAULT_MODEL`. All pass the same rules.',
    '3. Each target once, cut to the smallest of `MAX_RUNGS`, `MAX_CALLS_PER_JOB` and 9.',
  ].join('\n'),
  'Each target of the chain tells how often it is repeated (`retry_attempts`: its provider’s own, else `RETRY_ATTEMPTS`), and `limits.binding` which limit is the smallest: `max_calls` when `MAX_CALLS_PER_JOB` ends the job before the last repeat of the last target, else `max_rungs` when more targets could have followed, else `chain`. A wait for a provider’s hint is no repeat, but its call counts among `MAX_CALLS_PER_JOB`; each later target is left at least one of these.',
  'When a rule refuses the model that the caller named, only the caller’s own `fallbacks` may stand in for it. Nothing left is `no_route` with every candidate and reason, or `provider_not_configured` with the variables when nothing but a key is missing. `ROUTER_ENABLED=false` leaves named models only, without a chain that the policy built.',
  'What is ill for now passes by itself, so it costs a job no place: where the chain has room behind all that is well, such targets follow, and where nothing is well they come first, in the order of the policy. The notes tell what ails each target of the chain; the claim holds a job whose target may not be called yet, or moves it on. What a process knows of circuits is at most two seconds old; while PostgreSQL is away nothing is held against anybody. Why it is done so: [decisions/0027-health.md](decisions/0027-health.md).',
  'At each hand-over the rest of the chain is asked the rules anew; what they found is kept in the decision’s `hand_overs`.',
];

export const POLICY_AND_RELOAD: readonly string[] = [
  '## Faults of a policy',
  'A policy that throws loses no job: the built-in one decides, and the decision says `degraded` with the reason. The counter `longhaul_routing_degraded_total` grows.',
  'How to add a rule, a ranking step or a whole policy: [adding-a-rule.md](adding-a-rule.md). How to change a setting while Longhaul runs: [operations.md](operations.md).',
];

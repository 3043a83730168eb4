import { Need, RouteRequest } from '@longhaul/contract';
import { Assumptions } from '../ask';

/** A question with its answer: docs/routing.md shows both, and a spec asks the question over the files that ship. */
export interface WorkedExample {
  readonly title: string;
  readonly words: string;
  /** Besides this nothing is set. */
  readonly env: Readonly<Record<string, string>>;
  readonly need: Need;
  readonly request: RouteRequest;
  /** The body, as a caller writes `request` and `assume`. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly assumed?: Assumptions;
  readonly answer:
    | { readonly first: string; readonly decidedBy: string; readonly tier?: string }
    | { readonly error: string };
}

const KIMI = { MOONSHOT_API_KEY: 'sk-example-of-moonshot' };
const GLM = { GLM_API_KEY: 'example.of.glm' };
const OPENAI = { OPENAI_API_KEY: 'sk-example-of-openai' };

/** A chat of some thousand words. */
const CHAT: Need = { type: 'chat', inputTokens: 4_000, outputTokens: 2_000, capabilities: [] };
const AUDIT: Need = { type: 'audit', inputTokens: 400_000, outputTokens: 8_000, capabilities: [] };

export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  {
    title: 'Nothing is said',
    words:
      'Two keys are there. The job says nothing of itself, so its tier is the default one, and only a step of the ranking: the order of providers decides before it.',
    env: { ...KIMI, ...GLM },
    need: CHAT,
    request: {},
    body: { model: 'auto' },
    answer: { first: 'moonshot/kimi-k2.6', decidedBy: 'tier', tier: 'balanced' },
  },
  {
    title: 'Another order of providers',
    words: 'The operator puts GLM before the family of Kimi.',
    env: { ...KIMI, ...GLM, PROVIDER_PRIORITY_ORDER: 'glm,kimi' },
    need: CHAT,
    request: {},
    body: {},
    answer: { first: 'glm/glm-4.7', decidedBy: 'tier', tier: 'balanced' },
  },
  {
    title: 'A preferred list',
    words: 'Inside its provider, a list of preferred models goes before tier, cost and rank.',
    env: { ...GLM, GLM_PREFERRED_MODELS: 'glm-5,glm-4.7' },
    need: CHAT,
    request: {},
    body: {},
    answer: { first: 'glm/glm-5', decidedBy: 'provider_preference', tier: 'balanced' },
  },
  {
    title: 'An agent that scores 5',
    words: 'Scores make a tier, and a tier that was scored decides: the first of its targets that may run.',
    env: { ...KIMI, ...GLM },
    need: CHAT,
    request: {
      routing: { signals: { intent: 'extract', creationScore: 5, executionScore: 5, combinedScore: 5 } },
    },
    body: {
      routing: { signals: { intent: 'extract', creation_score: 5, execution_score: 5, combined_score: 5 } },
    },
    answer: { first: 'moonshot/kimi-k2.6', decidedBy: 'tier', tier: 'balanced' },
  },
  {
    title: 'A failure raises the tier',
    words: 'The same agent after one failure: the tier is one higher, and says from where.',
    env: { ...KIMI, ...GLM },
    need: CHAT,
    request: { routing: { signals: { combinedScore: 5, previousFailures: 1 } } },
    body: { routing: { signals: { combined_score: 5, previous_failures: 1 } } },
    answer: { first: 'moonshot/kimi-k3', decidedBy: 'tier', tier: 'powerful' },
  },
  {
    title: 'A tier whose first target has no key',
    words: 'The tier goes on to its next target, and a note says so.',
    env: GLM,
    need: CHAT,
    request: { model: 'tier:fast' },
    body: { model: 'tier:fast' },
    answer: { first: 'glm/glm-4.7-flash', decidedBy: 'tier', tier: 'fast' },
  },
  {
    title: 'A named model, and what follows it',
    words:
      'What is named comes first. The caller gave no `fallbacks`, so the policy goes on: the provider’s own order, the same model elsewhere, then the rest.',
    env: { ...KIMI, ...GLM, OPENROUTER_API_KEY: 'sk-or-example', KIMI_FALLBACK_ORDER: 'kimi-k2.6' },
    need: CHAT,
    request: { model: 'moonshot/kimi-k3' },
    body: { model: 'moonshot/kimi-k3' },
    answer: { first: 'moonshot/kimi-k3', decidedBy: 'explicit' },
  },
  {
    title: 'No fallbacks',
    words: 'An empty list ends the chain after the first model.',
    env: { ...KIMI, ...GLM },
    need: CHAT,
    request: { model: 'glm-4.7', fallbacks: [] },
    body: { model: 'glm-4.7', fallbacks: [] },
    answer: { first: 'glm/glm-4.7', decidedBy: 'explicit' },
  },
  {
    title: 'A ceiling',
    words:
      'One call may cost a cent. Models whose estimate is above it, or whose price is unknown, are refused.',
    env: { ...KIMI, ...GLM, ...OPENAI },
    need: CHAT,
    request: { routing: { maxCostUsd: 0.01 } },
    body: { routing: { max_cost_usd: 0.01 } },
    answer: { first: 'glm/glm-4.7', decidedBy: 'tier', tier: 'balanced' },
  },
  {
    title: 'The cheapest first',
    words: 'The profile `cost` puts free models and then the lowest estimate before the order of providers.',
    env: { ...KIMI, ...OPENAI, ROUTING_PROFILE: 'cost' },
    need: CHAT,
    request: {},
    body: {},
    answer: { first: 'openai/gpt-6-luna', decidedBy: 'cost', tier: 'balanced' },
  },
  {
    title: 'A prompt that few can hold',
    words: 'An audit of 400,000 tokens: what is too small is refused before anything is ranked.',
    env: { ...KIMI, ...GLM },
    need: AUDIT,
    request: {},
    body: { type: 'audit' },
    answer: { first: 'moonshot/kimi-k3', decidedBy: 'rank', tier: 'balanced' },
  },
  {
    title: 'A retired model',
    words: 'An id that is not served any more is refused with its successor …',
    env: KIMI,
    need: CHAT,
    request: { model: 'kimi-k2-0905-preview' },
    body: { model: 'kimi-k2-0905-preview' },
    answer: { error: 'model_not_found' },
  },
  {
    title: 'A retired model, and a caller who takes its successor',
    words: '… which stands in for it where the caller allows that. The answer carries a warning.',
    env: KIMI,
    need: CHAT,
    request: { model: 'kimi-k2-0905-preview', routing: { allowSubstitution: true } },
    body: { model: 'kimi-k2-0905-preview', routing: { allow_substitution: true } },
    answer: { first: 'moonshot/kimi-k2.6', decidedBy: 'successor' },
  },
  {
    title: 'Kimi For Coding',
    words: 'The provider `kimi` is `explicit_only`: with its key alone, `auto` has nobody to go to …',
    env: { KIMI_API_KEY: 'sk-kimi-example' },
    need: CHAT,
    request: {},
    body: {},
    answer: { error: 'no_route' },
  },
  {
    title: 'Kimi For Coding, by its name',
    words: '… and a caller who names it has asked for it.',
    env: { KIMI_API_KEY: 'sk-kimi-example' },
    need: CHAT,
    request: { provider: 'kimi' },
    body: { provider: 'kimi' },
    answer: { first: 'kimi/kimi-for-coding', decidedBy: 'provider_default' },
  },
  {
    title: 'What would happen if',
    words: 'Asked of `POST /v1/routes/explain`: where would the job go if the circuit of moonshot were open?',
    env: { ...KIMI, ...GLM },
    need: CHAT,
    request: {},
    body: { assume: { open_circuits: ['moonshot'] } },
    assumed: { openCircuits: ['moonshot'] },
    answer: { first: 'glm/glm-4.7', decidedBy: 'tier', tier: 'balanced' },
  },
];

import {
  BINDING_LIMITS,
  CandidateView,
  CAPABILITIES,
  DecisionView,
  EstimateView,
  FACTORS,
  HandOverView,
  JsonSchema,
  LimitsView,
  LinkView,
  NeedView,
  TIERS,
  TierView,
} from '@longhaul/contract';
import { about, COUNT, listOf, nullable, NUMBER, oneOf, ref, TEXT, viewOf, YES_NO } from './view';

const NEED = viewOf<NeedView>({
  type: TEXT,
  input_tokens: about('Estimated, on the safe side.', COUNT),
  output_tokens: COUNT,
  capabilities: listOf(oneOf(CAPABILITIES)),
});

const REASONS = listOf(viewOf<CandidateView['reasons'][number]>({ rule: TEXT, reason: TEXT }));

const ESTIMATE = about(
  'Of one call at its upper end: the input counted on the safe side and nothing of it cached, the whole output budget used. `cost_usd` null = unpriced.',
  nullable(viewOf<EstimateView>({ input_tokens: COUNT, output_tokens: COUNT, cost_usd: nullable(NUMBER) })),
);

export const CANDIDATE: JsonSchema = viewOf<CandidateView>({
  provider: TEXT,
  model: TEXT,
  eligible: YES_NO,
  reasons: about('Why not, one per rule; empty when eligible.', REASONS),
  not_as_fallback: about('Why it may be the first model and yet does not follow this one.', REASONS),
  estimate: ESTIMATE,
});

const TIER = viewOf<TierView>({
  tier: oneOf(TIERS),
  cause: oneOf(['requested', 'profile', 'signals', 'no_signal']),
  score: nullable(NUMBER),
  agent_score: nullable(NUMBER),
  step_score: nullable(NUMBER),
  intent: nullable(TEXT),
  factors: listOf(
    viewOf<TierView['factors'][number]>({
      factor: oneOf(FACTORS),
      score: NUMBER,
      weight: NUMBER,
      source: oneOf(['declared', 'inferred', 'absent']),
    }),
  ),
  escalated_from: about('The tier before earlier failures raised it.', nullable(oneOf(TIERS))),
});

const TARGET = viewOf<HandOverView['from']>({ provider: TEXT, model: TEXT });
const CONFIG = viewOf<NonNullable<DecisionView['config']>>({ version: COUNT, hash: TEXT });

/** All fields of a decision but the deciding step, which an explanation may lack. */
export const REASONING: Readonly<Record<keyof Omit<DecisionView, 'decided_by'>, JsonSchema>> = {
  requested: viewOf<DecisionView['requested']>({
    model: TEXT,
    provider: nullable(TEXT),
    fallbacks: nullable(listOf(TEXT)),
    routing: about('`routing` as it was sent.', nullable({ type: 'object' })),
  }),
  policy: TEXT,
  config: about(
    'Which configuration decided: the version of the overrides, and a hash over everything that can be chosen by.',
    nullable(CONFIG),
  ),
  tier: about('Null when the caller named a model.', nullable(TIER)),
  degraded: about(
    'Set when the policy failed and the built-in one decided.',
    nullable(viewOf<NonNullable<DecisionView['degraded']>>({ reason: TEXT })),
  ),
  need: NEED,
  chain: about(
    'In the order in which they are tried.',
    listOf(
      viewOf<LinkView>({
        ...{ provider: TEXT, model: TEXT, because: TEXT, estimate: ESTIMATE },
        retry_attempts: about(
          'Repeats on it, as its provider has them; null in a decision of an earlier version.',
          nullable(COUNT),
        ),
      }),
    ),
  ),
  rules: about('What every candidate was asked, in order; one without a reason has passed.', listOf(TEXT)),
  order: about('The steps that rank what is left, the strongest first.', listOf(TEXT)),
  candidates: about('The models that were looked at, those of the chain first.', listOf(ref('Candidate'))),
  omitted_candidates: about('Models that were looked at and are not listed.', COUNT),
  notes: listOf(TEXT),
  warnings: about(
    'What should be changed before long: a model that is deprecated or was replaced.',
    listOf(TEXT),
  ),
  hand_overs: about(
    'Each time the job left a target: why, and how the rules saw the later ones then.',
    listOf(
      viewOf<HandOverView>({
        from: TARGET,
        to: about('Null when no target was left.', nullable(TARGET)),
        code: about('Of the failure, or of what bars the target.', TEXT),
        after_calls: COUNT,
        config: CONFIG,
        candidates: listOf(ref('Candidate')),
      }),
    ),
  ),
  limits: viewOf<LimitsView>({
    max_rungs: COUNT,
    max_calls: COUNT,
    retry_attempts: about('Where a provider has none of its own: the chain has what holds.', COUNT),
    binding: about(
      'What would end a job of which every call fails. `max_calls`: the calls run out before the chain does. `max_rungs`: more targets could have followed. `chain`: its targets, each with its repeats, are all there is. Null in a decision of an earlier version.',
      nullable(oneOf(BINDING_LIMITS)),
    ),
  }),
};

export const DECISION: JsonSchema = viewOf<DecisionView>(
  { decided_by: about('The step that decided on the first model.', TEXT), ...REASONING },
  { description: 'Why each model was chosen or refused.' },
);

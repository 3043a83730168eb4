import {
  CandidateView,
  CAPABILITIES,
  DecisionView,
  JsonSchema,
  LimitsView,
  NeedView,
} from '@longhaul/contract';
import { about, COUNT, listOf, nullable, oneOf, ref, TEXT, viewOf, YES_NO } from './view';

const NEED = viewOf<NeedView>({
  type: TEXT,
  input_tokens: about('Estimated, on the safe side.', COUNT),
  output_tokens: COUNT,
  capabilities: listOf(oneOf(CAPABILITIES)),
});

export const CANDIDATE: JsonSchema = viewOf<CandidateView>({
  provider: TEXT,
  model: TEXT,
  eligible: YES_NO,
  reasons: about(
    'Why not; empty when eligible.',
    listOf(viewOf<CandidateView['reasons'][number]>({ rule: TEXT, reason: TEXT })),
  ),
});

export const DECISION: JsonSchema = viewOf<DecisionView>(
  {
    requested: viewOf<DecisionView['requested']>({
      model: TEXT,
      provider: nullable(TEXT),
      fallbacks: nullable(listOf(TEXT)),
    }),
    decided_by: about('The step that decided on the first model.', TEXT),
    policy: TEXT,
    need: NEED,
    chain: about(
      'In the order in which they are tried.',
      listOf(viewOf<DecisionView['chain'][number]>({ provider: TEXT, model: TEXT, because: TEXT })),
    ),
    candidates: about('Every model that was looked at.', listOf(ref('Candidate'))),
    notes: listOf(TEXT),
    limits: viewOf<LimitsView>({ max_rungs: COUNT, max_calls: COUNT, retry_attempts: COUNT }),
  },
  { description: 'Why each model was chosen or refused.' },
);

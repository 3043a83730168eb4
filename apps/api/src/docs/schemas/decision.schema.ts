import { Candidate, CAPABILITIES, Decision, JsonSchema, Need } from '@longhaul/contract';
import { about, COUNT, listOf, nullable, oneOf, ref, TEXT, viewOf, YES_NO } from './view';

const NEED = viewOf<Need>({
  type: TEXT,
  inputTokens: about('Estimated, on the safe side.', COUNT),
  outputTokens: COUNT,
  capabilities: listOf(oneOf(CAPABILITIES)),
});

export const CANDIDATE: JsonSchema = viewOf<Candidate>({
  target: viewOf<Candidate['target']>({ provider: TEXT, model: TEXT }),
  eligible: YES_NO,
  refusals: about(
    'Why not; empty when eligible.',
    listOf(viewOf<Candidate['refusals'][number]>({ rule: TEXT, reason: TEXT })),
  ),
});

export const DECISION: JsonSchema = viewOf<Decision>(
  {
    requested: viewOf<Decision['requested']>({
      model: TEXT,
      provider: nullable(TEXT),
      fallbacks: nullable(listOf(TEXT)),
    }),
    decidedBy: about('The step that decided on the first model.', TEXT),
    policy: TEXT,
    need: NEED,
    chain: about(
      'In the order in which they are tried.',
      listOf(viewOf<Decision['chain'][number]>({ provider: TEXT, model: TEXT, because: TEXT })),
    ),
    candidates: about('Every model that was looked at.', listOf(ref('Candidate'))),
    notes: listOf(TEXT),
    limits: viewOf<Decision['limits']>({ maxRungs: COUNT, maxCalls: COUNT, retryAttempts: COUNT }),
  },
  { description: 'Why each model was chosen or refused.' },
);

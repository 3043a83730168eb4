import { FACTORS, Factor, FactorScore, FactorWeights, Need, RouteSignals } from '@longhaul/contract';

type Bounds = readonly [low: number, medium: number, high: number];

/** What a measure scores: below the first bound, the second, the third, and from there on. */
const SCORES = [2, 5, 7, 9] as const;
const PROMPT_CHARACTERS: Bounds = [200, 500, 1_000];
const DATA_BYTES: Bounds = [1_024, 10_240, 51_200];
const COUNT: Bounds = [2, 5, 10];

/** What an intent takes of a model, where the caller does not say. */
const REASONING: Readonly<Record<string, number>> = {
  ...{ generate: 8, llm_decision: 8, ai_processing: 8 },
  ...{ conditional: 6, switch: 6, validate: 6 },
  ...{ transform: 4, summarize: 4, extract: 3, filter: 3, action: 2, send: 2 },
};
const OUTPUT: Readonly<Record<string, number>> = {
  ...{ generate: 7, llm_decision: 7, enrich: 6, validate: 6, aggregate: 6 },
  ...{ transform: 5, extract: 5, summarize: 5, action: 3, send: 3 },
};
const OTHER_REASONING = 3;
const OTHER_OUTPUT = 4;

/** The estimate counts tokens on the safe side; this turns it back into characters, roughly. */
const CHARACTERS_PER_TOKEN = 3.3;

const STEP_SIGNALS = [
  'promptLength',
  'dataSize',
  'conditions',
  'contextReferences',
  'reasoning',
  'output',
] as const satisfies readonly (keyof RouteSignals)[];

/** An intent alone says how to weigh a step, not what the step is. */
export const describesStep = (signals: RouteSignals): boolean =>
  STEP_SIGNALS.some((name) => signals[name] !== undefined);

/** Each factor of a step from 0 to 10, with the weight that its intent gives it. A declared value beats what could be inferred. */
export function scoreFactors(signals: RouteSignals, need: Need, weights: FactorWeights): FactorScore[] {
  const read = readerOf(signals, need);
  return FACTORS.map((factor) => ({ factor, ...read[factor](), weight: weights[factor] }));
}

type Reading = Pick<FactorScore, 'score' | 'source'>;

function readerOf(signals: RouteSignals, need: Need): Readonly<Record<Factor, () => Reading>> {
  const intent = signals.intent?.trim().toLowerCase() ?? '';
  return {
    prompt: () =>
      signals.promptLength === undefined
        ? { score: banded(need.inputTokens * CHARACTERS_PER_TOKEN, PROMPT_CHARACTERS), source: 'inferred' }
        : declared(banded(signals.promptLength, PROMPT_CHARACTERS)),
    data: () => counted(signals.dataSize, DATA_BYTES),
    conditions: () => counted(signals.conditions, COUNT),
    context: () => counted(signals.contextReferences, COUNT),
    reasoning: () => stated(signals.reasoning, ownValue(REASONING, intent) ?? OTHER_REASONING),
    output: () => stated(signals.output, ownValue(OUTPUT, intent) ?? OTHER_OUTPUT),
  };
}

/** The caller writes the intent, so `constructor` must not find anything. */
export const ownValue = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const declared = (score: number): Reading => ({ score, source: 'declared' });

const counted = (value: number | undefined, bounds: Bounds): Reading =>
  value === undefined ? { score: SCORES[0], source: 'absent' } : declared(banded(value, bounds));

const stated = (value: number | undefined, usual: number): Reading =>
  value === undefined ? { score: usual, source: 'inferred' } : declared(value);

function banded(value: number, [low, medium, high]: Bounds): number {
  if (value < low) return SCORES[0];
  if (value < medium) return SCORES[1];
  return value < high ? SCORES[2] : SCORES[3];
}

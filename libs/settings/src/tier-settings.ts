import { FACTORS, Factor, FactorWeights, Profile, Tier } from '@longhaul/contract';
import { LoadNotes } from './load-notes';
import { OptionValues } from './option-values';
import { TierSettings } from './settings';
import { NumberRange, TableReader } from './table-reader';
import { refuse } from './valued';

const WEIGHT: NumberRange = { min: 0, max: 1 };
/** Tenths do not add up exactly in binary. */
const SUM_TOLERANCE = 1e-9;

const weights = (...shares: readonly number[]): FactorWeights =>
  Object.fromEntries(FACTORS.map((factor, index) => [factor, shares[index] ?? 0])) as Record<Factor, number>;

const WRITING = weights(0.15, 0.1, 0.15, 0.15, 0.3, 0.15);
const EVEN = weights(0.2, 0.15, 0.15, 0.15, 0.2, 0.15);

/** In the order of FACTORS: prompt, data, conditions, context, reasoning, output. */
export const INTENT_WEIGHTS: Readonly<Record<string, FactorWeights>> = {
  generate: WRITING,
  llm_decision: WRITING,
  transform: weights(0.15, 0.3, 0.1, 0.15, 0.15, 0.15),
  conditional: weights(0.15, 0.1, 0.3, 0.15, 0.2, 0.1),
  action: EVEN,
  default: EVEN,
};

export function readTiers(options: OptionValues, notes: LoadNotes, profile: Profile): TierSettings {
  return {
    targets: {
      fast: options.list('TIER_FAST').value ?? [],
      balanced: options.list('TIER_BALANCED').value ?? [],
      powerful: options.list('TIER_POWERFUL').value ?? [],
    },
    byDefault: (options.text('TIER_DEFAULT') as Tier | null) ?? (profile === 'cost' ? 'balanced' : profile),
    ...readThresholds(options),
    ...readShares(options),
    intentWeights: readIntentWeights(options, notes),
  };
}

function readThresholds(options: OptionValues): Pick<TierSettings, 'fastBelow' | 'balancedBelow'> {
  const fast = options.valuedNumber('TIER_FAST_BELOW');
  const balanced = options.valuedNumber('TIER_BALANCED_BELOW');
  const [fastBelow, balancedBelow] = [fast.value ?? 0, balanced.value ?? 0];
  if (fastBelow < balancedBelow) return { fastBelow, balancedBelow };
  return refuse(
    balanced.origin === 'built-in' ? fast : balanced,
    `puts the tiers out of order: fast ends at ${String(fastBelow)}, balanced at ${String(balancedBelow)}`,
    'Make TIER_FAST_BELOW smaller than TIER_BALANCED_BELOW',
  );
}

function readShares(options: OptionValues): Pick<TierSettings, 'agentWeight' | 'stepWeight'> {
  const agent = options.valuedNumber('TIER_AGENT_WEIGHT');
  const step = options.valuedNumber('TIER_STEP_WEIGHT');
  const [agentWeight, stepWeight] = [agent.value ?? 0, step.value ?? 0];
  if (isWhole([agentWeight, stepWeight])) return { agentWeight, stepWeight };
  return refuse(
    step.origin === 'built-in' ? agent : step,
    `does not sum to 1: the agent has ${String(agentWeight)}, the step ${String(stepWeight)}`,
    'Set both TIER_AGENT_WEIGHT and TIER_STEP_WEIGHT, so that they sum to 1',
  );
}

function readIntentWeights(options: OptionValues, notes: LoadNotes): TierSettings['intentWeights'] {
  const stated = new Map<string, { readonly weights: FactorWeights; readonly place: string }>();
  for (const [intent, table] of options.policyTables('intent_weights')) {
    const { file = '', line = 1 } = table.placeOf();
    stated.set(intent.toLowerCase(), {
      weights: readWeights(table, intent),
      place: `${file}:${String(line)}`,
    });
  }
  const all = {
    ...INTENT_WEIGHTS,
    ...Object.fromEntries([...stated].map(([name, row]) => [name, row.weights])),
  };
  for (const [intent, value] of Object.entries(all)) {
    const place = stated.get(intent)?.place ?? null;
    const origin = place === null ? 'built-in' : 'file';
    notes.recordOther({ name: `intent_weights.${intent}`, value, origin, place, live: false });
  }
  return all;
}

function readWeights(table: TableReader, intent: string): FactorWeights {
  table.refuseUnknownKeys(FACTORS, `[intent_weights.${intent}]`);
  const read = FACTORS.map(
    (factor) =>
      table.number(factor, WEIGHT) ??
      table.fail(undefined, `the weights of the intent "${intent}" have no ${factor}`, 'Write all six'),
  );
  if (isWhole(read)) return weights(...read);
  const sum = Number(read.reduce((left, right) => left + right, 0).toPrecision(12));
  return table.fail(
    undefined,
    `the weights of the intent "${intent}" sum to ${String(sum)}`,
    'Make them sum to 1',
  );
}

const isWhole = (shares: readonly number[]): boolean =>
  Math.abs(shares.reduce((left, right) => left + right, 0) - 1) <= SUM_TOLERANCE;

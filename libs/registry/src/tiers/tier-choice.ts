import { Need, Profile, RouteSignals, TIERS, Tier, TierCause, TierChoice } from '@longhaul/contract';
import { TierSettings } from '@longhaul/settings';
import { describesStep, ownValue, scoreFactors } from './complexity';

/** What is known when a tier is chosen. */
export interface TierAsked {
  readonly need: Need;
  readonly signals: RouteSignals;
  readonly settings: TierSettings;
  /** The caller's own `routing.profile`. */
  readonly profile: Profile | null;
  /** Named as the model: `tier:fast`. */
  readonly requested: Tier | null;
}

const LOWEST_SCORE = 0;
const HIGHEST_SCORE = 10;

/** The tier of a job: what was asked for, else what its signals score, else the caller's profile, else the default. */
export function chooseTier(asked: TierAsked): TierChoice {
  const { tier, cause, ...scored } = beforeFailures(asked);
  const raised = cause === 'requested' ? tier : escalate(tier, asked.signals.previousFailures ?? 0);
  const isRaised = raised !== tier;
  return {
    tier: raised,
    cause: isRaised && cause === 'no_signal' ? 'signals' : cause,
    ...scored,
    intent: asked.signals.intent ?? null,
    escalatedFrom: isRaised ? tier : null,
  };
}

type Scored = Pick<TierChoice, 'tier' | 'cause' | 'score' | 'agentScore' | 'stepScore' | 'factors'>;

const UNSCORED = { score: null, agentScore: null, stepScore: null, factors: [] };
const unscored = (tier: Tier, cause: TierCause): Scored => ({ tier, cause, ...UNSCORED });

function beforeFailures({ need, signals, settings, profile, requested }: TierAsked): Scored {
  if (requested !== null) return unscored(requested, 'requested');
  const agentScore = agentScoreOf(signals);
  const factors = describesStep(signals) ? scoreFactors(signals, need, weightsOf(signals, settings)) : [];
  const stepScore = factors.length === 0 ? null : clamp(sum(factors.map((each) => each.score * each.weight)));
  const score = combine(agentScore, stepScore, settings);
  if (score !== null) {
    return { tier: tierOf(score, settings), cause: 'signals', score, agentScore, stepScore, factors };
  }
  const leaning = TIERS.find((tier) => tier === profile);
  return leaning === undefined ? unscored(settings.byDefault, 'no_signal') : unscored(leaning, 'profile');
}

/** `combined_score` is the average that the caller has made of the two others. A real 0 is a score. */
function agentScoreOf({ combinedScore, creationScore, executionScore }: RouteSignals): number | null {
  if (combinedScore !== undefined) return combinedScore;
  const given = [creationScore, executionScore].filter((score) => score !== undefined);
  return given.length === 0 ? null : sum(given) / given.length;
}

const weightsOf = ({ intent }: RouteSignals, { intentWeights }: TierSettings) => {
  const named = ownValue(intentWeights, intent?.trim().toLowerCase() ?? '');
  const weights = named ?? intentWeights['default'];
  if (weights === undefined) throw new TypeError('The settings have no default weights.');
  return weights;
};

/** One side alone counts whole. */
function combine(agent: number | null, step: number | null, settings: TierSettings): number | null {
  if (agent === null || step === null) return agent ?? step;
  return clamp(agent * settings.agentWeight + step * settings.stepWeight);
}

/** A bound belongs to the tier above it: 3.0 is balanced and 6.5 is powerful, as the thresholds stand at first. */
function tierOf(score: number, { fastBelow, balancedBelow }: TierSettings): Tier {
  if (score < fastBelow) return 'fast';
  return score < balancedBelow ? 'balanced' : 'powerful';
}

function escalate(tier: Tier, failures: number): Tier {
  const raised = Math.min(TIERS.indexOf(tier) + failures, TIERS.length - 1);
  return TIERS[raised] ?? tier;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** Twelve digits: 0.6 × 5 + 0.4 × 5 must not come out below 5. */
const clamp = (score: number): number =>
  Math.min(HIGHEST_SCORE, Math.max(LOWEST_SCORE, Number(score.toPrecision(12))));

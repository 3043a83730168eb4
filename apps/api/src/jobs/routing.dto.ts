import {
  Describe,
  IsNumberBetween,
  IsOneOf,
  IsShape,
  IsWholeNumber,
  PROFILES,
  Profile,
  RouteSignals,
  RoutingWishes,
} from '@longhaul/contract';
import { IsBoolean, IsOptional } from 'class-validator';
import { IsName, IsNameList } from './field-rules';

const MAX_PREFERRED = 20;
const MAX_COST_USD = 1_000_000;
const HIGHEST_SCORE = 10;
const MAX_COUNT = 1_000_000_000;

const IsScore = (): PropertyDecorator => IsNumberBetween({ min: 0, max: HIGHEST_SCORE });
const IsCount = (): PropertyDecorator => IsWholeNumber({ min: 0, max: MAX_COUNT });

/** `routing.signals`: what a caller knows of its own job. */
export class SignalsDto {
  @Describe('Score of the agent when it was made, 0 to 10.')
  @IsOptional()
  @IsScore()
  creation_score?: number | null;

  @Describe('Score of the agent over its runs, 0 to 10.')
  @IsOptional()
  @IsScore()
  execution_score?: number | null;

  @Describe('Both in one, 0 to 10; it counts instead of the two.')
  @IsOptional()
  @IsScore()
  combined_score?: number | null;

  @Describe('What the step does, e.g. `generate` or `extract`; decides how its factors are weighed.')
  @IsOptional()
  @IsName()
  intent?: string | null;

  @Describe('Each raises the tier by one.')
  @IsOptional()
  @IsCount()
  previous_failures?: number | null;

  @Describe('Characters of the prompt; absent = estimated from the input.')
  @IsOptional()
  @IsCount()
  prompt_length?: number | null;

  @Describe('Bytes of data that the step works on.')
  @IsOptional()
  @IsCount()
  data_size?: number | null;

  @Describe('Conditions that the step weighs.')
  @IsOptional()
  @IsCount()
  conditions?: number | null;

  @Describe('References to the results of other steps.')
  @IsOptional()
  @IsCount()
  context_references?: number | null;

  @Describe('How much thinking it takes, 0 to 10; absent = what the intent usually takes.')
  @IsOptional()
  @IsScore()
  reasoning?: number | null;

  @Describe('How demanding its output is, 0 to 10; absent = what the intent usually takes.')
  @IsOptional()
  @IsScore()
  output?: number | null;

  @Describe('Tokens that are left; a note says so when the estimate is above it.')
  @IsOptional()
  @IsCount()
  budget_remaining?: number | null;
}

/** `routing`: how a model is chosen, besides its name. */
export class RoutingDto {
  @Describe('Leans to a tier, or to the lowest cost; absent = as the operator chose.')
  @IsOptional()
  @IsOneOf(PROFILES)
  profile?: Profile | null;

  @Describe('US dollars for one call: no model whose estimate is above it, or unknown.')
  @IsOptional()
  @IsNumberBetween({ min: 0, max: MAX_COST_USD })
  max_cost_usd?: number | null;

  @Describe('Take the successor of a retired model instead of an error.')
  @IsOptional()
  @IsBoolean()
  allow_substitution?: boolean | null;

  @Describe('Providers to look at first.')
  @IsOptional()
  @IsNameList({ max: MAX_PREFERRED })
  prefer?: string[] | null;

  @Describe('What is known of the job: it decides the tier of `auto`.')
  @IsOptional()
  @IsShape(() => SignalsDto)
  signals?: SignalsDto | null;

  @Describe('Ask the next model also when one refuses the content.')
  @IsOptional()
  @IsBoolean()
  fallback_on_refusal?: boolean | null;
}

/** The wishes in the words of the registry; undefined when there are none. */
export function wishesOf(dto: RoutingDto | null | undefined): RoutingWishes | undefined {
  if (dto === undefined || dto === null) return undefined;
  const signals = dto.signals ? signalsOf(dto.signals) : undefined;
  const wishes: RoutingWishes = withoutNulls({
    profile: dto.profile,
    maxCostUsd: dto.max_cost_usd,
    allowSubstitution: dto.allow_substitution,
    prefer: dto.prefer,
    signals,
  });
  return Object.keys(wishes).length === 0 ? undefined : wishes;
}

const signalsOf = (dto: SignalsDto): RouteSignals =>
  withoutNulls({
    creationScore: dto.creation_score,
    executionScore: dto.execution_score,
    combinedScore: dto.combined_score,
    intent: dto.intent,
    previousFailures: dto.previous_failures,
    promptLength: dto.prompt_length,
    dataSize: dto.data_size,
    conditions: dto.conditions,
    contextReferences: dto.context_references,
    reasoning: dto.reasoning,
    output: dto.output,
    budgetRemaining: dto.budget_remaining,
  });

type Stated<Fields> = { readonly [Name in keyof Fields]?: NonNullable<Fields[Name]> };

const withoutNulls = <Fields extends object>(fields: Fields): Stated<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  ) as Stated<Fields>;

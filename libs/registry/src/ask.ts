import {
  GatewayError,
  HealthPort,
  Need,
  nameOf,
  RouteRequest,
  TIERS,
  Tier,
  TierChoice,
} from '@longhaul/contract';
import { Catalogue } from './catalogue';
import { fold, unlistedEntry } from './entry';
import { nearMatches } from './near-matches';
import { Question } from './question';
import { RegistryState } from './state';
import { chooseTier } from './tiers/tier-choice';
import { quote, unknownModel } from './unknown-model';

/** A hypothesis: what if these circuits were open, these keys missing? */
export interface Assumptions {
  /** Providers, words of a family, or model strings. */
  readonly openCircuits?: readonly string[];
  readonly missingKeys?: readonly string[];
}

const NANO_PER_USD = 1_000_000_000;

export const isAuto = (model: string | undefined): boolean =>
  model === undefined || fold(model) === '' || fold(model) === 'auto';

/** `tier:fast` and its kind. @throws GatewayError model_not_found for a tier that there is not */
export function tierNamed(state: RegistryState, model: string | undefined): Tier | null {
  const word = fold(model ?? '');
  if (!word.startsWith('tier:')) return null;
  const tier = TIERS.find((each) => word === `tier:${each}`);
  if (tier !== undefined) return tier;
  const sentence = `There is no tier ${quote(word.slice('tier:'.length))}; there are ${TIERS.join(', ')}.`;
  throw unknownModel(state.catalogue, {
    name: word,
    sentence,
    place: { param: 'model', pointer: '/model' },
  });
}

/** Puts a job's wishes beside the settings. @throws GatewayError invalid_request, model_not_found */
export function ask(
  state: RegistryState,
  need: Need,
  { request, assumed }: { readonly request: RouteRequest; readonly assumed: Assumptions },
): Question {
  const { policy } = state.settings;
  const { routing = {} } = request;
  return {
    need,
    settings: policy,
    catalogue: state.catalogue,
    lists: state.lists,
    profile: routing.profile ?? policy.profile,
    health: assuming(state.health, circuitsIn(state, assumed.openCircuits ?? [])),
    forgivesIllness: false,
    missingKeys: new Set(meantBy(state, assumed.missingKeys ?? [], 'assume.missing_keys')),
    ceilingNanoUsd: lower(policy.maxCostNanoUsd, nanoOf(routing.maxCostUsd)),
    preferred: [
      ...new Set([
        ...meantBy(state, routing.prefer ?? [], 'routing.prefer'),
        ...(policy.preferredProviders[need.type] ?? []),
      ]),
    ],
    tier: tierOf(state, need, request),
  };
}

/** Null when the caller named a model. */
function tierOf(
  state: RegistryState,
  need: Need,
  { model, provider, routing }: RouteRequest,
): TierChoice | null {
  const requested = tierNamed(state, model);
  const namesProvider = (provider ?? '').trim() !== '';
  if (requested === null && (!isAuto(model) || namesProvider)) return null;
  return chooseTier({
    ...{ need, requested, profile: routing?.profile ?? null },
    signals: routing?.signals ?? {},
    settings: state.settings.policy.tiers,
  });
}

/** Provider names. */
function meantBy({ catalogue }: RegistryState, words: readonly string[], param: string): string[] {
  return words.flatMap((word, index) => {
    const members = catalogue.members(word).map(({ name }) => name);
    if (members.length > 0) return members;
    const known = catalogue.providers.map(({ name, prefixes }) => ({ name, spellings: prefixes }));
    const sentence = `There is no provider ${quote(word)}; there are ${known.map(({ name }) => name).join(', ')}.`;
    throw unknownWord({ sentence, param, index, near: nearMatches(word, known) });
  });
}

/** Providers as they are, models as `<provider>/<model>`. */
function circuitsIn({ catalogue }: RegistryState, words: readonly string[]): string[] {
  return words.flatMap((word, index) => {
    const members = catalogue.members(word).map(({ name }) => name);
    if (members.length > 0) return members;
    const model = modelNamed(catalogue, word.trim());
    if (model !== null) return [fold(model)];
    const providers = catalogue.providers.map(({ name, prefixes }) => ({ name, spellings: prefixes }));
    const near = nearMatches(word, [...providers, ...catalogue.known]);
    const nearest = near.length === 0 ? '' : ` Nearest: ${near.join(', ')}.`;
    const sentence = `There is no provider and no model ${quote(word)}.${nearest}`;
    throw unknownWord({ sentence, param: 'assume.open_circuits', index, near });
  });
}

/** The model that such a string names in a job. */
function modelNamed(catalogue: Catalogue, word: string): string | null {
  const parts = catalogue.split(word);
  if (parts === null) return catalogue.named(word)[0]?.entry.name ?? null;
  const found = catalogue.find(parts.provider, parts.rest)?.entry;
  if (found !== undefined) return found.name;
  const isTaken = parts.provider.acceptUnlistedModels && parts.rest !== '';
  return isTaken ? unlistedEntry(parts.provider, parts.rest).name : null;
}

interface UnknownWord {
  readonly sentence: string;
  readonly param: string;
  readonly index: number;
  readonly near: readonly string[];
}

function unknownWord({ sentence, param, index, near }: UnknownWord): GatewayError {
  return new GatewayError('invalid_request', sentence, {
    param,
    faults: [{ pointer: `/${param.replace('.', '/')}/${String(index)}`, detail: sentence }],
    extra: { near_matches: near },
  });
}

function assuming(health: HealthPort, open: readonly string[]): HealthPort {
  if (open.length === 0) return health;
  return {
    refusal: (target) => health.refusal(target),
    illness: (target) => {
      const name = nameOf(target);
      const isOpen = open.includes(target.provider) || open.includes(fold(name));
      return isOpen ? `The circuit of ${name} is assumed to be open.` : (health.illness?.(target) ?? null);
    },
    offers: (target) => health.offers?.(target) ?? false,
  };
}

const nanoOf = (usd: number | undefined): number | null =>
  usd === undefined ? null : Math.round(usd * NANO_PER_USD);

const lower = (left: number | null, right: number | null): number | null =>
  left === null || right === null ? (left ?? right) : Math.min(left, right);

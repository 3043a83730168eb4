import { GatewayError, HealthPort, RouteRequest, Tier, TierChoice } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { isAuto } from './ask';
import { Catalogue, Found } from './catalogue';
import { CatalogueEntry, fold, unlistedEntry } from './entry';
import { RegistryState } from './state';
import { Choice, Step } from './steps';
import { Place, noDefaultModel, quote, retiredModel, unknownModel, unknownProvider } from './unknown-model';

const MODEL: Place = { param: 'model', pointer: '/model' };

/** What a job asks for: a model by name, one of a tier's targets, or whatever the policy puts first. */
export type Wanted =
  | { readonly by: 'name'; readonly choice: Choice }
  | { readonly by: 'tier'; readonly targets: readonly CatalogueEntry[] }
  | { readonly by: 'policy' };

/** How names are read besides the catalogue itself. */
interface Reading {
  readonly catalogue: Catalogue;
  readonly health: HealthPort;
  /** A retired name gives its successor. */
  readonly allowSubstitution: boolean;
}

/** What `model` and `provider` mean. An unknown name throws, it is never replaced. */
export function resolveRequest(state: RegistryState, request: RouteRequest, tier: TierChoice | null): Wanted {
  const { catalogue, settings } = state;
  const named = (request.provider ?? '').trim();
  const reading = readingOf(state, request);
  if (named === '') {
    if (tier === null)
      return { by: 'name', choice: resolveName(reading, (request.model ?? '').trim(), MODEL) };
    if (!settings.policy.routerEnabled) throw routerIsOff(request);
    return ofTier(state, tier);
  }
  const provider = catalogue.provider(named);
  if (provider === null) throw unknownProvider(catalogue, named);
  if (tier !== null) {
    if (!settings.policy.routerEnabled) throw routerIsOff(request);
    return { by: 'name', choice: tierChoice(state, provider, tier.tier) };
  }
  const model = isAuto(request.model) ? null : (request.model ?? '').trim();
  const choice =
    model === null ? defaultChoice(catalogue, provider) : resolveBeside(reading, provider, model);
  return { by: 'name', choice };
}

const readingOf = ({ catalogue, health }: RegistryState, { routing }: RouteRequest): Reading => ({
  catalogue,
  health,
  allowSubstitution: routing?.allowSubstitution ?? false,
});

/** Nobody asked for a tier: then it is only one step of the ranking. */
function ofTier({ lists }: RegistryState, { tier, cause }: TierChoice): Wanted {
  const targets = lists.tier(tier);
  return cause === 'no_signal' || targets.length === 0 ? { by: 'policy' } : { by: 'tier', targets };
}

/** Only a model that is named runs while the router is off. */
function routerIsOff({ model }: RouteRequest): GatewayError {
  const asked = isAuto(model) ? 'the job names no model' : `the job asks for ${quote(model ?? '')}`;
  const message = `The router is off (ROUTER_ENABLED=false), and ${asked}. Name a model as <provider>/<model>.`;
  return new GatewayError('no_route', message, { param: 'model' });
}

/** The caller's `fallbacks`, each an explicit model string. */
export function resolveFallbacks(
  state: RegistryState,
  names: readonly string[],
  request: RouteRequest,
): Choice[] {
  const reading = readingOf(state, request);
  return names.map((name, index) => {
    const place: Place = { param: 'fallbacks', pointer: `/fallbacks/${index}` };
    if (isAuto(name) || fold(name).startsWith('tier:')) {
      const message = 'A fallback names a model; leave `fallbacks` out to let Longhaul choose.';
      const faults = [{ pointer: place.pointer, detail: message }];
      throw new GatewayError('invalid_request', message, { param: place.param, faults });
    }
    return { ...resolveName(reading, name.trim(), place), because: 'fallbacks' };
  });
}

function resolveName(reading: Reading, name: string, place: Place): Choice {
  const { catalogue } = reading;
  const parts = catalogue.split(name);
  if (parts !== null) {
    const step = fold(parts.prefix) === fold(parts.provider.name) ? 'explicit' : 'prefix';
    return resolveWithin(reading, { ...parts, name, step, place });
  }
  const [first, ...others] = catalogue.named(name);
  if (first === undefined) return bareChoice(reading, name, place);
  return choiceOf(reading, {
    found: first,
    step: 'explicit',
    place,
    notes: ambiguity(name, first, others),
  });
}

/** A name that the catalogue does not know goes where such names go, when that provider has said that it has it. */
function bareChoice({ catalogue, health }: Reading, name: string, place: Place): Choice {
  const bare = catalogue.provider(catalogue.bareModelProvider);
  const isOffered =
    bare !== null && !name.includes('/') && health.offers?.({ provider: bare.name, model: name });
  if (bare === null || isOffered !== true || !bare.acceptUnlistedModels) {
    throw unknownModel(catalogue, { name, place, ...strange(catalogue, name) });
  }
  const note = `${quote(name)} is not in the catalogue; ${bare.name} has a model of this name (BARE_MODEL_PROVIDER).`;
  return callersChoice(unlistedEntry(bare, name), 'bare_model', [note]);
}

interface Within {
  readonly provider: ProviderSettings;
  /** The id behind the prefix. */
  readonly rest: string;
  /** The whole string, for near matches. */
  readonly name: string;
  readonly step: Step;
  readonly place: Place;
  readonly isBeside?: boolean;
}

function resolveWithin(reading: Reading, within: Within): Choice {
  const { catalogue } = reading;
  const { provider, rest, name, step, place, isBeside = false } = within;
  const found = catalogue.find(provider, rest);
  if (found !== null) return choiceOf(reading, { found, step, place, notes: [], isBeside });
  if (provider.acceptUnlistedModels && rest !== '') {
    return callersChoice(unlistedEntry(provider, rest), step, []);
  }
  const sentence = `Provider ${provider.name} has no model ${quote(rest)} in the catalogue.`;
  throw unknownModel(catalogue, { name: rest === '' ? name : rest, sentence, place });
}

/** `provider` and `model` in two fields: the model is that provider's own id, with or without its prefix. */
function resolveBeside(reading: Reading, provider: ProviderSettings, model: string): Choice {
  const { catalogue } = reading;
  const parts = catalogue.split(model);
  // OpenRouter has ids of its own that begin with `openrouter/`: a listed id wins over the reading as a prefix.
  const isPrefixed = parts?.provider === provider && catalogue.find(provider, model) === null;
  const rest = isPrefixed && parts !== null ? parts.rest : model;
  const within = { provider, rest, name: model, step: 'explicit', place: MODEL, isBeside: true } as const;
  return resolveWithin(reading, within);
}

function defaultChoice(catalogue: Catalogue, provider: ProviderSettings): Choice {
  const own = catalogue.entries.filter((entry) => entry.provider === provider);
  const first = catalogue.defaultOf(provider) ?? own.find(({ model }) => model.status !== 'retired');
  if (first === undefined) throw noDefaultModel(provider);
  return callersChoice(first, 'provider_default', []);
}

/** `tier:…` inside a provider: its own model for that, else its first target of the tier, else its default. */
function tierChoice({ catalogue, lists }: RegistryState, provider: ProviderSettings, tier: Tier): Choice {
  const names = { fast: provider.speedModel, balanced: null, powerful: provider.qualityModel };
  const name = names[tier];
  const configured = name === null ? null : catalogue.configured(provider, name);
  // The job names this provider, so a word that leads elsewhere leads nowhere.
  const own = configured?.provider === provider ? configured : null;
  const target = lists.tier(tier).find((entry) => entry.provider === provider);
  const found = own ?? target;
  return found === undefined
    ? {
        ...defaultChoice(catalogue, provider),
        notes: [`Provider ${provider.name} has no ${tier} model of its own.`],
      }
    : callersChoice(found, 'provider_tier', []);
}

interface FoundName {
  readonly found: Found;
  readonly step: Step;
  readonly place: Place;
  readonly notes: readonly string[];
  /** The caller gave `provider` in a field of its own. */
  readonly isBeside?: boolean;
}

/** A successor at another provider stands in only where neither that provider nor the caller's `provider` forbids it. */
function choiceOf(
  { catalogue, allowSubstitution }: Reading,
  { found, step, place, notes, isBeside = false }: FoundName,
): Choice {
  const { entry, by } = found;
  if (entry.model.status !== 'retired') return callersChoice(entry, by === 'alias' ? 'alias' : step, notes);
  const successor = catalogue.successorOf(entry);
  const mayStandIn =
    successor !== null &&
    (successor.provider === entry.provider || (!isBeside && !successor.provider.explicitOnly));
  if (!allowSubstitution || !mayStandIn) throw retiredModel(catalogue, entry, place);
  const warning = `${entry.name} is retired; its successor ${successor.name} stands in for it.`;
  return { ...callersChoice(successor, 'successor', notes), warnings: [warning] };
}

const callersChoice = (entry: CatalogueEntry, because: Step, notes: readonly string[]): Choice => ({
  entry,
  because,
  chosenBy: 'caller',
  notes,
});

function ambiguity(name: string, first: Found, others: readonly Found[]): string[] {
  if (others.length === 0) return [];
  const also = others.map(({ entry }) => entry.name).join(', ');
  return [`${quote(name)} was read as ${first.entry.name}; it is also ${also}.`];
}

/** What to say of a name that is nowhere, and how to ask for an unlisted model all the same. */
function strange(catalogue: Catalogue, name: string): { sentence: string; hint?: string } {
  const sentence = `There is no model ${quote(name)} in the catalogue.`;
  const bare = catalogue.provider(catalogue.bareModelProvider);
  if (bare === null || !bare.acceptUnlistedModels || name.includes('/')) return { sentence };
  return { sentence, hint: `For a model that ${bare.name} has, write ${quote(`${bare.name}/${name}`)}.` };
}

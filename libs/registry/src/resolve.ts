import { GatewayError, RouteRequest } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { Catalogue, Found } from './catalogue';
import { CatalogueEntry, entryName, fold, unlistedEntry } from './entry';
import { Choice, Step } from './steps';
import { Place, noDefaultModel, quote, retiredModel, unknownModel, unknownProvider } from './unknown-model';

const MODEL: Place = { param: 'model', pointer: '/model' };

export const isAuto = (model: string | undefined): boolean =>
  model === undefined || fold(model) === '' || fold(model) === 'auto';

/** What `model` and `provider` mean; null = `auto`, the policy chooses. An unknown name throws, it is never replaced. */
export function resolveRequest(catalogue: Catalogue, request: RouteRequest): Choice | null {
  const model = isAuto(request.model) ? null : (request.model ?? '').trim();
  const named = (request.provider ?? '').trim();
  if (named === '') return model === null ? null : resolveName(catalogue, model, MODEL);
  const provider = catalogue.provider(named);
  if (provider === null) throw unknownProvider(catalogue, named);
  return model === null ? defaultChoice(catalogue, provider) : resolveBeside(catalogue, provider, model);
}

/** The caller's `fallbacks`, each an explicit model string. */
export function resolveFallbacks(catalogue: Catalogue, names: readonly string[]): Choice[] {
  return names.map((name, index) => {
    const place: Place = { param: 'fallbacks', pointer: `/fallbacks/${index}` };
    if (isAuto(name)) {
      const message = 'A fallback names a model; leave `fallbacks` out to let Longhaul choose.';
      const faults = [{ pointer: place.pointer, detail: message }];
      throw new GatewayError('invalid_request', message, { param: place.param, faults });
    }
    return { ...resolveName(catalogue, name.trim(), place), because: 'fallbacks' };
  });
}

function resolveName(catalogue: Catalogue, name: string, place: Place): Choice {
  if (fold(name).startsWith('tier:')) {
    const sentence = `${quote(name)} cannot be used: tiers are not configured yet. Name a model, or ask for "auto".`;
    throw unknownModel(catalogue, { name, sentence, place });
  }
  const parts = catalogue.split(name);
  if (parts !== null) {
    const step = fold(parts.prefix) === fold(parts.provider.name) ? 'explicit' : 'prefix';
    return resolveWithin(catalogue, { ...parts, name, step, place });
  }
  const [first, ...others] = catalogue.named(name);
  if (first === undefined) throw unknownModel(catalogue, { name, place, ...strange(catalogue, name) });
  return choiceOf(catalogue, {
    found: first,
    step: 'explicit',
    place,
    notes: ambiguity(name, first, others),
  });
}

interface Within {
  readonly provider: ProviderSettings;
  /** The id behind the prefix. */
  readonly rest: string;
  /** The whole string, for near matches. */
  readonly name: string;
  readonly step: Step;
  readonly place: Place;
}

function resolveWithin(catalogue: Catalogue, within: Within): Choice {
  const { provider, rest, name, step, place } = within;
  const found = catalogue.find(provider, rest);
  if (found !== null) return choiceOf(catalogue, { found, step, place, notes: [] });
  if (provider.acceptUnlistedModels && rest !== '') {
    return callersChoice(unlistedEntry(provider, rest), step, []);
  }
  const sentence = `Provider ${provider.name} has no model ${quote(rest)} in the catalogue.`;
  throw unknownModel(catalogue, { name: rest === '' ? name : rest, sentence, place });
}

/** `provider` and `model` in two fields: the model is that provider's own id, with or without its prefix. */
function resolveBeside(catalogue: Catalogue, provider: ProviderSettings, model: string): Choice {
  const parts = catalogue.split(model);
  // OpenRouter has ids of its own that begin with `openrouter/`: a listed id wins over the reading as a prefix.
  const isPrefixed = parts?.provider === provider && catalogue.find(provider, model) === null;
  const rest = isPrefixed && parts !== null ? parts.rest : model;
  return resolveWithin(catalogue, { provider, rest, name: model, step: 'explicit', place: MODEL });
}

function defaultChoice(catalogue: Catalogue, provider: ProviderSettings): Choice {
  const own = catalogue.entries.filter((entry) => entry.provider === provider);
  const first = own.find(({ model }) => model.status !== 'retired');
  if (first === undefined) throw noDefaultModel(provider);
  return callersChoice(first, 'provider_default', []);
}

interface Reading {
  readonly found: Found;
  readonly step: Step;
  readonly place: Place;
  readonly notes: readonly string[];
}

function choiceOf(catalogue: Catalogue, { found, step, place, notes }: Reading): Choice {
  if (found.entry.model.status === 'retired') throw retiredModel(catalogue, found.entry, place);
  return callersChoice(found.entry, found.by === 'alias' ? 'alias' : step, notes);
}

const callersChoice = (entry: CatalogueEntry, because: Step, notes: readonly string[]): Choice => ({
  entry,
  because,
  chosenBy: 'caller',
  notes,
});

function ambiguity(name: string, first: Found, others: readonly Found[]): string[] {
  if (others.length === 0) return [];
  const also = others.map(({ entry }) => entryName(entry)).join(', ');
  return [`${quote(name)} was read as ${entryName(first.entry)}; it is also ${also}.`];
}

/** What to say of a name that is nowhere, and how to ask for an unlisted model all the same. */
function strange(catalogue: Catalogue, name: string): { sentence: string; hint?: string } {
  const sentence = `There is no model ${quote(name)} in the catalogue.`;
  const bare = catalogue.provider(catalogue.bareModelProvider);
  if (bare === null || !bare.acceptUnlistedModels || name.includes('/')) return { sentence };
  return { sentence, hint: `For a model that ${bare.name} has, write ${quote(`${bare.name}/${name}`)}.` };
}

import { GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { CatalogueEntry } from './entry';
import { nearMatches } from './near-matches';

const LONGEST_ECHO = 100;

/** Where in the body a model string stands. */
export interface Place {
  readonly param: 'model' | 'provider' | 'fallbacks';
  readonly pointer: string;
}

/** The caller's own word inside a message, cut so that a message stays a sentence. */
export const quote = (word: string): string =>
  `"${word.length > LONGEST_ECHO ? `${word.slice(0, LONGEST_ECHO)}…` : word}"`;

function fault(place: Place, message: string, extra: Record<string, unknown>): GatewayError {
  const faults = [{ pointer: place.pointer, detail: message }];
  return new GatewayError('model_not_found', message, { param: place.param, faults, extra });
}

/** No such model. `sentence` says what is missing; near matches and the way to an unlisted id follow. */
export function unknownModel(catalogue: Catalogue, asked: Asked): GatewayError {
  const near = nearMatches(asked.name, catalogue.known);
  const nearest = near.length === 0 ? '' : ` Nearest: ${near.join(', ')}.`;
  const hint = asked.hint === undefined ? '' : ` ${asked.hint}`;
  return fault(asked.place, `${asked.sentence}${nearest}${hint}`, { near_matches: near });
}

export interface Asked {
  readonly name: string;
  readonly sentence: string;
  readonly hint?: string;
  readonly place: Place;
}

export function unknownProvider(catalogue: Catalogue, name: string): GatewayError {
  const names = catalogue.providers.map((provider) => provider.name).sort();
  const near = nearMatches(
    name,
    names.map((known) => ({ name: known, spellings: [known] })),
  );
  const message = `There is no provider ${quote(name)}; there are ${names.join(', ')}.`;
  const faults = [{ pointer: '/provider', detail: message }];
  return new GatewayError('invalid_request', message, {
    param: 'provider',
    faults,
    extra: { near_matches: near },
  });
}

export function retiredModel(catalogue: Catalogue, entry: CatalogueEntry, place: Place): GatewayError {
  const successor = catalogue.successorOf(entry);
  const name = entry.name;
  if (successor === null) {
    const message = `${name} is retired and has no successor; name another model.`;
    return fault(place, message, { near_matches: [], successor: null });
  }
  const instead = successor.name;
  const message = `${name} is retired; ask for its successor ${instead}, or allow it with routing.allow_substitution.`;
  return fault(place, message, { near_matches: [instead], successor: instead });
}

/** A provider named without a model, and it has none to offer. */
export function noDefaultModel(provider: ProviderSettings): GatewayError {
  const message = `Provider ${provider.name} has no default model; name one in "model".`;
  return fault({ param: 'provider', pointer: '/provider' }, message, { near_matches: [] });
}

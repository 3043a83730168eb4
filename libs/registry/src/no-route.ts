import { Candidate, GatewayError, nameOf, viewCandidate } from '@longhaul/contract';
import { hasLane } from '@longhaul/settings';
import { Chain } from './chain';
import { entryName } from './entry';
import { keyPresent } from './rules';
import { Choice } from './steps';

/** Refused for want of a key and for nothing else. */
const needsOnlyKey = ({ refusals }: Candidate): boolean =>
  refusals.length === 1 && refusals[0]?.rule === keyPresent.name;

/** Nothing that was looked at may run this job. `wanted` = the model that the caller named, null for `auto`. */
export function noRoute(wanted: Choice | null, chain: Chain): GatewayError {
  const { candidates } = chain;
  const keyless = candidates.filter(needsOnlyKey);
  const variables = keyVariables(chain, keyless);
  const extra = { candidates: candidates.map(viewCandidate) };
  if (wanted !== null && keyless.length === candidates.length) {
    const message = `${sentences(candidates)} Set ${anyOf(variables)} and start Longhaul again, or name another model.`;
    return new GatewayError('provider_not_configured', message, {
      param: 'model',
      shouldRetry: false,
      extra,
    });
  }
  return new GatewayError('no_route', noRouteMessage(wanted, candidates, variables), {
    param: 'model',
    extra,
  });
}

function noRouteMessage(
  wanted: Choice | null,
  candidates: readonly Candidate[],
  variables: readonly string[],
): string {
  const key = variables.length === 0 ? '' : ` A key would help: set ${anyOf(variables)}.`;
  if (wanted !== null)
    return `${entryName(wanted.entry)} cannot take this job. ${sentences(candidates)}${key}`;
  if (candidates.length === 0)
    return 'The policy proposes no model at all; add a [[model]] row to the catalogue.';
  return `None of the ${candidates.length} models that were looked at can take this job; see \`candidates\`.${key}`;
}

const sentences = (candidates: readonly Candidate[]): string =>
  [...new Set(candidates.flatMap(({ refusals }) => refusals.map(({ reason }) => reason)))].join(' ');

const anyOf = (variables: readonly string[]): string =>
  variables.length < 2 ? variables.join('') : `one of ${variables.join(', ')}`;

/** The first variable of each provider whose model needs nothing but a key. */
function keyVariables(chain: Chain, keyless: readonly Candidate[]): string[] {
  const names = new Set(keyless.map(({ target }) => nameOf(target)));
  const providers = chain.entries
    .filter((entry) => names.has(entryName(entry)))
    .map(({ provider }) => provider);
  const firsts = providers
    .filter((provider) => !hasLane(provider))
    .flatMap(({ keyVariables }) => keyVariables.slice(0, 1));
  return [...new Set(firsts)];
}

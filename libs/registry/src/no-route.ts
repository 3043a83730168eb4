import { GatewayError, viewCandidate } from '@longhaul/contract';
import { ProviderSettings, seeDocsOf } from '@longhaul/settings';
import { Verdict } from './chain';
import type { Routing } from './routing';
import { healthy, keyPresent } from './rules';

const MOST_CANDIDATES = 100;

/** Refused for want of a key and for nothing else. */
const needsOnlyKey = ({ refusals }: Verdict): boolean =>
  refusals.length === 1 && refusals[0]?.rule === keyPresent.name;

/** A provider without a key that does not answer: it helps nobody, and a key would. */
const isAway = ({ entry, refusals }: Verdict): boolean =>
  entry.provider.auth === 'none' && refusals.every(({ rule }) => rule === healthy.name);

/** Nothing that was looked at may run this job. */
export function noRoute(routing: Routing): GatewayError {
  const { looked } = routing.chain;
  const keyless = looked.filter(needsOnlyKey);
  const providers = [...new Set(keyless.map(({ entry }) => entry.provider))];
  const variables = keyVariables(providers);
  const candidates = looked
    .slice(0, MOST_CANDIDATES)
    .map((verdict) => viewCandidate(routing.chain.candidate(verdict)));
  const detail = { param: 'model', extra: { candidates } };
  if (
    routing.wanted.by !== 'policy' &&
    keyless.length > 0 &&
    looked.every((each) => needsOnlyKey(each) || isAway(each))
  ) {
    const what = `Set ${anyOf(variables)} and start Longhaul again, or name another model.${seeDocsOf(...providers.map(({ name }) => name))}`;
    return new GatewayError('provider_not_configured', `${keylessSentence(routing)} ${what}`, {
      ...detail,
      shouldRetry: false,
    });
  }
  return new GatewayError('no_route', noRouteMessage(routing, variables), detail);
}

function keylessSentence({ wanted, tier, chain }: Routing): string {
  if (wanted.by === 'name' || tier === null) return sentences(chain.looked);
  return `No target of the tier ${tier.tier} has a key. ${sentences(chain.looked)}`;
}

function noRouteMessage({ wanted, tier, chain }: Routing, variables: readonly string[]): string {
  const { looked } = chain;
  const key = variables.length === 0 ? '' : ` A key would help: set ${anyOf(variables)}.`;
  if (wanted.by === 'name') {
    return `${wanted.choice.entry.name} cannot take this job. ${sentences(looked)}${key}`;
  }
  if (looked.length === 0) {
    return 'The policy proposes no model at all; add a [[model]] row to the catalogue.';
  }
  const where = wanted.by === 'tier' && tier !== null ? ` of the tier ${tier.tier}` : '';
  return `None of the ${looked.length} models${where} that were looked at can take this job; see \`candidates\`.${key}`;
}

const sentences = (looked: readonly Verdict[]): string =>
  [...new Set(looked.flatMap(({ refusals }) => refusals.map(({ reason }) => reason)))].join(' ');

const anyOf = (variables: readonly string[]): string =>
  variables.length < 2 ? variables.join('') : `one of ${variables.join(', ')}`;

/** The first variable of each. */
const keyVariables = (providers: readonly ProviderSettings[]): string[] => [
  ...new Set(providers.flatMap(({ keyVariables: names }) => names.slice(0, 1))),
];

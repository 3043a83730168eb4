import { createHash } from 'node:crypto';
import { ConfigMark, HealthPort } from '@longhaul/contract';
import { ModelSettings, Settings } from '@longhaul/settings';
import { Catalogue } from './catalogue';
import { Lists } from './lists';
import { compareNames } from './near-matches';
import { Policy } from './policy';

export type RegistrySettings = Pick<Settings, 'providers' | 'models' | 'policy' | 'limits'>;

/** Everything that a choice is made from: built whole, checked whole, exchanged whole. */
export interface RegistryState {
  readonly catalogue: Catalogue;
  readonly lists: Lists;
  readonly settings: RegistrySettings;
  readonly policy: Policy;
  readonly health: HealthPort;
  readonly config: ConfigMark;
}

/** What does not come from the settings. */
export interface StateParts {
  readonly policy: Policy;
  readonly health: HealthPort;
  /** Of the overrides; 0 = none. */
  readonly version: number;
}

const HASH_CHARACTERS = 16;

/** @throws GatewayError config_rejected, with every fault */
export function buildState(
  settings: RegistrySettings,
  { policy, health, version }: StateParts,
): RegistryState {
  const catalogue = new Catalogue(settings);
  const lists = new Lists(catalogue, settings.policy);
  const hash = hashOf(settings, policy);
  return { catalogue, lists, settings, policy, health, config: { version, hash } };
}

/** Over what a choice can depend on; of a key only whether it is there. In which order the rows stand changes nothing. */
function hashOf({ providers, models, policy, limits }: RegistrySettings, { name }: Policy): string {
  const shown = inOrder(
    providers.map((provider) => ({
      ...provider,
      key: provider.key !== null,
      keySource: null,
      headers: null,
    })),
    (provider) => provider.name,
  );
  const text = JSON.stringify([name, shown, inOrder(models, nameOfRow), policy, limits]);
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS);
}

const nameOfRow = ({ provider, id }: ModelSettings): string => `${provider}/${id}`;

const inOrder = <Row>(rows: readonly Row[], name: (row: Row) => string): Row[] =>
  [...rows].sort((left, right) => compareNames(name(left), name(right)));

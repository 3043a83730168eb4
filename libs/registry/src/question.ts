import { HealthPort, Need, Profile, TierChoice } from '@longhaul/contract';
import { PolicySettings } from '@longhaul/settings';
import type { Catalogue } from './catalogue';
import type { Lists } from './lists';

/** Everything that rules and ranking steps may look at, besides the model itself. Holds no prompt. */
export interface Question {
  readonly need: Need;
  readonly settings: PolicySettings;
  readonly catalogue: Catalogue;
  /** The configured lists of models. */
  readonly lists: Lists;
  /** The caller's, else the configured one. */
  readonly profile: Profile;
  readonly health: HealthPort;
  /** What is ill for now may stand in the chain: nothing better is left. */
  readonly forgivesIllness: boolean;
  /** Providers taken to have no key, for "what would happen if". */
  readonly missingKeys: ReadonlySet<string>;
  /** The lower of the operator's and the caller's ceiling for one call; null = none. */
  readonly ceilingNanoUsd: number | null;
  /** Providers to look at first: the caller's, then those for this type of job. */
  readonly preferred: readonly string[];
  /** Null when the caller named a model. */
  readonly tier: TierChoice | null;
}

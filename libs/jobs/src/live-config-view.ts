import { ConfigVersion, ConfigVersionKind, OverrideChange } from '@longhaul/records';
import { Overrides } from '@longhaul/settings';
import { unixSeconds } from './overview-cooling';
import { readOverrides } from './live-config-overrides';

/** A version of the overrides, as the API tells it. */
export interface ConfigVersionView {
  readonly object: 'config.version';
  readonly version: number;
  readonly kind: ConfigVersionKind;
  readonly author: string;
  readonly reason: string;
  /** Of a rollback; 0 = no overrides at all. */
  readonly rolled_back_to: number | null;
  /** Null = a rehearsal: nothing was written. */
  readonly created_at: number | null;
  /** By name what this version has changed; null = no override. */
  readonly changes: Readonly<Record<string, OverrideChange>>;
  /** The whole set, by setting and by model. */
  readonly settings: Overrides['settings'];
  readonly prices: Overrides['prices'];
}

export interface ConfigPageView {
  readonly object: 'list';
  readonly data: readonly ConfigVersionView[];
  readonly has_more: boolean;
}

export function viewVersion(
  stored: Omit<ConfigVersion, 'createdAt'> & { readonly createdAt: Date | null },
): ConfigVersionView {
  const { version, kind, author, reason, rolledBackTo, createdAt, changes, overrides } = stored;
  return {
    object: 'config.version',
    version,
    kind,
    author,
    reason,
    rolled_back_to: rolledBackTo,
    created_at: createdAt === null ? null : unixSeconds(createdAt),
    changes,
    ...readOverrides(overrides),
  };
}

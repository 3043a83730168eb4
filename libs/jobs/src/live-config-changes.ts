import { GatewayError } from '@longhaul/contract';
import { ConfigPage, ConfigVersion, NewConfigVersion, Records } from '@longhaul/records';
import { holdsKey, NO_OVERRIDES, Overrides, Settings } from '@longhaul/settings';
import { LiveConfig } from './live-config';
import { BuiltConfig, ConfigBuilder } from './live-config-build';
import { changesBetween, edited, OverrideEdit, overriddenCaps, readOverrides } from './live-config-overrides';
import { needsRestart } from './live-config-restart';
import { ConfigPageView, ConfigVersionView, viewVersion } from './live-config-view';

/** Who wants it, and why. */
export interface Wish {
  readonly author: string;
  readonly reason: string;
}

export interface ConfigChange extends OverrideEdit {
  /** The version that the caller has seen; null = whichever is in force. */
  readonly expectedVersion: number | null;
}

export interface ReloadReport {
  readonly object: 'registry.reload';
  readonly version: number;
  readonly hash: string;
  readonly warnings: readonly string[];
  /** What the files say otherwise than at the boot of this process, and only a restart brings into force. */
  readonly restart_needed: readonly string[];
}

export interface ConfigChangesParts {
  readonly records: Pick<Records, 'config' | 'notices'>;
  readonly builder: ConfigBuilder;
  readonly live: LiveConfig;
  readonly boot: Settings;
}

/** A version before it has its place in the order of all versions. */
interface Draft extends Pick<NewConfigVersion, 'kind' | 'rolledBackTo'> {
  readonly overrides: Overrides;
}

/** Changes of the overrides: checked as a whole against the files of this process, then written, then in force. */
export class ConfigChanges {
  constructor(private readonly parts: ConfigChangesParts) {}

  /** @throws GatewayError config_rejected, with the old configuration still in force everywhere */
  change(change: ConfigChange, wish: Wish): Promise<ConfigVersionView> {
    return this.append(wish, (current) => draftOf(current, change));
  }

  /** What `change` would write. Writes nothing, and asks for no lock. */
  async rehearse(change: ConfigChange, wish: Wish): Promise<ConfigVersionView> {
    const current = await this.parts.records.config.current();
    const draft = draftOf(current, change);
    const built = this.parts.builder.build(draft.overrides, (current?.version ?? 0) + 1);
    const row = this.next(current, { draft, wish, built });
    return viewVersion({ ...row, version: (current?.version ?? 0) + 1, createdAt: null });
  }

  /** @param version whose overrides are to hold again; 0 = none. @throws GatewayError config_rejected */
  async rollback(version: number, wish: Wish): Promise<ConfigVersionView> {
    const stored = version === 0 ? null : await this.parts.records.config.find(version);
    if (version !== 0 && stored === null) throw refused('version', absent(version));
    const overrides = stored === null ? NO_OVERRIDES : readOverrides(stored.overrides);
    return this.append(wish, () => ({ kind: 'rollback', rolledBackTo: version, overrides }));
  }

  /** Has every process read its files anew. @throws GatewayError config_rejected when those of this one are at fault */
  async reload(wish: Wish): Promise<ReloadReport> {
    const { boot, live } = this.parts;
    const { version } = await this.append(wish, (current) => ({
      kind: 'reload',
      rolledBackTo: null,
      overrides: readOverrides(current?.overrides),
    }));
    const { settings, state } = live.current;
    return {
      object: 'registry.reload',
      version,
      hash: state.config.hash,
      warnings: [...settings.warnings, ...state.catalogue.warnings],
      restart_needed: needsRestart(boot, settings),
    };
  }

  async history(page: ConfigPage): Promise<ConfigPageView> {
    const { rows, hasMore } = await this.parts.records.config.page(page);
    return { object: 'list', data: rows.map(viewVersion), has_more: hasMore };
  }

  /** @throws GatewayError not_found */
  async find(version: number): Promise<ConfigVersionView> {
    return viewVersion(await this.found(version));
  }

  private async found(version: number): Promise<ConfigVersion> {
    const stored = await this.parts.records.config.find(version);
    if (stored !== null) return stored;
    throw new GatewayError('not_found', absent(version));
  }

  private async append(
    wish: Wish,
    draft: (current: ConfigVersion | null) => Draft,
  ): Promise<ConfigVersionView> {
    if (holdsKey(wish.reason)) {
      throw refused(
        'reason',
        'The reason holds what looks like a key, and it is kept for good. Write it without.',
      );
    }
    const { records, live, builder } = this.parts;
    let built: BuiltConfig | null = null;
    const written = await records.config.append((current) => {
      const drafted = draft(current);
      built = builder.build(drafted.overrides, (current?.version ?? 0) + 1);
      return this.next(current, { draft: drafted, wish, built });
    });
    // Before the others hear of it, who read all files once more; and before the answer, so that the caller's next request
    // is decided by what it has just changed.
    const followed = live.refresh(built);
    records.notices.tell('config', String(written.version));
    await followed;
    return viewVersion(written);
  }

  private next(
    current: ConfigVersion | null,
    { draft, wish, built }: { readonly draft: Draft; readonly wish: Wish; readonly built: BuiltConfig },
  ): NewConfigVersion {
    const changes = changesBetween(readOverrides(current?.overrides), draft.overrides);
    return { ...draft, ...wish, changes, caps: overriddenCaps(built.settings) };
  }
}

const absent = (version: number): string =>
  `There is no version ${String(version)} of the overrides; GET /v1/admin/config lists them.`;

const refused = (param: string, sentence: string): GatewayError =>
  new GatewayError('config_rejected', sentence, { param, extra: { faults: [sentence] } });

function draftOf(current: ConfigVersion | null, { expectedVersion, ...edit }: ConfigChange): Draft {
  const version = current?.version ?? 0;
  if (expectedVersion !== null && expectedVersion !== version) {
    const sentence = `The overrides are at version ${String(version)} and not at ${String(expectedVersion)}: somebody has changed them since. Read them again, then repeat.`;
    throw refused('expected_version', sentence);
  }
  return { kind: 'change', rolledBackTo: null, overrides: edited(readOverrides(current?.overrides), edit) };
}

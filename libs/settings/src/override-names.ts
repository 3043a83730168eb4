import { ALL_OPTIONS } from './all-options';
import { nearest } from './nearest';
import { Overrides, shownName } from './overrides';
import { ProviderBlock } from './provider-blocks';
import { isFamilyKey, isLive, OVERRIDABLE_KEYS, settingName, variablesFor } from './provider-options';
import { SettingsError } from './settings-error';

type Named = Pick<ProviderBlock, 'name' | 'family'>;

/** The settings that may be changed while Longhaul runs: those of policy.toml, and what is said of models and caps. */
export function liveNames(blocks: readonly Named[]): readonly string[] {
  const general = Object.entries(ALL_OPTIONS).flatMap(([name, option]) =>
    option.live === true ? [name] : [],
  );
  const families = [...new Set(blocks.flatMap(({ family }) => family ?? []))];
  const ofProviders = OVERRIDABLE_KEYS.filter(isLive).flatMap((key) => [
    ...blocks.map(({ name }) => settingName(key, name)),
    ...(isFamilyKey(key) ? families.map((family) => settingName(key, family)) : []),
  ]);
  return [...new Set([...general, ...ofProviders])];
}

/** Stops at the first override that changes what may not be changed, or what is no setting at all. */
export function refuseOtherNames(overrides: Overrides, blocks: readonly Named[]): void {
  const live = liveNames(blocks);
  const others = otherNames(blocks);
  for (const name of Object.keys(overrides.settings)) {
    if (live.includes(name)) continue;
    const subject = `the override ${shownName(name)}`;
    const known = others.get(name);
    if (known !== undefined) throw new SettingsError(`${subject} ${known.problem}`, known.fix);
    const near = nearest(name, live);
    throw new SettingsError(
      `${subject} is no setting that can be changed while Longhaul runs`,
      near === null
        ? 'docs/configuration.md lists those that can, in the column Live'
        : `Did you mean ${near}?`,
    );
  }
}

interface Refusal {
  readonly problem: string;
  readonly fix: string;
}

/** Names that mean something, only not here. */
function otherNames(blocks: readonly Named[]): ReadonlyMap<string, Refusal> {
  const older = (now: string): Refusal => ({ problem: `has an older name`, fix: `Write ${now}` });
  const found = new Map<string, Refusal>();
  for (const [name, option] of Object.entries(ALL_OPTIONS)) {
    if (option.live !== true) found.set(name, fixed(name, option.file));
    for (const alias of option.aliases ?? []) found.set(alias, older(name));
  }
  for (const { name } of blocks) {
    for (const key of OVERRIDABLE_KEYS) {
      const [first = '', ...aliases] = variablesFor(key, name);
      if (!isLive(key)) found.set(first, fixed(first, 'providers.toml'));
      for (const alias of aliases)
        found.set(alias, isLive(key) ? older(first) : fixed(alias, 'providers.toml'));
    }
  }
  return found;
}

const fixed = (name: string, file: string | null): Refusal => ({
  problem: 'is a setting that no override may change',
  fix: `Set ${name} in the environment${file === null ? '' : `, or its key in ${file}`}, and start again`,
});

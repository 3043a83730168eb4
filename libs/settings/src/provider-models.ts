import { FamilyShares } from './families';
import { Found } from './environment-reader';
import { LoadNotes } from './load-notes';
import { refuseEmpty } from './option-values';
import { ProviderBlock } from './provider-blocks';
import {
  FamilyKey,
  isLive,
  MOST_FALLBACKS,
  OverridableKey,
  settingName,
  variablesFor,
} from './provider-options';
import { ProviderSettings } from './settings';
import { StatedValues } from './stated-values';
import { builtIn, fromFile, fromFound, refuse, Valued } from './valued';

export type ModelChoices = Pick<
  ProviderSettings,
  | 'defaultModel'
  | 'speedModel'
  | 'qualityModel'
  | 'preferredModels'
  | 'allowedModels'
  | 'fallbackOrder'
  | 'allowExpensiveFallback'
>;

/** What is said about a provider's models, by its own variables and by those of its family. */
export class ProviderModels {
  constructor(
    private readonly stated: StatedValues,
    private readonly shares: FamilyShares,
    private readonly notes: LoadNotes,
  ) {}

  settle(block: ProviderBlock): ModelChoices {
    return {
      defaultModel: this.one('default_model', block, block.defaultModel),
      speedModel: this.one('speed_model', block, block.speedModel),
      qualityModel: this.one('quality_model', block, block.qualityModel),
      preferredModels: this.several('preferred_models', block, block.preferredModels) ?? [],
      allowedModels: this.several('allowed_models', block, block.allowedModels),
      fallbackOrder: this.several('fallback_order', block, block.fallbackOrder) ?? [],
      allowExpensiveFallback: this.flag(block),
    };
  }

  private one(key: FamilyKey, block: ProviderBlock, inFile: string | null): string | null {
    const { own, ofFamily } = this.find(key, block, (names) => this.stated.text(...names));
    const share = ofFamily !== null && this.shares.isFor(key, ofFamily, block) ? ofFamily : null;
    return this.record(key, block, valuedOf({ key, block, inFile, found: stronger(own, share) }));
  }

  private several(
    key: FamilyKey,
    block: ProviderBlock,
    inFile: readonly string[] | null,
  ): readonly string[] | null {
    const { own, ofFamily } = this.find(key, block, (names) => this.stated.list(...names));
    const found = stronger(own, ofFamily);
    const valued = valuedOf({ key, block, inFile, found });
    this.check(key, valued);
    if (found === null || found !== ofFamily) return this.record(key, block, valued);
    return this.record(key, block, { ...valued, value: this.shares.list(key, found, block) });
  }

  /** As a whole, before a family's list is dealt out: a member may well be left with nothing. */
  private check(key: FamilyKey, valued: Valued<readonly string[] | null>): void {
    if (key === 'allowed_models') refuseEmpty(valued);
    const length = valued.value?.length ?? 0;
    if (key === 'fallback_order' && length > MOST_FALLBACKS) {
      refuse(
        valued,
        `names ${String(length)} fallbacks, and ${String(MOST_FALLBACKS)} are the most`,
        'Leave some out; a job tries no more targets than MAX_RUNGS',
      );
    }
  }

  private flag(block: ProviderBlock): boolean | null {
    const key = 'allow_expensive_thinking_fallback';
    const { own, ofFamily } = this.find(key, block, (names) => this.stated.flag(...names));
    const found = stronger(own, ofFamily);
    return this.record(key, block, valuedOf({ key, block, inFile: block.allowExpensiveFallback, found }));
  }

  /** A provider that carries its family's word (kimi) has no variable of its own: it is the family's. */
  private find<Value>(
    key: FamilyKey,
    { name, family }: ProviderBlock,
    read: (names: readonly string[]) => Found<Value> | null,
  ): { readonly own: Found<Value> | null; readonly ofFamily: Found<Value> | null } {
    return {
      own: family === name ? null : read(variablesFor(key, name)),
      ofFamily: family === null ? null : read(variablesFor(key, family)),
    };
  }

  private record<Value extends string | boolean | readonly string[]>(
    key: OverridableKey,
    block: ProviderBlock,
    { value, origin, place }: Valued<Value | null>,
  ): Value | null {
    this.notes.record({ name: settingName(key, block.name), value, origin, place, live: isLive(key) });
    return value;
  }
}

/** A provider's own word beats its family's, and an override beats a variable. */
function stronger<Value>(own: Found<Value> | null, ofFamily: Found<Value> | null): Found<Value> | null {
  const isBeaten = ofFamily?.origin === 'override' && own?.origin !== 'override';
  return own === null || isBeaten ? ofFamily : own;
}

function valuedOf<Value>(from: {
  readonly key: OverridableKey;
  readonly block: ProviderBlock;
  readonly found: Found<Value> | null;
  readonly inFile: Value | null;
}): Valued<Value | null> {
  if (from.found !== null) return fromFound(from.found);
  if (from.inFile !== null) return fromFile(from.block.reader, from.key, from.inFile);
  return builtIn(settingName(from.key, from.block.name), null);
}

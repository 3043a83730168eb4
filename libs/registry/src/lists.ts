import { TIERS, Tier } from '@longhaul/contract';
import { PolicySettings, ProviderSettings } from '@longhaul/settings';
import type { Catalogue } from './catalogue';
import { CatalogueEntry } from './entry';

/** Where a list of model names stands, for faults and warnings. */
export interface ListPlace {
  /** The variable that sets it. */
  readonly variable: string;
  /** Names are read from inside this provider; null = from outside. */
  readonly provider: ProviderSettings | null;
}

export interface NamedList extends ListPlace {
  readonly names: readonly string[];
}

/** The configured lists of models, read once: names become models, retired ones their successors. */
export class Lists {
  /** What is tried when nothing else is left: DEFAULT_MODELS, then DEFAULT_MODEL. */
  readonly defaults: readonly CatalogueEntry[];
  private readonly preferred = new Map<string, number>();
  private readonly allowed = new Map<string, ReadonlySet<string>>();
  private readonly free: ReadonlySet<string>;
  private readonly tiers: Readonly<Record<Tier, readonly CatalogueEntry[]>>;
  private readonly tierPlaces: Readonly<Record<Tier, ReadonlyMap<string, number>>>;

  constructor(
    private readonly catalogue: Catalogue,
    policy: PolicySettings,
  ) {
    for (const provider of catalogue.providers) this.readProvider(provider);
    this.defaults = this.read(policy.defaultModels);
    this.free = new Set(this.read(policy.freeModels).map(({ name }) => name));
    this.tiers = byTier((tier) => unique(policy.tiers.targets[tier].flatMap((word) => this.meant(word))));
    this.tierPlaces = byTier((tier) => placesOf(this.tiers[tier]));
  }

  /** The tier's models, best first. A provider's word stands for its models, the preferred ones first. */
  tier(tier: Tier): readonly CatalogueEntry[] {
    return this.tiers[tier];
  }

  tierPlace(tier: Tier, { name }: CatalogueEntry): number {
    return this.tierPlaces[tier].get(name) ?? Number.MAX_SAFE_INTEGER;
  }

  /** Place in its provider's `preferred_models`; those that are not there come after. */
  preferencePlace({ name }: CatalogueEntry): number {
    return this.preferred.get(name) ?? Number.MAX_SAFE_INTEGER;
  }

  /** Whether its provider's `allowed_models` leaves it. */
  allows({ provider, name }: CatalogueEntry): boolean {
    return this.allowed.get(provider.name)?.has(name) ?? true;
  }

  isFree({ model, name }: CatalogueEntry): boolean {
    return model.free || this.free.has(name);
  }

  private readProvider(provider: ProviderSettings): void {
    const own = (names: readonly string[]): CatalogueEntry[] =>
      names
        .map((name) => this.catalogue.configured(provider, name))
        .filter((entry) => entry !== null && entry.provider === provider)
        .filter((entry) => entry !== null);
    unique(own(provider.preferredModels)).forEach(({ name }, index) => this.preferred.set(name, index));
    if (provider.allowedModels === null) return;
    this.allowed.set(provider.name, new Set(own(provider.allowedModels).map(({ name }) => name)));
  }

  private read(names: readonly string[]): CatalogueEntry[] {
    return unique(
      names.map((name) => this.catalogue.configuredAnywhere(name)).filter((entry) => entry !== null),
    );
  }

  private meant(word: string): readonly CatalogueEntry[] {
    const members = this.catalogue.members(word);
    if (members.length === 0) return this.read([word]);
    return members.flatMap((provider) => {
      const own = this.catalogue.entries.filter((entry) => entry.provider === provider);
      return [...own].sort((left, right) => this.preferencePlace(left) - this.preferencePlace(right));
    });
  }
}

/** Every list whose words must be models, and where each stands. */
export function namedLists(providers: readonly ProviderSettings[], policy: PolicySettings): NamedList[] {
  const ofProvider = (provider: ProviderSettings): NamedList[] => {
    const list = (suffix: string, names: readonly string[]): NamedList => {
      return { variable: `${provider.name.toUpperCase()}_${suffix}`, provider, names };
    };
    const one = (name: string | null): readonly string[] => (name === null ? [] : [name]);
    return [
      list('FALLBACK_ORDER', provider.fallbackOrder),
      list('PREFERRED_MODELS', provider.preferredModels),
      list('ALLOWED_MODELS', provider.allowedModels ?? []),
      list('SPEED_MODEL', one(provider.speedModel)),
      list('QUALITY_MODEL', one(provider.qualityModel)),
    ];
  };
  const anywhere = (variable: string, names: readonly string[]): NamedList => ({
    variable,
    provider: null,
    names,
  });
  return [
    ...providers.flatMap(ofProvider),
    anywhere('DEFAULT_MODELS', policy.defaultModels),
    anywhere('FREE_MODELS', policy.freeModels),
    ...TIERS.map((tier) => anywhere(`TIER_${tier.toUpperCase()}`, policy.tiers.targets[tier])),
  ];
}

const byTier = <Value>(of: (tier: Tier) => Value): Readonly<Record<Tier, Value>> => ({
  fast: of('fast'),
  balanced: of('balanced'),
  powerful: of('powerful'),
});

const placesOf = (entries: readonly CatalogueEntry[]): ReadonlyMap<string, number> =>
  new Map(entries.map(({ name }, index) => [name, index]));

const unique = (entries: readonly CatalogueEntry[]): CatalogueEntry[] => [
  ...new Map(entries.map((entry) => [entry.name, entry])).values(),
];

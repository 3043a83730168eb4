import { Profile } from '@longhaul/contract';
import { inPriorityOrder } from './families';
import { LoadNotes } from './load-notes';
import { OptionValues } from './option-values';
import { ProviderWords } from './provider-words';
import { PolicySettings, ProviderSettings } from './settings';
import { StatedValues } from './stated-values';
import { readTiers } from './tier-settings';
import { fromFound, Valued } from './valued';

const NANO_PER_USD = 1_000_000_000;

/** From before Longhaul: true = what the family kimi can do goes first, for either type of job. */
export const PREFER_KIMI = 'WORKFLOWS_PREFER_KIMI';

interface PolicyParts {
  readonly options: OptionValues;
  readonly stated: StatedValues;
  readonly notes: LoadNotes;
  readonly providers: readonly ProviderSettings[];
}

/** Reads policy.toml and what is laid over it. Names of models are the catalogue's to judge, names of providers are judged here. */
export class PolicyReader {
  private readonly words: ProviderWords;

  constructor(private readonly from: PolicyParts) {
    this.words = new ProviderWords(from.providers);
  }

  read(): PolicySettings {
    const { options, notes, providers } = this.from;
    const profile = options.text('ROUTING_PROFILE') as Profile;
    const order = this.words.meant(options.list('PROVIDER_PRIORITY_ORDER')) ?? [];
    const ceilingUsd = options.number('MAX_COST_PER_REQUEST');
    return {
      allowedProviders: this.words.meant(options.list('ALLOWED_PROVIDERS')),
      disabledProviders: this.words.meant(options.list('DISABLED_PROVIDERS')) ?? [],
      providerOrder: [...new Set([...order, ...inPriorityOrder(providers)])],
      bareModelProvider: this.bareModelProvider(),
      routerEnabled: options.flag('ROUTER_ENABLED'),
      preflightChat: options.flag('ROUTER_PREFLIGHT_CHAT'),
      profile,
      order: options.list('ROUTING_ORDER').value?.map((step) => step.toLowerCase()) ?? null,
      costAware: options.flag('COST_AWARE'),
      freeFirst: options.flag('FREE_FIRST'),
      freeModels: options.list('FREE_MODELS').value ?? [],
      maxCostNanoUsd: ceilingUsd === null ? null : Math.round(ceilingUsd * NANO_PER_USD),
      defaultModels: this.defaultModels(),
      preferredProviders: this.preferredProviders(),
      allowExpensiveFallback: options.flag('ALLOW_EXPENSIVE_THINKING_FALLBACK'),
      expensiveFactor: options.number('EXPENSIVE_FALLBACK_FACTOR'),
      health: {
        minSamples: options.number('HEALTH_MIN_SAMPLES'),
        minSuccess: options.number('HEALTH_MIN_SUCCESS'),
        halfLifeMs: Math.max(1, Math.round(options.number('HEALTH_HALF_LIFE_SECS') * 1000)),
      },
      tiers: readTiers(options, notes, profile),
    };
  }

  /** A lane belongs to one provider, so a family's word means nothing here that its name does not. */
  workerLanes(): readonly string[] | null {
    return this.words.named(this.from.options.list('WORKER_LANES'));
  }

  private bareModelProvider(): string {
    const stated = this.from.options.valuedText('BARE_MODEL_PROVIDER');
    const name = (stated.value ?? '').toLowerCase();
    // A setup without ollama has said nothing wrong: only a name that somebody wrote can be.
    if (stated.origin !== 'built-in' && !this.words.has(name)) this.words.refuseUnknown(stated, name);
    return name;
  }

  private defaultModels(): readonly string[] {
    const models = this.from.options.list('DEFAULT_MODELS').value ?? [];
    const last = this.from.options.text('DEFAULT_MODEL');
    if (last === null) return models;
    return [...models.filter((model) => model.toLowerCase() !== last.toLowerCase()), last];
  }

  private preferredProviders(): PolicySettings['preferredProviders'] {
    const older = this.from.stated.env.flag(PREFER_KIMI);
    const kimi = older?.value === true ? fromFound({ ...older, value: ['kimi'] }) : null;
    const read = (name: 'PREFERRED_PROVIDERS_CHAT' | 'PREFERRED_PROVIDERS_AUDIT'): readonly string[] => {
      const stated = this.from.options.list(name);
      if (stated.value !== null || kimi === null) return this.words.meant(stated) ?? [];
      this.record(name, kimi);
      return this.words.meant(kimi) ?? [];
    };
    return { chat: read('PREFERRED_PROVIDERS_CHAT'), audit: read('PREFERRED_PROVIDERS_AUDIT') };
  }

  private record(name: string, { value, origin, place }: Valued<readonly string[]>): void {
    this.from.notes.record({ name, value, origin, place, live: true });
  }
}

import { inPriorityOrder, providersMeantBy } from './families';
import { LoadNotes } from './load-notes';
import { OptionValues } from './option-values';
import { PolicySettings, ProviderSettings } from './settings';

const EVEN_WEIGHTS = { prompt: 0.2, data: 0.15, conditions: 0.15, context: 0.15, reasoning: 0.2, output: 0.15 };

const BUILT_IN_POLICY = {
  routerEnabled: true,
  profile: 'balanced',
  order: null,
  costAware: false,
  freeFirst: false,
  freeModels: [],
  maxCostNanoUsd: null,
  defaultModels: [],
  preferredProviders: {},
  allowExpensiveFallback: false,
  expensiveFactor: 3,
  tiers: {
    targets: { fast: [], balanced: [], powerful: [] },
    byDefault: 'balanced',
    fastBelow: 3,
    balancedBelow: 6.5,
    agentWeight: 0.6,
    stepWeight: 0.4,
    intentWeights: { default: EVEN_WEIGHTS },
  },
} satisfies Partial<PolicySettings>;

/** Reads the choice of providers. A word that means no provider is a warning, so that one list serves many setups. */
export class PolicyReader {
  constructor(
    private readonly options: OptionValues,
    private readonly notes: LoadNotes,
    private readonly providers: readonly ProviderSettings[],
  ) {}

  read(): PolicySettings {
    const order = this.meant('PROVIDER_PRIORITY_ORDER') ?? [];
    return {
      allowedProviders: this.meant('ALLOWED_PROVIDERS'),
      disabledProviders: this.meant('DISABLED_PROVIDERS') ?? [],
      providerOrder: [...new Set([...order, ...inPriorityOrder(this.providers)])],
      bareModelProvider: this.bareModelProvider(),
      ...BUILT_IN_POLICY,
    };
  }

  /** A lane belongs to one provider, so a family's word means nothing here that its name does not. */
  workerLanes(): readonly string[] | null {
    const words = this.options.list('WORKER_LANES');
    if (words === null) return null;
    const names = words.map((word) => word.toLowerCase());
    const unknown = names.filter((name) => !this.isProvider(name));
    for (const name of unknown) this.warnOfUnknown('WORKER_LANES', name);
    return [...new Set(names.filter((name) => this.isProvider(name)))];
  }

  private meant(
    variable: 'ALLOWED_PROVIDERS' | 'DISABLED_PROVIDERS' | 'PROVIDER_PRIORITY_ORDER',
  ): readonly string[] | null {
    const words = this.options.list(variable);
    if (words === null) return null;
    const names = words.flatMap((word) => {
      const meant = providersMeantBy(word, this.providers);
      if (meant.length === 0) this.warnOfUnknown(variable, word);
      return meant;
    });
    return [...new Set(names)];
  }

  private bareModelProvider(): string {
    const name = this.options.text('BARE_MODEL_PROVIDER').toLowerCase();
    // A setup without ollama has said nothing wrong: only a name that somebody wrote is worth a warning.
    const isStated = this.notes.origins['BARE_MODEL_PROVIDER'] !== 'built-in';
    if (isStated && !this.isProvider(name)) this.warnOfUnknown('BARE_MODEL_PROVIDER', name);
    return name;
  }

  private isProvider(name: string): boolean {
    return this.providers.some((provider) => provider.name === name);
  }

  private warnOfUnknown(variable: string, word: string): void {
    const known = this.providers.map((provider) => provider.name).join(', ');
    this.notes.warn(`${variable} names "${word}", which is no provider and is ignored; known are: ${known}.`);
  }
}

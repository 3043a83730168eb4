import { HealthBoard } from '@longhaul/registry';
import { hasLane, ProviderSettings, Settings } from '@longhaul/settings';

/** Asks a provider for its list; rejects when it does not answer. */
export interface ListsModels {
  of(settings: ProviderSettings, timeoutMs: number): Promise<readonly string[] | null>;
}

export interface KeylessWatchParts {
  /** As they are in force. */
  readonly settings: () => Pick<Settings, 'providers' | 'policy'>;
  readonly lists: ListsModels;
  readonly board: Pick<HealthBoard, 'refuse' | 'list'>;
}

export interface KeylessWatchOptions {
  readonly everyMs: number;
  readonly timeoutMs: number;
}

/** What is known is never older than half a minute. */
export const KEYLESS_WATCH_TIMES: KeylessWatchOptions = { everyMs: 15_000, timeoutMs: 2_000 };

/**
 * A key says that somebody wants a provider used; a provider without one may simply not be there. So those are asked in
 * the background for their list of models, and `auto` passes over one that is silent. The list of the provider for bare
 * names is kept besides.
 */
export class KeylessWatch {
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly parts: KeylessWatchParts,
    private readonly options: KeylessWatchOptions,
  ) {}

  /** Resolves after the first look, so that the first job is chosen by what is there. */
  async start(): Promise<void> {
    await this.look();
    if (this.isStopped) return;
    this.timer = setInterval(() => void this.look(), this.options.everyMs);
    this.timer.unref();
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer) clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    await Promise.all(this.watched().map((provider) => this.lookAt(provider)));
  }

  /** By the settings of now: an override may have turned a provider on since. */
  private watched(): readonly ProviderSettings[] {
    const { providers, policy } = this.parts.settings();
    return providers.filter(
      (provider) =>
        hasLane(provider) &&
        !provider.explicitOnly &&
        provider.maxInflight > 0 &&
        (provider.auth === 'none' || provider.name === policy.bareModelProvider),
    );
  }

  private async lookAt(provider: ProviderSettings): Promise<void> {
    const { lists, board } = this.parts;
    const isKeyless = provider.auth === 'none';
    try {
      const models = await lists.of(provider, this.options.timeoutMs);
      if (models !== null) board.list(provider.name, models);
      if (isKeyless) board.refuse(provider.name, null);
    } catch {
      board.list(provider.name, []);
      if (isKeyless) board.refuse(provider.name, silence(provider));
    }
  }
}

const silence = ({ name, baseUrl }: ProviderSettings): string =>
  `Provider ${name} needs no key, and does not answer at ${baseUrl}; it is asked again every few seconds.`;

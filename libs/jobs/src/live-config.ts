import { GatewayError } from '@longhaul/contract';
import { Metrics } from '@longhaul/metrics';
import { ConfigVersion, Records } from '@longhaul/records';
import { Registry } from '@longhaul/registry';
import { NO_OVERRIDES, SettingsError } from '@longhaul/settings';
import { BuiltConfig, ConfigBuilder } from './live-config-build';
import { overriddenCaps, readOverrides } from './live-config-overrides';
import { Log } from './log';
import { withPatience } from './patience';

export interface LiveConfigParts {
  readonly records: Pick<Records, 'config' | 'notices'>;
  readonly registry: Pick<Registry, 'exchange'>;
  readonly builder: ConfigBuilder;
  readonly metrics: Pick<Metrics, 'set'>;
  readonly log: Log;
}

export interface LiveConfigOptions {
  /** Notices may be lost, so the version is also asked for. */
  readonly everyMs: number;
  /** LONGHAUL_IGNORE_OVERRIDES: files and environment alone, whatever PostgreSQL holds. */
  readonly ignoresOverrides: boolean;
  /** The wall clock: prices take effect by date. */
  readonly nowMs: () => number;
}

/** A version that this process's files do not go with. */
interface Refused {
  readonly version: number;
  readonly reason: string;
}

const DAY_MS = 86_400_000;
/** A day whose files cannot be used is not tried every second. */
const DAY_RETRY_MS = 60_000;

/**
 * The configuration in force in this process, and its way there from PostgreSQL. It is exchanged whole or not at all:
 * jobs that were accepted keep their decision, and a version that cannot be used leaves the one before it in force.
 */
export class LiveConfig {
  private inForce: BuiltConfig;
  private refused: Refused | null = null;
  private day: number;
  private dayTriedMs = Number.NEGATIVE_INFINITY;
  /** The newest version that was looked at, whatever came of it. */
  private seen = 0;
  private readonly listeners: ((config: BuiltConfig) => void)[] = [];
  private timer: NodeJS.Timeout | null = null;
  private stopListening: (() => void) | null = null;
  private work: Promise<void> = Promise.resolve();
  private isPolling = false;

  /** @throws GatewayError config_rejected when files and environment alone cannot be used */
  constructor(
    private readonly parts: LiveConfigParts,
    private readonly options: LiveConfigOptions,
  ) {
    this.inForce = parts.builder.build(NO_OVERRIDES, 0);
    this.day = this.today();
  }

  get current(): BuiltConfig {
    return this.inForce;
  }

  /** Why this process does not follow the newest version, in a sentence; null = it does. */
  get trouble(): string | null {
    if (this.options.ignoresOverrides) {
      return 'LONGHAUL_IGNORE_OVERRIDES is set: this process uses its files and environment alone.';
    }
    if (this.refused === null) return null;
    const { version, reason } = this.refused;
    if (version === this.inForce.version) {
      return `The files of today cannot be used, so those of before stay in force until they are mended: ${reason}`;
    }
    return `Version ${String(version)} of the overrides cannot be used here, so version ${String(this.inForce.version)} stays in force: ${reason}`;
  }

  /** Called with each configuration from the moment it is in force; at once with the present one. */
  onExchange(listener: (config: BuiltConfig) => void): void {
    this.listeners.push(listener);
    listener(this.inForce);
  }

  /**
   * Before anything is served: the version in force.
   * @throws SettingsError when this process's files do not go with it
   */
  async load(): Promise<void> {
    const {
      records: { config },
      log,
    } = this.parts;
    const stored = this.options.ignoresOverrides ? null : await withPatience(log, () => config.current());
    try {
      this.adopt(this.build(stored));
      this.seen = stored?.version ?? (await withPatience(log, () => config.latest()));
    } catch (thrown) {
      throw unusable(stored?.version ?? 0, thrown);
    }
  }

  /** After the lanes were declared. */
  async start(): Promise<void> {
    const { log, records } = this.parts;
    const { config, notices } = records;
    if (!this.options.ignoresOverrides) {
      const capsOf = (stored: ConfigVersion | null) =>
        stored === null || stored.version === this.inForce.version
          ? overriddenCaps(this.inForce.settings)
          : overriddenCaps(this.build(stored).settings);
      await withPatience(log, () => config.restateCaps(capsOf));
    }
    this.stopListening = notices.on('config', () => void this.refresh());
    this.timer = setInterval(() => {
      this.poll();
    }, this.options.everyMs);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopListening?.();
    await this.work;
  }

  /** Asks for the newest version and follows it. One after the other; a PostgreSQL that is away is asked again later. */
  refresh(prepared: BuiltConfig | null = null): Promise<void> {
    this.work = this.work.then(() => this.follow(prepared)).catch(() => undefined);
    return this.work;
  }

  private poll(): void {
    // A PostgreSQL that hangs must not gather questions.
    if (this.isPolling) return;
    this.isPolling = true;
    void this.refresh().finally(() => {
      this.isPolling = false;
    });
  }

  /** @param prepared whoever wrote a version has built and checked it a moment ago */
  private async follow(prepared: BuiltConfig | null): Promise<void> {
    const { config } = this.parts.records;
    const latest = await config.latest();
    if (latest !== this.seen && latest !== this.refused?.version) {
      if (prepared?.version === latest && !this.options.ignoresOverrides) {
        this.tryToAdopt(latest, () => prepared);
      } else {
        const stored = this.options.ignoresOverrides ? null : await config.current();
        this.tryToAdopt(stored?.version ?? 0, () => this.build(stored));
      }
      this.seen = latest;
    } else if (this.today() !== this.day && this.options.nowMs() >= this.dayTriedMs + DAY_RETRY_MS) {
      this.dayTriedMs = this.options.nowMs();
      const { version, overrides } = this.inForce;
      this.tryToAdopt(version, () => this.parts.builder.build(overrides, version));
    }
  }

  private tryToAdopt(version: number, build: () => BuiltConfig): void {
    const { log } = this.parts;
    const { version: before, state } = this.inForce;
    try {
      this.adopt(build());
    } catch (thrown) {
      this.refused = { version, reason: GatewayError.from(thrown).message };
      log.error(this.trouble ?? '');
      return;
    }
    if (version !== before) {
      log.info(`Version ${String(version)} of the overrides is in force; it was ${String(before)} before.`);
    } else if (this.inForce.state.config.hash !== state.config.hash) {
      log.info('The files were read again, and what they say now is in force.');
    }
  }

  private adopt(built: BuiltConfig): void {
    this.inForce = built;
    this.refused = null;
    this.day = this.today();
    this.parts.registry.exchange(built.state);
    this.parts.metrics.set('longhaul_config_version', {}, built.version);
    for (const listener of this.listeners) listener(built);
  }

  private build(stored: ConfigVersion | null): BuiltConfig {
    return this.parts.builder.build(readOverrides(stored?.overrides), stored?.version ?? 0);
  }

  private today(): number {
    return Math.floor(this.options.nowMs() / DAY_MS);
  }
}

function unusable(version: number, thrown: unknown): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'config_rejected') return thrown;
  // Without overrides there is nothing to get out of: the files' own fault speaks for itself.
  if (version === 0) return thrown;
  return new SettingsError(
    `version ${String(version)} of the overrides in PostgreSQL cannot be used with the files of this process: ${thrown.message}`,
    'Correct the files, or roll the overrides back: POST /v1/admin/config/rollback of a process that runs, or of one that was started with LONGHAUL_IGNORE_OVERRIDES=true',
  );
}

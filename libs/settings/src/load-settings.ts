import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { readCrashPoint } from './crash-point';
import { deepFreeze } from './deep-freeze';
import { byName } from './effective';
import { Environment } from './environment';
import { EnvironmentReader } from './environment-reader';
import { FamilyShares } from './families';
import { LoadNotes } from './load-notes';
import { readModelRows } from './model-rows';
import { OptionFile, OptionValues } from './option-values';
import { refuseOtherNames } from './override-names';
import { OverrideReader } from './override-reader';
import { NO_OVERRIDES, Overrides, refuseMisshapen } from './overrides';
import { PolicyReader } from './policy-settings';
import { overridePrices } from './price-overrides';
import { ProviderBlock, readProviderBlock } from './provider-blocks';
import { refuseClashes } from './provider-clashes';
import { expandHome } from './provider-key';
import { ProviderModels } from './provider-models';
import { msOf, ProviderOverlay } from './provider-settings';
import {
  ClockSettings,
  HttpSettings,
  LimitSettings,
  ModelSettings,
  RetentionSettings,
  Settings,
} from './settings';
import { SettingsError } from './settings-error';
import { readSpoolKeys } from './spool-keys';
import { StatedValues } from './stated-values';
import { TableReader } from './table-reader';
import { parseToml, readTomlFile, TomlFile, TOP } from './toml-file';
import { tablesOf } from './toml-tables';

export interface SettingsSource {
  readonly env: Environment;
  /** Where the four TOML files are. */
  readonly configDir: string;
  /** What `~` means. */
  readonly homeDir?: string;
  /** What relative paths in variables start from. */
  readonly cwd?: string;
  /** Names that `dialect` may have; absent = any, and whoever speaks for it refuses what is not there. */
  readonly knownDialects?: readonly string[];
  /** What was changed while Longhaul ran; it beats the environment. */
  readonly overrides?: Overrides;
  /** The day, such as 2026-01-31, that decides which price is in force; absent = this one. */
  readonly today?: string;
}

/** A dead worker's tickets block its lane for up to a lease and a half. */
const WATCHDOG_LEASES = 3;
const BYTES_PER_MB = 1024 * 1024;
const DAY_MS = 86_400_000;

/**
 * Reads the four files, lays the environment over them and checks everything. Throws a SettingsError at the first
 * fault that must stop the boot; the rest becomes a warning. The result is frozen all the way down.
 */
export function loadSettings(source: SettingsSource): Settings {
  return deepFreeze(new SettingsLoad(source).run());
}

class SettingsLoad {
  private readonly notes = new LoadNotes();
  private readonly stated: StatedValues;
  private readonly options: OptionValues;
  private readonly overrides: Overrides;
  private readonly homeDir: string;
  private readonly cwd: string;

  constructor(private readonly source: SettingsSource) {
    this.homeDir = source.homeDir ?? homedir();
    this.cwd = source.cwd ?? process.cwd();
    // A copy, since the result is frozen all the way down; by JSON, which is also how overrides are kept.
    this.overrides = JSON.parse(JSON.stringify(source.overrides ?? NO_OVERRIDES)) as Overrides;
    refuseMisshapen(this.overrides);
    this.stated = new StatedValues(
      new EnvironmentReader(source.env),
      new OverrideReader(this.overrides.settings),
    );
    const files = { 'longhaul.toml': this.top('longhaul.toml'), 'policy.toml': this.top('policy.toml') };
    this.options = new OptionValues(this.stated, files, this.notes);
  }

  run(): Settings {
    const { options, notes, stated } = this;
    const { providers, models } = this.catalogue();
    const policy = new PolicyReader({ options, notes, stated, providers });
    // The config directory was decided before the load; asked here only so that its origin is known too.
    options.text('LONGHAUL_CONFIG_DIR');
    return {
      dataDir: this.path(options.text('LONGHAUL_DATA_DIR')),
      spoolKeys: this.spoolKeys(),
      databaseUrl: options.text('DATABASE_URL'),
      redisUrl: options.text('REDIS_URL'),
      logLevel: options.text('LOG_LEVEL') as Settings['logLevel'],
      http: this.http(),
      clocks: this.clocks(),
      limits: this.limits(),
      retention: this.retention(),
      workerLanes: policy.workerLanes(),
      providers,
      models,
      policy: policy.read(),
      origins: notes.origins,
      ignoreOverrides: options.flag('LONGHAUL_IGNORE_OVERRIDES'),
      overrides: this.overrides,
      effective: byName(notes.effective),
      crashPoint: readCrashPoint(this.source.env, notes),
      warnings: notes.warnings,
    };
  }

  private catalogue(): Pick<Settings, 'providers' | 'models'> {
    const blocks = this.blocks();
    refuseOtherNames(this.overrides, blocks);
    const models = this.models(blocks);
    const { stated, options, notes } = this;
    const shares = new FamilyShares(blocks, models, notes);
    const overlay = new ProviderOverlay({
      ...{ stated, options, notes },
      models: new ProviderModels(stated, shares, notes),
    });
    const places = { homeDir: this.homeDir, configDir: this.source.configDir };
    return { providers: blocks.map((block) => overlay.settle(block, places)), models };
  }

  private blocks(): readonly ProviderBlock[] {
    const { knownDialects } = this.source;
    const file = this.file('providers.toml');
    if (file === null) {
      throw new SettingsError(
        `there is no ${this.shown('providers.toml')}`,
        'Start in the directory of Longhaul, or set LONGHAUL_CONFIG_DIR to the directory of the configuration',
      );
    }
    const blocks = tablesOf(file, 'provider').map((reader) => readProviderBlock(reader, knownDialects));
    refuseClashes(blocks);
    return blocks;
  }

  private models(blocks: readonly ProviderBlock[]): readonly ModelSettings[] {
    const today = this.source.today ?? new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
    const file = this.file('models.toml');
    const readers = file === null ? [] : tablesOf(file, 'model');
    const rows = readModelRows(readers, { providers: blocks.map(({ name }) => name), today });
    return overridePrices(rows, this.overrides.prices, today);
  }

  private http(): HttpSettings {
    const keysFile = this.options.text('LONGHAUL_API_KEYS_FILE');
    return {
      host: this.options.text('HOST'),
      port: this.options.number('PORT'),
      workerHost: this.options.text('WORKER_HOST'),
      workerPort: this.options.number('WORKER_PORT'),
      apiKeysFile: keysFile === null ? null : this.path(keysFile),
    };
  }

  private spoolKeys(): Settings['spoolKeys'] {
    const file = this.options.text('LONGHAUL_SPOOL_KEY_FILE');
    return file === null ? [] : readSpoolKeys(this.path(file));
  }

  private clocks(): ClockSettings {
    const lease = this.options.number('LEASE_SECS');
    return {
      leaseMs: msOf(lease),
      reconcileMs: msOf(this.options.number('RECONCILE_SECS')),
      reringMs: msOf(this.options.number('RERING_SECS') ?? lease),
      laneHoldMs: Math.max(1, Math.round(this.options.number('LANE_HOLD_MS'))),
      rateWindowMs: msOf(this.options.number('RATE_WINDOW_SECS')),
      drainMs: msOf(this.options.number('DRAIN_SECS')),
      watchdogMs: msOf(this.options.number('WATCHDOG_SECS') ?? WATCHDOG_LEASES * lease),
      stuckAfterMs: msOf(this.options.number('STUCK_SECS')),
      retryBackoffMs: msOf(this.options.number('RETRY_BACKOFF_SECS')),
      priorityAgeingMs: msOf(this.options.number('PRIORITY_AGEING_SECS')),
      chatDeadlineMs: msOf(this.options.number('CHAT_DEADLINE_SECS')),
      auditDeadlineMs: msOf(this.options.number('AUDIT_DEADLINE_SECS')),
      chatWaitMs: msOf(this.options.number('CHAT_WAIT_SECS')),
    };
  }

  private limits(): LimitSettings {
    return {
      maxInflightTotal: this.options.number('MAX_INFLIGHT_TOTAL'),
      laneDepth: this.options.number('LANE_DEPTH'),
      retryAttempts: this.options.number('RETRY_ATTEMPTS'),
      maxRungs: this.options.number('MAX_RUNGS'),
      maxCallsPerJob: this.options.number('MAX_CALLS_PER_JOB'),
      bodyLimitBytes: Math.max(1, Math.round(this.options.number('BODY_LIMIT_MB') * BYTES_PER_MB)),
    };
  }

  private retention(): RetentionSettings {
    const msOrNull = (days: number): number | null => (days === 0 ? null : Math.round(days * DAY_MS));
    return {
      jobMs: msOrNull(this.options.number('JOB_RETENTION_DAYS')),
      tombstoneMs: msOrNull(this.options.number('TOMBSTONE_RETENTION_DAYS')),
    };
  }

  private path(stated: string): string {
    return resolve(this.cwd, expandHome(stated, this.homeDir));
  }

  /** The top of a file that may be missing. */
  private top(name: OptionFile): TableReader {
    const file = this.file(name) ?? parseToml('', this.shown(name));
    return new TableReader({ file, place: TOP, table: file.top });
  }

  private file(name: string): TomlFile | null {
    return readTomlFile(join(this.source.configDir, name), this.shown(name));
  }

  /** A path as a person would type it from here. */
  private shown(name: string): string {
    const path = resolve(this.source.configDir, name);
    const fromHere = relative(this.cwd, path);
    return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
  }
}

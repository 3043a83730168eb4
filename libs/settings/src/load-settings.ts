import { homedir } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { deepFreeze } from './deep-freeze';
import { Environment, findConfigDir, readEnvironment } from './environment';
import { EnvironmentReader } from './environment-reader';
import { familyModels } from './families';
import { isLoopbackHost } from './loopback';
import { LoadNotes } from './load-notes';
import { readModelRows } from './model-rows';
import { OptionFile, OptionValues } from './option-values';
import { PolicyReader } from './policy-settings';
import { readProviderBlock } from './provider-blocks';
import { refuseClashes } from './provider-clashes';
import { expandHome } from './provider-key';
import { msOf, ProviderOverlay } from './provider-settings';
import { ClockSettings, HttpSettings, LimitSettings, Settings } from './settings';
import { SettingsError } from './settings-error';
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
  /** Names that `dialect` may have. */
  readonly knownDialects?: readonly string[];
}

const BYTES_PER_MB = 1024 * 1024;

/**
 * Reads the four files, lays the environment over them and checks everything. Throws a SettingsError at the first
 * fault that must stop the boot; the rest becomes a warning. The result is frozen all the way down.
 */
export function loadSettings(source: SettingsSource): Settings {
  return deepFreeze(new SettingsLoad(source).run());
}

/** What an app does at its start: this process's environment and the config directory that belongs to it. */
export function loadProcessSettings(knownDialects?: readonly string[]): Settings {
  const env = readEnvironment();
  const cwd = process.cwd();
  return loadSettings({
    env,
    configDir: findConfigDir(env, cwd),
    cwd,
    ...(knownDialects && { knownDialects }),
  });
}

class SettingsLoad {
  private readonly notes = new LoadNotes();
  private readonly env: EnvironmentReader;
  private readonly options: OptionValues;
  private readonly homeDir: string;
  private readonly cwd: string;

  constructor(private readonly source: SettingsSource) {
    this.homeDir = source.homeDir ?? homedir();
    this.cwd = source.cwd ?? process.cwd();
    this.env = new EnvironmentReader(source.env);
    const files = { 'longhaul.toml': this.top('longhaul.toml'), 'policy.toml': this.top('policy.toml') };
    this.options = new OptionValues(this.env, files, this.notes);
  }

  run(): Settings {
    const { providers, models } = this.catalogue();
    const policy = new PolicyReader(this.options, this.notes, providers);
    // The config directory was decided before the load; asked here only so that its origin is known too.
    this.options.text('LONGHAUL_CONFIG_DIR');
    return {
      dataDir: this.path(this.options.text('LONGHAUL_DATA_DIR')),
      databaseUrl: this.options.text('DATABASE_URL'),
      redisUrl: this.options.text('REDIS_URL'),
      logLevel: this.options.text('LOG_LEVEL') as Settings['logLevel'],
      http: this.http(),
      clocks: this.clocks(),
      limits: this.limits(),
      workerLanes: policy.workerLanes(),
      providers,
      models,
      policy: policy.read(),
      origins: this.notes.origins,
      warnings: this.notes.warnings,
    };
  }

  private catalogue(): Pick<Settings, 'providers' | 'models'> {
    const dialects = this.source.knownDialects ?? ['openai_compatible'];
    const providersFile = this.file('providers.toml');
    if (providersFile === null) {
      throw new SettingsError(
        `there is no ${this.shown('providers.toml')}`,
        'Start in the directory of Longhaul, or set LONGHAUL_CONFIG_DIR to the directory of the configuration',
      );
    }
    const blocks = tablesOf(providersFile, 'provider').map((reader) => readProviderBlock(reader, dialects));
    refuseClashes(blocks);
    const modelsFile = this.file('models.toml');
    const names = blocks.map((block) => block.name);
    const models = modelsFile === null ? [] : readModelRows(tablesOf(modelsFile, 'model'), names);
    const overlay = new ProviderOverlay(this.env, this.options, this.notes);
    const ofFamily = familyModels({ blocks, models }, this.env, this.notes);
    const places = { homeDir: this.homeDir, configDir: this.source.configDir };
    return { providers: blocks.map((block) => overlay.settle(block, places, ofFamily)), models };
  }

  private http(): HttpSettings {
    const host = this.options.text('HOST');
    const keysFile = this.options.text('LONGHAUL_API_KEYS_FILE');
    if (keysFile === null && !isLoopbackHost(host)) {
      throw new SettingsError(
        `HOST is ${host}, which others can reach, but no caller needs a key`,
        'Set LONGHAUL_API_KEYS_FILE to a file of callers, or set HOST to 127.0.0.1',
      );
    }
    return {
      host,
      port: this.options.number('PORT'),
      workerPort: this.options.number('WORKER_PORT'),
      apiKeysFile: keysFile === null ? null : this.path(keysFile),
    };
  }

  private clocks(): ClockSettings {
    const lease = this.options.number('LEASE_SECS');
    return {
      leaseMs: msOf(lease),
      reconcileMs: msOf(this.options.number('RECONCILE_SECS')),
      reringMs: msOf(this.options.number('RERING_SECS') ?? lease),
      laneHoldMs: Math.max(1, Math.round(this.options.number('LANE_HOLD_MS'))),
      drainMs: msOf(this.options.number('DRAIN_SECS')),
      retryBackoffMs: msOf(this.options.number('RETRY_BACKOFF_SECS')),
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

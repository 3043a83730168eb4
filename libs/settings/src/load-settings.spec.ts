import { join } from 'node:path';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { hasLane } from './settings';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('glm'));
});
afterEach(() => folder.remove());

describe('loading the settings', () => {
  it('has the built-in values where nothing else is said', () => {
    const settings = folder.load();
    expect(settings).toMatchObject({
      dataDir: join(folder.path, '.longhaul'),
      databaseUrl: null,
      redisUrl: null,
      logLevel: 'info',
      workerLanes: null,
      http: { host: '127.0.0.1', port: 3000, workerPort: 0, apiKeysFile: null },
    });
    expect(settings.clocks).toEqual({
      leaseMs: 10_000,
      reconcileMs: 2000,
      reringMs: 10_000,
      laneHoldMs: 500,
      rateWindowMs: 60_000,
      drainMs: 620_000,
      watchdogMs: 30_000,
      stuckAfterMs: 60_000,
      retryBackoffMs: 1000,
      priorityAgeingMs: 60_000,
      chatDeadlineMs: 3_600_000,
      auditDeadlineMs: 7_200_000,
      chatWaitMs: 280_000,
    });
    expect(settings.limits).toEqual({
      maxInflightTotal: 48,
      laneDepth: null,
      retryAttempts: 1,
      maxRungs: 4,
      maxCallsPerJob: 8,
      bodyLimitBytes: 10 * 1024 * 1024,
    });
  });

  it('takes the environment before the file and the file before the built-in value, and knows which it was', () => {
    folder.write('longhaul.toml', 'lease_secs = 4\nreconcile_secs = 3\n');
    const { clocks, origins } = folder.load({ LEASE_SECS: '6' });
    expect([clocks.leaseMs, clocks.reconcileMs, clocks.drainMs]).toEqual([6000, 3000, 620_000]);
    expect(origins).toMatchObject({
      LEASE_SECS: 'environment',
      RECONCILE_SECS: 'file',
      DRAIN_SECS: 'built-in',
      GLM_BASE_URL: 'file',
      MAX_INFLIGHT_GLM: 'built-in',
    });
  });

  it('rings again after one lease unless told otherwise', () => {
    expect(folder.load({ LEASE_SECS: '3' }).clocks.reringMs).toBe(3000);
    expect(folder.load({ LEASE_SECS: '3', RERING_SECS: '7' }).clocks.reringMs).toBe(7000);
  });

  it('takes fractions of a second, and never rounds a running clock to nothing', () => {
    const { clocks } = folder.load({
      LEASE_SECS: '0.25',
      RECONCILE_SECS: '.1',
      DRAIN_SECS: '0',
      LANE_HOLD_MS: '0.2',
    });
    expect(clocks).toMatchObject({ leaseMs: 250, reconcileMs: 100, drainMs: 0, laneHoldMs: 1 });
    expect(folder.load({ RECONCILE_SECS: '0.0001' }).clocks.reconcileMs).toBe(1);
  });

  it('takes a variable that is set but empty for one that is not set', () => {
    expect(folder.load({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({
      databaseUrl: null,
      http: { port: 3000 },
    });
  });

  it('still reads the older names, after the ones that replaced them', () => {
    const older = { RESILIENT_RETRIES: '3', RESILIENT_BACKOFF_SECS: '0.5', EXAI_WS_GLM_MAX_INFLIGHT: '7' };
    const before = folder.load({ ...older, GLM_API_URL: 'https://older.example/v4' });
    expect(before.limits.retryAttempts).toBe(3);
    expect(before.clocks.retryBackoffMs).toBe(500);
    expect(before.providers[0]).toMatchObject({ maxInflight: 7, baseUrl: 'https://older.example/v4' });
    const now = folder.load({ ...older, RETRY_ATTEMPTS: '0', MAX_INFLIGHT_GLM: '2' });
    expect(now.limits.retryAttempts).toBe(0);
    expect(now.providers[0]?.maxInflight).toBe(2);
  });

  it('makes paths absolute, with ~ for the home directory', () => {
    const settings = folder.load({ LONGHAUL_DATA_DIR: 'data', LONGHAUL_API_KEYS_FILE: '~/callers.toml' });
    expect(settings.dataDir).toBe(join(folder.path, 'data'));
    expect(settings.http.apiKeysFile).toBe(join(folder.path, 'callers.toml'));
  });

  it('freezes the result all the way down, and no key prints', () => {
    const settings = folder.load({ GLM_API_KEY: 'canary-key-value' });
    const [glm] = settings.providers;
    expect(Object.isFrozen(settings.clocks) && Object.isFrozen(glm) && Object.isFrozen(glm?.prefixes)).toBe(
      true,
    );
    expect(glm?.key?.reveal()).toBe('canary-key-value');
    expect(glm && hasLane(glm)).toBe(true);
    expect(JSON.stringify(settings)).not.toContain('canary');
  });

  it('does not change the environment that it was given', () => {
    const env = Object.freeze({ LEASE_SECS: '5' });
    expect(folder.load(env).clocks.leaseMs).toBe(5000);
  });
});

describe('the boot stops', () => {
  it.each([
    ['LEASE_SECS', 'soon', 'a number, fractions allowed, above 0'],
    ['LEASE_SECS', '-1', 'a number, fractions allowed, above 0'],
    ['LEASE_SECS', '0', 'above 0'],
    ['TIMEOUT_SECS', '9999999', 'up to 2147483'],
    ['PORT', '70000', 'a whole number from 0 up to 65535'],
    ['PORT', '80.5', 'a whole number'],
    ['PORT', '0x50', 'a whole number'],
    ['MAX_RUNGS', '10', 'a whole number from 1 up to 9'],
    ['MAX_INFLIGHT_TOTAL', '-3', 'a whole number from 0'],
    ['MAX_INFLIGHT_GLM', 'ten', 'a whole number from 0'],
    ['GLM_TIMEOUT_SECS', '1h', 'a number, fractions allowed, above 0'],
    ['EXAI_WS_GLM_MAX_INFLIGHT', 'x', 'a whole number from 0'],
    ['GLM_BASE_URL', 'glm.example', 'an http:// or https:// URL'],
    ['GLM_BASE_URL', 'ftp://glm.example', 'an http:// or https:// URL'],
    ['GLM_BASE_URL', 'https://user:canary@glm.example', 'without user, password'],
    ['GLM_API_URL', 'https://glm.example/?key=canary', 'without user, password, query'],
    ['DATABASE_URL', 'mysql://canary@host/db', 'a postgresql:// URL'],
    ['REDIS_URL', 'canary:6379', 'a redis:// or rediss:// URL'],
    ['LOG_LEVEL', 'loud', 'fatal, error, warn, info, debug, trace or silent'],
  ])(
    'for %s=%s, naming the variable and what is accepted, but not the value',
    (variable, value, accepted) => {
      const { message } = folder.refusal({ [variable]: value });
      expect(message).toMatch(new RegExp(`^${variable} has a wrong value`));
      expect(message).toContain(accepted);
      expect(message).not.toContain('canary');
    },
  );

  it('for TOML that cannot be read, with file and line and without quoting the file', () => {
    folder.write('providers.toml', '[[provider]]\nname = "a"\nbase_url = sk-canary\n');
    const { message } = folder.refusal();
    expect(message).toMatch(
      /^providers\.toml:3: this is not valid TOML at column \d+: .*\. Correct this line/,
    );
    expect(message).not.toContain('canary');
  });

  it('for an unknown key in longhaul.toml, with file, line and the key that was meant', () => {
    folder.write('longhaul.toml', '# clocks\n\nlease_sec = 5\n');
    expect(folder.refusal().message).toBe(
      'longhaul.toml:3: unknown key "lease_sec" in longhaul.toml. Did you mean "lease_secs"?',
    );
  });

  it('for a table in longhaul.toml, with the line of its header', () => {
    folder.write('longhaul.toml', 'port = 1\n\n[clocks]\nlease_secs = 5\n');
    expect(folder.refusal()).toMatchObject({ file: 'longhaul.toml', line: 3 });
  });

  it.each([
    ['database_url', 'longhaul.toml', 'Set DATABASE_URL in the environment'],
    ['allowed_providers', 'longhaul.toml', 'Move it to policy.toml'],
    ['lease_secs', 'policy.toml', 'Move it to longhaul.toml'],
  ])('for %s in %s, saying where it belongs', (key, file, fix) => {
    folder.write(file, `\n${key} = "x"\n`);
    expect(folder.refusal().message).toBe(`${file}:2: "${key}" does not belong in ${file}. ${fix}`);
  });

  it.each([
    ['lease_secs = "5"', 'a number'],
    ['lease_secs = -5', 'a number'],
    ['lease_secs = nan', 'a number'],
    ['port = 1.5', 'a whole number'],
    ['log_level = "loud"', 'fatal, error'],
    ['host = 5', 'a string in quotes'],
  ])('for `%s` in longhaul.toml, with the line and what is accepted', (line, accepted) => {
    folder.write('longhaul.toml', `max_rungs = 2\n${line}\n`);
    const { message } = folder.refusal();
    expect(message).toMatch(/^longhaul\.toml:2: "\w+" has a wrong value\. It must be /);
    expect(message).toContain(accepted);
  });

  it('when there is no providers.toml, naming the variable that says where it is', () => {
    const empty = new ConfigFolder();
    const { message } = empty.refusal();
    empty.remove();
    expect(message).toMatch(/^there is no providers\.toml\. .*LONGHAUL_CONFIG_DIR/);
  });

  it.each([
    ['0.0.0.0', '::'],
    ['[::1]', '192.168.1.5'],
    ['localhost', 'worker.example'],
  ])(
    'not over an address: whether callers need keys there is asked by the API alone (%s, %s)',
    (HOST, WORKER_HOST) => {
      const { http } = folder.load({ HOST, WORKER_HOST });
      expect(http).toMatchObject({ host: HOST, workerHost: WORKER_HOST, apiKeysFile: null });
    },
  );
});

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Environment, loadSettings, Settings } from '@longhaul/settings';
import { parse } from 'yaml';
import { ROOT } from './source-files';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Written from the settings, and compared with them by docs.spec.ts: every variable, once. */
const known = new Set(
  [...read('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name),
);
const KEYS = [...known].filter((name) => name.endsWith('_KEY'));
const isRead = (name: string): boolean =>
  known.has(name) ||
  (name.endsWith('_FILE') && ['DATABASE_URL', 'REDIS_URL', ...KEYS].includes(name.slice(0, -'_FILE'.length)));

/** `NAME=value` lines; those that are commented out too. */
const assignments = (text: string): (readonly [string, string])[] =>
  [...text.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly string[];
}
const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<'api' | 'worker', Service>>;
};

const units = readdirSync(join(ROOT, 'deploy/systemd')).sort();
const linesOf = (unit: string): (readonly [string, string])[] =>
  [...read(`deploy/systemd/${unit}`).matchAll(/^([A-Z]\w*)=(.*)$/gm)].map(([, key = '', value = '']) => [
    key,
    value,
  ]);
const environmentOf = (unit: string): Record<string, string> =>
  Object.fromEntries(
    linesOf(unit)
      .filter(([key]) => key === 'Environment')
      .flatMap(([, pairs]) => pairs.split(' '))
      .map((pair) => [
        pair.slice(0, pair.indexOf('=')),
        pair.slice(pair.indexOf('=') + 1).replace('%i', '3101'),
      ]),
  );
const valueOf = (unit: string, key: string): string =>
  linesOf(unit).find(([name]) => name === key)?.[1] ?? '';

/** What each way to deploy gives each app. */
const given: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['the api of docker-compose.yml', services.api.environment ?? {}],
  ['the worker of docker-compose.yml', services.worker.environment ?? {}],
  ...units.map((unit) => [unit, environmentOf(unit)] as const),
];

const secrets = mkdtempSync(join(tmpdir(), 'longhaul-secrets-'));
afterAll(() => rmSync(secrets, { recursive: true }));

/** The settings of an app with these variables, its secrets in files of this test. */
function settingsOf(variables: Readonly<Record<string, string>>): Settings {
  const content: Readonly<Record<string, string>> = {
    DATABASE_URL_FILE: 'postgresql://longhaul:word@postgres:5432/longhaul',
    LONGHAUL_SPOOL_KEY_FILE: Buffer.from('0123456789abcdef0123456789abcdef').toString('base64'),
  };
  const env: Environment = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => {
      if (content[name] === undefined) return [name, value];
      const file = join(secrets, name);
      writeFileSync(file, content[name], { mode: 0o600 });
      return [name, file];
    }),
  );
  return loadSettings({ env, configDir: join(ROOT, 'config') });
}

describe.each(given)('%s', (name, variables) => {
  it('sets only variables that Longhaul reads', () => {
    expect(Object.keys(variables).filter((each) => each !== 'NODE_ENV' && !isRead(each))).toEqual([]);
  });

  it('boots with them: both stores, a spool with a key on a place that outlives the process, a whole drain', () => {
    const settings = settingsOf(variables);
    expect(settings.databaseUrl).not.toBeNull();
    expect(settings.redisUrl).not.toBeNull();
    expect(settings.spoolKeys).toHaveLength(1);
    expect(settings.dataDir).toMatch(/^\/(?:data|var\/lib\/longhaul)$/);
    expect(settings.clocks.drainMs).toBe(620_000);
    if (name.includes('api')) expect(settings.http.apiKeysFile).not.toBeNull();
    else expect(settings.http.workerPort).toBeGreaterThan(0);
  });

  it('holds no secret itself', () => {
    expect(Object.keys(variables).filter((each) => /_(?:KEY|PASSWORD)$|^DATABASE_URL$/.test(each))).toEqual(
      [],
    );
  });
});

describe('deploy/longhaul.env', () => {
  const named = assignments(read('deploy/longhaul.env'));

  it('names only variables that Longhaul reads, sets none, and holds no secret', () => {
    expect(named.map(([name]) => name)).toEqual(
      expect.arrayContaining(['MOONSHOT_API_KEY_FILE', 'LEASE_SECS']),
    );
    expect(named.filter(([name]) => !isRead(name))).toEqual([]);
    expect(named.filter(([name]) => KEYS.includes(name))).toEqual([]);
    expect(read('deploy/longhaul.env')).not.toMatch(/^[A-Z]/m);
  });

  it('is read by every container, and by every unit that has it', () => {
    for (const { env_file } of [services.api, services.worker])
      expect(env_file).toEqual(['deploy/longhaul.env']);
    for (const unit of units) expect(valueOf(unit, 'EnvironmentFile')).toBe('-/etc/longhaul/longhaul.env');
  });
});

describe('the systemd units', () => {
  it('run what the image runs, and start it again whatever its exit code', () => {
    expect(units).toEqual(['longhaul-api@.service', 'longhaul-worker@.service']);
    for (const unit of units) {
      const app = unit.includes('api') ? 'api' : 'worker';
      expect(valueOf(unit, 'ExecStart')).toMatch(new RegExp(` scripts/container\\.mjs ${app}$`));
      expect(valueOf(unit, 'Restart')).toBe('always');
    }
  });

  it('give a stopping process longer than its drain and its settling', () => {
    for (const unit of units)
      expect(Number(valueOf(unit, 'TimeoutStopSec'))).toBeGreaterThanOrEqual(
        Number(environmentOf(unit).DRAIN_SECS) + 30,
      );
  });

  it('say from which DRAIN_SECS on they would kill a drain: 15 s of settling come after it', () => {
    for (const unit of units)
      expect(read(`deploy/systemd/${unit}`)).toContain(
        `A DRAIN_SECS above ${String(Number(valueOf(unit, 'TimeoutStopSec')) - 15)} in longhaul.env`,
      );
  });

  it('name no file of secrets that the steps of docs/operations.md do not make before they enable them', () => {
    const [steps = ''] = /^```sh\n(?:(?!```)[^])*?^systemctl enable/m.exec(
      read('docs/operations.md').slice(read('docs/operations.md').indexOf('With systemd,')),
    ) ?? [''];
    const files = units.flatMap((unit) =>
      Object.entries(environmentOf(unit)).flatMap(([name, path]) => (name.endsWith('_FILE') ? [path] : [])),
    );
    expect(new Set(files).size).toBe(3);
    const made = (path: string): boolean =>
      steps.includes(` ${path} `) || steps.includes(`| secret ${path.slice(path.lastIndexOf('/') + 1)}\n`);
    expect(files.filter((path) => !made(path))).toEqual([]);
  });

  it('let a process write to its data alone, as a user without rights, and let V8 compile', () => {
    for (const unit of units) {
      expect([valueOf(unit, 'User'), valueOf(unit, 'ProtectSystem')]).toEqual(['longhaul', 'strict']);
      expect(`/var/lib/${valueOf(unit, 'StateDirectory')}`).toBe(environmentOf(unit).LONGHAUL_DATA_DIR);
      expect([valueOf(unit, 'NoNewPrivileges'), valueOf(unit, 'CapabilityBoundingSet')]).toEqual([
        'true',
        '',
      ]);
      expect(linesOf(unit).map(([key]) => key)).not.toContain('MemoryDenyWriteExecute');
    }
  });
});

describe('deploy/haproxy.cfg', () => {
  const config = read('deploy/haproxy.cfg');

  it('asks each API whether it is ready, and waits longer for an answer than a chat may take', () => {
    expect(config).toMatch(/option httpchk GET \/readyz/);
    const waitS = settingsOf(services.api.environment ?? {}).clocks.chatWaitMs / 1000;
    expect(Number(/timeout server (\d+)s/.exec(config)?.[1])).toBeGreaterThan(waitS);
  });

  it('answers in the form of the API when none is ready', () => {
    const body = JSON.parse(/ string '([^']*)'/.exec(config)?.[1] ?? 'null') as object;
    expect(body).toMatchObject({
      status: 503,
      code: 'store_unavailable',
      error: { code: 'store_unavailable' },
    });
  });
});

const hasCompose = spawnSync('docker-compose', ['--version']).status === 0;
(hasCompose ? describe : describe.skip)(
  hasCompose ? 'docker-compose' : 'docker-compose is not installed: apt-get install docker-compose',
  () => {
    it('takes the file as it is in a fresh clone', () => {
      expect(() =>
        execFileSync('docker-compose', ['config', '-q'], { cwd: ROOT, stdio: 'pipe' }),
      ).not.toThrow();
    }, 60_000);
  },
);

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './source-files';

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[];
  readonly stop_grace_period: string;
  readonly depends_on: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: { readonly replicas: number };
  readonly read_only: boolean;
  readonly healthcheck?: object;
}

interface Compose {
  readonly services: Readonly<Record<'proxy' | 'api' | 'worker' | 'postgres' | 'redis', Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const dockerfile = read('Dockerfile');
const ignored = read('.dockerignore').split('\n');
const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const { proxy, api, worker, postgres, redis } = compose.services;

/** Each instruction on one line, without comments. */
const instructions = dockerfile
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '');
const wordsOf = (name: string): string[][] =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(/\s+/).slice(1));

const documented = new Set(
  [...read('docs/configuration.md').matchAll(/^\| `([A-Z_]+)` /gm)].map(([, name]) => name),
);

describe('the image', () => {
  const copied = wordsOf('COPY')
    .filter(([first]) => !first?.startsWith('--from'))
    .flatMap((words) => words.slice(0, -1));

  it('copies only what there is, and what .dockerignore lets through', () => {
    expect(copied).toContain('package-lock.json');
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const isLetThrough = (path: string): boolean =>
      path.split('/').some((_, depth, parts) => ignored.includes(`!${parts.slice(0, depth + 1).join('/')}`));
    expect(copied.filter((path) => !isLetThrough(path))).toEqual([]);
  });

  it('lets nothing in that is not named, and no key or .env at all', () => {
    expect(ignored.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
    expect(ignored).toEqual(expect.arrayContaining(['**/.env*', '**/keys.json']));
    expect(ignored).not.toContain('!.env');
  });

  it('is built and run on one pinned Node that package.json allows', () => {
    const bases = new Set(wordsOf('FROM').map(([image]) => image));
    expect([...bases]).toEqual([expect.stringMatching(/^node:20\.\d+\.\d+-bookworm-slim$/)]);
    const [, major, minor] = /^node:(\d+)\.(\d+)/.exec([...bases][0] ?? '') ?? [];
    const [, least, leastMinor] = /"node": ">=(\d+)\.(\d+)"/.exec(read('package.json')) ?? [];
    expect(Number(major) * 1000 + Number(minor)).toBeGreaterThanOrEqual(
      Number(least) * 1000 + Number(leastMinor),
    );
  });

  it('ends without the tools that build it, as a user who is not root', () => {
    const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last.filter((line) => line.startsWith('RUN npm'))).toEqual([]);
    expect(last.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(dockerfile).toMatch(/npm ci .*--omit=dev --omit=optional/);
  });

  it('sets only variables that Longhaul reads, and no secret', () => {
    const names = wordsOf('ENV').flatMap((pairs) => pairs.map((pair) => pair.split('=')[0] ?? ''));
    expect(names).toContain('LONGHAUL_DATA_DIR');
    expect(names.filter((name) => name !== 'NODE_ENV' && !documented.has(name))).toEqual([]);
    expect(names.filter((name) => /KEY|PASSWORD|URL/.test(name))).toEqual([]);
  });

  it('starts files that it holds, and asks after its health', () => {
    const finals = wordsOf('COPY').map((words) => words.at(-1));
    for (const line of instructions.filter((text) => /^(?:ENTRYPOINT|HEALTHCHECK) /.test(text))) {
      const script = /"(scripts\/[^"]+)"/.exec(line)?.[1];
      expect(finals).toContain(script);
      expect(existsSync(join(ROOT, script ?? 'none'))).toBe(true);
    }
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });
});

describe('the compose file', () => {
  const seconds = (text: string): number => Number(/^(\d+)s$/.exec(text)?.[1]);

  it('runs the commands of the image: two APIs, several workers, as many as one likes', () => {
    const known = /APPS = \[([^\]]*)\]/.exec(read('scripts/system/paths.mjs'))?.[1] ?? '';
    for (const { command } of [api, worker]) expect(known).toContain(`'${command[0] ?? ''}'`);
    // --scale: neither a port of the host nor a name of its own, which only one container can have.
    for (const service of [api, worker]) {
      expect(service.deploy?.replicas).toBeGreaterThanOrEqual(2);
      expect(service).not.toHaveProperty('ports');
      expect(service).not.toHaveProperty('container_name');
    }
  });

  it('gives a stopping process longer than its drain and its settling', () => {
    for (const { stop_grace_period, environment } of [api, worker]) {
      expect(seconds(stop_grace_period)).toBeGreaterThanOrEqual(Number(environment.DRAIN_SECS) + 30);
    }
  });

  it('runs a Redis that evicts nothing and writes its file', () => {
    const words = redis.command.join(' ');
    expect(words).toContain('--maxmemory-policy noeviction');
    expect(words).toContain('--appendonly yes');
    expect(redis.image).toMatch(/^redis:7/);
    expect(redis.volumes).toEqual(['redis:/data']);
  });

  it('waits for stores that answer, keeps them to itself, and pins their versions', () => {
    expect(proxy.depends_on).toEqual({ api: { condition: 'service_healthy' } });
    for (const { depends_on } of [api, worker]) {
      expect(Object.keys(depends_on).sort()).toEqual(['postgres', 'redis']);
      for (const { condition } of Object.values(depends_on)) expect(condition).toBe('service_healthy');
    }
    for (const store of [postgres, redis]) {
      expect(store).toMatchObject({ healthcheck: expect.any(Object), networks: ['stores'] });
      expect(store.ports).toBeUndefined();
      expect(store.image).toMatch(/:\d+/);
    }
    expect(compose.networks.stores?.internal).toBe(true);
  });

  it('keeps the spool in a volume that outlives every worker, on a system that is read-only otherwise', () => {
    const { LONGHAUL_DATA_DIR: place = 'none' } = worker.environment;
    const [volume = ''] = worker.volumes
      .filter((text) => text.endsWith(`:${place}`))
      .map((text) => text.split(':')[0]);
    expect(Object.keys(compose.volumes)).toContain(volume);
    expect([api.read_only, worker.read_only]).toEqual([true, true]);
    const ofTheHost = [...api.volumes, ...worker.volumes, ...proxy.volumes].filter((text) =>
      /^[./]/.test(text),
    );
    expect(ofTheHost.filter((text) => !text.endsWith(':ro'))).toEqual([]);
  });

  it('lets the metrics of a worker be read from its network, where no key is asked, and from nowhere else', () => {
    expect(worker.environment).toMatchObject({ WORKER_HOST: '0.0.0.0', WORKER_PORT: '3001' });
    expect(worker.ports).toBeUndefined();
  });

  it('lets the API be reached by this host alone, and only with a key', () => {
    expect(api.environment.HOST).toBe('0.0.0.0');
    const [folder = ''] = api.volumes
      .filter((text) => text.startsWith('./keys:'))
      .map((text) => text.split(':')[1]);
    expect(api.environment.LONGHAUL_API_KEYS_FILE).toBe(`${folder}/keys.json`);
    expect(proxy.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+:3000$/)]);
    expect(read('.gitignore')).toMatch(/^\/keys\/$/m);
  });
});

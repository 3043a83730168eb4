import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Canaries } from './canaries';
import { babbles, breaksOff, echoes, encodes, Mirror, redirects, splits, startMirror, Trick } from './mirror';
import { AppProcess, startApi, startWorker } from './processes';
import { ROOT, scratchDirectory } from './scratch';
import { BackEnd, freshDatabase, RedisServer, startRedis } from './stores';
import { startUpstream, Upstream } from './upstream';

/** One way of giving a secret away for each provider that has a key, and the model that is asked for. */
const PROVIDERS: Readonly<Record<string, { readonly trick: Trick; readonly model: string }>> = {
  moonshot: { trick: echoes(401), model: 'kimi-k2.6' },
  glm: { trick: echoes(400), model: 'glm-4.6' },
  openai: { trick: splits, model: 'gpt-5.4-mini' },
  anthropic: { trick: encodes, model: 'claude-sonnet-5-5' },
  gemini: { trick: echoes(429), model: 'gemini-3.8-flash' },
  openrouter: { trick: redirects, model: 'some/model' },
  kimi: { trick: babbles, model: 'kimi-for-coding' },
  ollama_cloud: { trick: breaksOff, model: 'gpt-oss:120b' },
};

/** Their variables, where they are not `<NAME>_API_KEY`. */
const KEY_VARIABLES: Readonly<Record<string, string>> = { ollama_cloud: 'OLLAMA_CLOUD_KEY' };

export const TARGETS = Object.entries(PROVIDERS).map(([name, { model }]) => `${name}/${model}`);

export interface CanaryRig {
  readonly canaries: Canaries;
  readonly api: AppProcess;
  readonly mirror: Mirror;
  readonly good: Upstream;
  readonly redis: RedisServer | null;
  readonly databaseUrl: string;
  /** The key of a caller: of the jobs, of the operator, of a stranger. */
  readonly keys: Readonly<Record<'owner' | 'operator' | 'stranger', string>>;
  worker(): Promise<AppProcess>;
  close(): Promise<void>;
}

export async function startCanaryRig(backEnd: BackEnd): Promise<CanaryRig> {
  const canaries = new Canaries();
  const tricks = Object.fromEntries(Object.entries(PROVIDERS).map(([name, { trick }]) => [name, trick]));
  const mirror = await startMirror(tricks);
  const good = await startUpstream();
  const redis = backEnd === 'redis' ? await startRedis() : null;
  const database = new URL((await freshDatabase()).url);
  const databaseUrl = database.href;
  const password = 'password of the database';
  // A server that asks for none takes any.
  if (database.password === '') database.password = canaries.plant(password, 'nowhere');
  else canaries.watch(password, 'nowhere', decodeURIComponent(database.password));
  const keys = {
    owner: canaries.plant('key of the owner', 'nowhere'),
    operator: canaries.plant('key of the operator', 'nowhere'),
    stranger: canaries.plant('key of a stranger', 'nowhere'),
  };
  const env = {
    ...providerEnv(canaries, mirror),
    ...{ DATABASE_URL: database.href, ...(redis ? { REDIS_URL: redis.url } : {}) },
    ...{ SANDBOX_BASE_URL: good.url('sandbox'), OLLAMA_BASE_URL: mirror.url('ollama') },
    ...{ LONGHAUL_API_KEYS_FILE: keysFile(keys), LONGHAUL_CONFIG_DIR: configFolder(canaries) },
    ...{ LOG_LEVEL: 'trace', RETRY_ATTEMPTS: '0', LEASE_SECS: '2', RECONCILE_SECS: '1' },
  };
  const close = async (): Promise<void> => {
    await mirror.close();
    await good.close();
  };
  const api = await startApi({ env }).catch(async (thrown: unknown) => {
    await close();
    throw thrown;
  });
  return {
    ...{ canaries, api, mirror, good, redis, databaseUrl, keys },
    worker: () => startWorker({ env: { ...env, LONGHAUL_DATA_DIR: api.dataDir } }),
    close,
  };
}

/** Half of the keys come in variables, half in files. */
function providerEnv(canaries: Canaries, mirror: Mirror): Record<string, string> {
  const folder = scratchDirectory('provider-keys');
  return Object.fromEntries(
    Object.keys(PROVIDERS).flatMap((name, index) => {
      const prefix = name.toUpperCase();
      const variable = KEY_VARIABLES[name] ?? `${prefix}_API_KEY`;
      const key = canaries.plant(`key of ${name}`, 'nowhere');
      const file = join(folder, name);
      writeFileSync(file, `${key}\n`, { mode: 0o600 });
      const held = index % 2 === 0 ? ([variable, key] as const) : ([`${variable}_FILE`, file] as const);
      return [held, [`${prefix}_BASE_URL`, mirror.url(name)] as const];
    }),
  );
}

function keysFile(keys: Readonly<Record<string, string>>): string {
  const file = join(scratchDirectory('callers'), 'keys.json');
  const entries = Object.entries(keys).map(([name, key]) => ({
    name,
    sha256: createHash('sha256').update(key).digest('hex'),
    scopes: name === 'operator' ? ['jobs', 'admin'] : ['jobs'],
  }));
  writeFileSync(file, JSON.stringify({ keys: entries }), { mode: 0o600 });
  return file;
}

/** That which ships, with the key of one provider in the query and headers of the operator's own for another. */
function configFolder(canaries: Canaries): string {
  const folder = scratchDirectory('config');
  cpSync(join(ROOT, 'config'), folder, { recursive: true });
  const file = join(folder, 'providers.toml');
  const own = canaries.plant('header of the operator', 'nowhere');
  const blocks = readFileSync(file, 'utf8').split('[[provider]]');
  const changed = blocks.map((block) => {
    if (block.includes('name = "gemini"')) return block.replace(/auth = ".*"/, 'auth = "api_key_query"');
    return block.includes('name = "glm"') ? block.replace(/\n/, `\nheaders = { X-Own = "${own}" }\n`) : block;
  });
  writeFileSync(file, changed.join('[[provider]]'));
  return folder;
}

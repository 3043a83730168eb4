import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InProcess, openApi } from '../support/gateway';
import { ROOT, scratchDirectory } from '../support/scratch';
import { freshDatabase } from '../support/stores';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Asks one process as one of its callers: `operator` may do everything, `ada` only send jobs. */
export type Ask = (route: string, body?: unknown, name?: string) => Promise<Answer>;

export const REASON = 'a test';
export const FLASH = 'glm/glm-4.7-flash';
export const KIMI = 'moonshot/kimi-k2.6';

const keyOf = (name: string): string => `lh_test_${name}`;

/** An API on its own copy of the files, with the questions that tests of its configuration ask. */
export interface ConfigRig {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly configDir: string;
  readonly ask: Ask;
  /** One more process on the same database; its environment may differ. */
  open(env?: Readonly<Record<string, string>>): Promise<{ readonly process: InProcess; readonly ask: Ask }>;
  change(body: object): Promise<Answer>;
  rollback(version: number): Promise<Answer>;
  current(): Promise<number>;
  effective(name: string): Promise<Record<string, unknown> | undefined>;
  edit(file: string, by: (text: string) => string): void;
}

export async function openConfigRig(): Promise<ConfigRig> {
  const databaseUrl = (await freshDatabase()).url;
  const configDir = scratchDirectory('config');
  cpSync(join(ROOT, 'config'), configDir, { recursive: true });
  const dataDir = scratchDirectory('data');
  const environment = {
    DATABASE_URL: databaseUrl,
    LONGHAUL_CONFIG_DIR: configDir,
    LONGHAUL_DATA_DIR: dataDir,
    LONGHAUL_API_KEYS_FILE: writeKeys(),
    GLM_API_KEY: 'glm-test-key',
    MOONSHOT_API_KEY: 'moonshot-test-key',
    TIER_FAST: FLASH,
    OLLAMA_TIMEOUT_SECS: '33',
  };
  const open: ConfigRig['open'] = async (env = {}) => {
    const process = await openApi({ ...environment, ...env });
    return { process, ask: asking(process.url) };
  };
  const { ask } = await open();
  const effective = async () => (await ask('GET /v1/config/effective')).body;
  return {
    ...{ databaseUrl, dataDir, configDir, ask, open },
    change: (body) => ask('POST /v1/admin/config', { reason: REASON, ...body }),
    rollback: (version) => ask('POST /v1/admin/config/rollback', { version, reason: REASON }),
    current: async () => (await effective()).version as number,
    effective: async (name) =>
      ((await effective()).data as Record<string, unknown>[]).find((row) => row.name === name),
    edit: (file, by) => {
      const path = join(configDir, file);
      writeFileSync(path, by(readFileSync(path, 'utf8')));
    },
  };
}

/** Where a job of `tier:fast` would go. */
export async function fastTarget(ask: Ask): Promise<string | undefined> {
  const input = { messages: [{ role: 'user', content: 'hello' }] };
  const { body } = await ask('POST /v1/routes/explain', { type: 'chat', model: 'tier:fast', input }, 'ada');
  const [first] = (body.chain ?? []) as { provider: string; model: string }[];
  return first && `${first.provider}/${first.model}`;
}

function writeKeys(): string {
  const file = join(scratchDirectory('keys'), 'keys.json');
  const keys = Object.entries({ ada: ['jobs'], operator: ['admin', 'jobs'] }).map(([name, scopes]) => {
    return { name, scopes, sha256: createHash('sha256').update(keyOf(name)).digest('hex') };
  });
  writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 });
  return file;
}

const asking =
  (url: string): Ask =>
  async (route, body, name = 'operator') => {
    const [method = 'GET', path = ''] = route.split(' ');
    const headers = {
      authorization: `Bearer ${keyOf(name)}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${url}${path}`, { method, headers, ...sent });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
  };

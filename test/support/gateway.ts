import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { JobView } from '@longhaul/contract';
import { NO_OVERRIDES, SettingsLoader, findConfigDir, loadSettings } from '@longhaul/settings';
import { createApi, listen as listenApi } from '../../apps/api/src/api';
import { createWorker, listen as listenWorker } from '../../apps/worker/src/worker';
import { freePort, ROOT, scratchDirectory } from './scratch';

/** An API or a worker inside the test process: real stores, real HTTP, no process to start. */
export interface InProcess {
  readonly app: NestFastifyApplication;
  readonly url: string;
  close(): Promise<void>;
}

const open = new Set<NestFastifyApplication>();

afterAll(async () => {
  for (const app of open) await app.close();
}, 60_000);

/** Reads as a process would; `LONGHAUL_CONFIG_DIR` names another configuration than the one that ships. */
export async function loaderFor(stated: Readonly<Record<string, string>>): Promise<SettingsLoader> {
  const env = {
    LOG_LEVEL: 'silent',
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    WORKER_PORT: String(await freePort()),
    LONGHAUL_DATA_DIR: scratchDirectory('in-process'),
    DRAIN_SECS: '2',
    ...stated,
  };
  return (overrides) => loadSettings({ env, configDir: findConfigDir(env, ROOT), overrides });
}

export const openApi = async (env: Readonly<Record<string, string>>): Promise<InProcess> => {
  const loader = await loaderFor(env);
  const settings = loader(NO_OVERRIDES);
  const app = await createApi(settings, failTheTest, loader);
  return opened(app, await listenApi(app, settings));
};

export const openWorker = async (env: Readonly<Record<string, string>>): Promise<InProcess> => {
  const loader = await loaderFor(env);
  const settings = loader(NO_OVERRIDES);
  const app = await createWorker(settings, failTheTest, loader);
  return opened(app, await listenWorker(app, settings));
};

function opened(app: NestFastifyApplication, url: string): InProcess {
  open.add(app);
  const close = async (): Promise<void> => {
    open.delete(app);
    await app.close();
  };
  return { app, url, close };
}

/**
 * Resolves when nothing runs or waits for its turn; what is scheduled for later stays. A call that a reset has cut is
 * made again, and would take the answer that the next test wrote for its own.
 */
export async function allSettled(url: string): Promise<void> {
  for (;;) {
    const left = [...(await jobsThatAre('queued', url)), ...(await jobsThatAre('in_progress', url))];
    const due = left.filter(({ phase }) => phase !== 'scheduled');
    if (due.length === 0) return;
    await Promise.all(due.map(({ id }) => fetch(`${url}/v1/jobs/${id}?wait=20`)));
  }
}

async function jobsThatAre(status: string, url: string): Promise<readonly JobView[]> {
  const answer = await fetch(`${url}/v1/jobs?status=${status}&limit=100`);
  return ((await answer.json()) as { data: readonly JobView[] }).data;
}

function failTheTest(error: Error): void {
  throw error;
}

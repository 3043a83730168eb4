import { entryOf } from '../system/paths.mjs';
import { freePort } from '../system/ports.mjs';

/** One process of Longhaul on stores and an upstream of the bed. `env` comes on top. Returns its URL. */
export async function launch(bed, role, { stores, upstream, env: more }) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { urls, redisUrl, dataDir, backEnd } = stores;
  const env = {
    ...{ DATABASE_URL: urls.longhaul, LONGHAUL_DATA_DIR: dataDir, LOG_LEVEL: 'warn', DRAIN_SECS: '1' },
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
    ...{ HOST: '127.0.0.1', PORT: String(port), WORKER_PORT: String(port) },
    SANDBOX_BASE_URL: `${upstream.url}/v1`,
    ...more,
  };
  const name = `${backEnd}-${role}-${port}`;
  await bed.launch({ name, file: entryOf(role), env, readyUrl: `${url}/readyz` });
  return url;
}

/** Two API and three worker processes. Returns the URLs of the APIs. */
export async function launchFleet(bed, on) {
  const apis = await Promise.all([1, 2].map(() => launch(bed, 'api', on)));
  await Promise.all([1, 2, 3].map(() => launch(bed, 'worker', on)));
  return apis;
}

export async function send(method, url, body) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** The upstream's own log. */
export async function callsOf(upstream) {
  return (await fetch(`${upstream.url}/calls`)).json();
}

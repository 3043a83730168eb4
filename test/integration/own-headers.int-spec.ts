import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLonghaul } from '../support/longhaul';
import { ROOT, scratchDirectory } from '../support/scratch';

// Real stores and processes, on machines of any speed.
jest.setTimeout(120_000);

const CANARY = 'canary-5f3e9a17c0';
const OWN = `headers = { "X-Team-Pass" = "${CANARY}", "User-Agent" = "mine/1.0" }`;

/** The configuration that ships, with headers of the operator's own at the sandbox. */
function configWithHeaders(): string {
  const folder = scratchDirectory('own-headers');
  cpSync(join(ROOT, 'config'), folder, { recursive: true });
  const file = join(folder, 'providers.toml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('name = "sandbox"\n', `name = "sandbox"\n${OWN}\n`));
  return folder;
}

const PLACES = [
  ...['config/effective', 'registry/snapshot', 'providers', 'providers/sandbox', 'status', 'models'],
  'providers/sandbox/capabilities?live=true',
];

it('headers of the operator’s own go to the provider, and their values into no log and no answer', async () => {
  const env = { LONGHAUL_CONFIG_DIR: configWithHeaders(), LOG_LEVEL: 'trace', RETRY_ATTEMPTS: '0' };
  const { api, upstream, ...longhaul } = await startLonghaul({ backEnd: 'postgres', env });
  const worker = await longhaul.worker();
  upstream.script({ replies: [{ status: 500, body: { error: { message: CANARY } } }] });
  const { id } = await longhaul.chat('sandbox/echo', 'own', { fallbacks: [] });
  expect(await longhaul.ended(id)).toMatchObject({ status: 'failed', error: { code: 'upstream_error' } });
  expect(upstream.calls().map(({ userAgent }) => userAgent)).toEqual(['mine/1.0']);

  const read = async (path: string): Promise<string> => (await fetch(`${api.url}${path}`)).text();
  const effective = JSON.parse(await read('/v1/config/effective')) as { data: { name: string }[] };
  expect(effective.data.find(({ name }) => name === 'headers.sandbox')).toMatchObject({
    value: ['x-team-pass', 'user-agent'],
    origin: 'file',
    overridable: false,
  });
  const answers = await Promise.all(PLACES.map((path) => read(`/v1/${path}`)));
  const job = await read(`/v1/jobs/${id}?include=output,attempts,decision`);
  const metrics = await read('/metrics');
  await worker.stop();
  await api.stop();
  for (const { logs } of [api, worker]) expect(logs()).toContain('x-team-pass, user-agent');
  expect([...answers, job, metrics, api.logs(), worker.logs()].join('\n')).not.toContain(CANARY);
});

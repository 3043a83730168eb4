import { openApi, openWorker } from '../support/gateway';
import { freshDatabase } from '../support/stores';

jest.setTimeout(60_000);

it('a worker serves health and metrics at WORKER_HOST, and does not care for a HOST that the API refuses', async () => {
  const { url } = await freshDatabase();
  const env = { DATABASE_URL: url, HOST: '0.0.0.0', WORKER_HOST: '127.0.0.2' };
  const worker = await openWorker(env);
  expect(new URL(worker.url).hostname).toBe('127.0.0.2');
  expect((await fetch(`${worker.url}/metrics`)).status).toBe(200);
  await expect(openApi(env)).rejects.toThrow('LONGHAUL_API_KEYS_FILE');
});

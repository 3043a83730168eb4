import { startApi, startWorker } from '../support/processes';
import { freshDatabase } from '../support/stores';

jest.setTimeout(60_000);

describe('an app on its own', () => {
  it.each([
    ['the API', startApi],
    ['a worker', startWorker],
  ])('%s without DATABASE_URL refuses, and names npm start', async (_, start) => {
    const app = await start({ waitUntilReady: false });
    expect(await app.exited).toBe(1);
    expect(app.logs()).toMatch(/DATABASE_URL/);
    expect(app.logs()).toMatch(/npm start/);
  });

  it('is ready on a fresh database, several at once, and ends with 0 when asked to', async () => {
    const { url } = await freshDatabase();
    const env = { DATABASE_URL: url };
    const apps = await Promise.all([startApi({ env }), startWorker({ env }), startWorker({ env })]);
    for (const app of apps) {
      const answer = await fetch(`${app.url}/readyz`);
      expect({ name: app.name, status: answer.status }).toEqual({ name: app.name, status: 200 });
    }
    await Promise.all(apps.map((app) => app.stop()));
    for (const app of apps) expect(await app.exited).toBe(0);
  });
});

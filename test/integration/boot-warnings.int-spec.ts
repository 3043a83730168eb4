import { AppOptions, AppProcess, startApi, startWorker } from '../support/processes';
import { freshDatabase } from '../support/stores';

// Real stores and processes, on machines of any speed.
jest.setTimeout(60_000);

it.each([
  ['the API', startApi],
  ['a worker', startWorker],
] as [string, (options: AppOptions) => Promise<AppProcess>][])(
  '%s says at boot which model stands in for a retired one of its configuration',
  async (_, start) => {
    const { url } = await freshDatabase();
    const app = await start({ env: { DATABASE_URL: url, MOONSHOT_DEFAULT_MODEL: 'kimi-k2-0905-preview' } });
    await app.stop();
    expect(app.logs()).toMatch(
      /kimi-k2-0905-preview\\*" in MOONSHOT_DEFAULT_MODEL is retired; \S+ stands in/,
    );
  },
);

import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { Database, Records } from '@longhaul/records';
import { until } from '../support/longhaul';
import { putUpSignpost, Signpost } from '../support/signpost';
import { PostgresServer, startPostgres } from '../support/stores';

jest.setTimeout(120_000);

const CALL_MS = 1_500;
/** What a server that answers again has for its old connections, twice. */
const GRACE_OVER_MS = 1_000;

const NEWEST = `SELECT pid FROM pg_stat_activity WHERE application_name = 'longhaul-notices'
  ORDER BY backend_start DESC LIMIT 1`;

describe('the connection that listens', () => {
  let server: PostgresServer;
  let way: Signpost;
  let here: Records;
  let there: Records;
  let heard: number;

  beforeAll(async () => {
    server = await startPostgres();
  });

  beforeEach(async () => {
    way = await putUpSignpost(server.url);
    here = new Records(new Database({ url: server.url, poolSize: 2, callMs: CALL_MS }));
    there = new Records(new Database({ url: way.url, poolSize: 4, callMs: CALL_MS }));
    heard = 0;
    there.notices.on('cancel', () => (heard += 1));
  });

  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
    await way.close();
  });

  async function hears(): Promise<void> {
    const before = heard;
    await until('it hears', () => {
      here.notices.tell('cancel', 'job_x');
      return Promise.resolve(heard > before);
    });
  }

  const newest = async (): Promise<unknown> => (await here.database.pool.query(NEWEST)).rows;

  it('is made anew when its way alone was cut without a word', async () => {
    there.notices.start();
    await hears();
    way.hush();
    await expect(there.leases.clock()).resolves.toBeInstanceOf(Date);
    await hears();
    await expect(there.leases.clock()).resolves.toBeInstanceOf(Date);
  });

  it('is made anew when its way was cut before it was told to listen', async () => {
    const query = jest.spyOn(Client.prototype, 'query').mockImplementationOnce(function (this: Client) {
      way.hush();
      return this.query('LISTEN longhaul') as never;
    });
    there.notices.start();
    await until('it is told', () => Promise.resolve(query.mock.calls.length > 0));
    query.mockRestore();
    await hears();
  });

  it('is kept while the whole server stands still, which goes on with it', async () => {
    there.notices.start();
    await hears();
    const before = await newest();
    const made = way.made();
    await server.freeze();
    try {
      await until('new connections were tried in vain', () => Promise.resolve(way.made() > made + 1));
    } finally {
      await server.thaw();
    }
    await hears();
    await pause(GRACE_OVER_MS);
    expect(await newest()).toEqual(before);
  });

  it('is asked no more than once a second', async () => {
    there.notices.start();
    await hears();
    const query = jest.spyOn(Client.prototype, 'query');
    await pause(3_000);
    const asked = (query.mock.calls as unknown[][]).filter(([text]) => text === 'SELECT 1');
    query.mockRestore();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(3);
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '../support/longhaul';
import { AppProcess, startApi } from '../support/processes';
import { freshDatabase } from '../support/stores';

jest.setTimeout(60_000);

let api: AppProcess;

beforeAll(async () => {
  api = await startApi({ env: { DATABASE_URL: (await freshDatabase()).url, LOG_LEVEL: 'info' } });
});
afterAll(() => api.stop());

/** Bytes as they are: no client library would send them. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  socket.write(Buffer.from(bytes, 'latin1'));
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

const get = (path: string, headers: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n\r\n`;

describe('what callers send', () => {
  it.each(['x-request-id', 'idempotency-key', 'prefer', 'user-agent', 'host'])(
    'in %s never breaks a header or a line of the log',
    async (name) => {
      for (const value of [
        'a\nEvil: 1',
        'a\rEvil: 1',
        'a\0b',
        'a%0d%0aEvil: 1',
        '\u001b[31mred',
        '"}\\n{"level":60',
      ]) {
        const answer = await exchange(get('/v1/status', `${name}: ${value}`));
        const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
        expect(head).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
        expect(head).not.toMatch(/^evil/im);
        expect(head).toMatch(/^x-request-id: [\w.-]{1,128}\r?$/m);
      }
    },
  );

  it('in a path or a query stands in one line of the log, escaped, and no query ever', async () => {
    for (const path of [
      '/v1/a%0d%0aEvil?key=sk-query',
      '/v1/\u0085\u009b31m',
      '/v1/jobs/x%00?metadata[a]=sk-query',
    ]) {
      await exchange(get(path, 'Authorization: Bearer sk-header\r\nX-Request-Id: seen-once'));
    }
  });

  it('is logged as request id, method, route, status and time: once each, and no more', async () => {
    await exchange(get('/v1/models?provider=sandbox', 'X-Request-Id: only-this-one\r\nCookie: sk-cookie'));
    // It is written when the answer is out, and comes here over a pipe.
    const written = await until('its line', () => {
      const logs = api.logs();
      return Promise.resolve(logs.includes('only-this-one') && logs.endsWith('\n') && logs);
    });
    const lines = written.split('\n').filter((line) => line !== '');
    // Everything that it writes is one JSON object in a line, but the words to whoever started it.
    for (const line of lines.slice(1))
      if (!line.startsWith('Longhaul API')) expect(() => void JSON.parse(line)).not.toThrow();
    const line = lines.find((text) => text.includes('only-this-one')) ?? '';
    expect(line.match(/only-this-one/g)).toHaveLength(1);
    expect(JSON.parse(line)).toEqual({
      level: 30,
      time: expect.any(Number),
      pid: api.pid,
      hostname: expect.any(String),
      context: 'Http',
      requestId: 'only-this-one',
      msg: 'GET /v1/models 200',
      method: 'GET',
      route: '/v1/models',
      status: 200,
      totalMs: expect.any(Number),
    });
    expect(api.logs()).not.toMatch(/sk-(?:query|header|cookie)|\breqId\b/);
  });
});

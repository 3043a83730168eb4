import { Body, Controller, LoggerService, Module, Post } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { CallersGuard } from './callers/callers.guard';
import { ErrorFilter } from './error.filter';
import { createServer } from './server';

@Controller('v1/things')
class ThingsController {
  @Post()
  echo(@Body() body: unknown): object {
    return { body };
  }
}

@Module({ controllers: [ThingsController], providers: [{ provide: APP_FILTER, useClass: ErrorFilter }] })
class ThingsModule {}

const REQUEST_TIMEOUT_MS = 300;
const HEAD = 'POST /v1/things?key=sk-1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';

/** Keeps what the server logs of requests. */
class Lines implements LoggerService {
  readonly ofHttp: unknown[] = [];
  log(line: unknown, context?: string): void {
    if (context === 'Http') this.ofHttp.push(line);
  }
  warn = (): void => undefined;
  error = (): void => undefined;
}

const lines = new Lines();
let app: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  const guard = new CallersGuard(null, { 'POST /v1/things': 'jobs' });
  const server = createServer({ bodyLimitBytes: 1_000_000, guard, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  app = await NestFactory.create<NestFastifyApplication>(ThingsModule, server, {
    bodyParser: false,
    logger: lines,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  port = Number(new URL(await app.getUrl()).port);
});
afterAll(() => app.close());

/** What the log says of the bytes of one connection, and the request id that each of its answers carries. */
async function logged(bytes: string): Promise<{ log: unknown[]; requestIds: unknown[] }> {
  lines.ofHttp.length = 0;
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  const requestIds = [
    ...Buffer.concat(chunks)
      .toString()
      .matchAll(/^x-request-id: (\S+)\r$/gim),
  ];
  return { log: [...lines.ofHttp], requestIds: requestIds.map(([, id]) => id) };
}

const POST_AND_UNMATCHED = { method: 'POST', route: 'unmatched' };

describe('a request that the router never sees has one line in the log, with the id of its answer:', () => {
  it.each([
    [
      'no HTTP at all',
      'sk-1\r\n\r\n',
      { msg: 'A request that cannot be read 400', route: 'unmatched', status: 400 },
    ],
    [
      'a head that never ends',
      `${HEAD}X-`,
      { msg: 'A request that cannot be read 408', route: 'unmatched', status: 408 },
    ],
    [
      'a broken path',
      `${HEAD.replace('things', 'things/%zz')}Connection: close\r\n\r\n`,
      { msg: 'POST /v1/things/%zz 400', ...POST_AND_UNMATCHED, status: 400 },
    ],
    [
      'a chunk that is none',
      `${HEAD}Transfer-Encoding: chunked\r\n\r\nsk-1\r\n`,
      { msg: 'POST /v1/things 400', ...POST_AND_UNMATCHED, status: 400 },
    ],
    [
      'a body that never comes',
      `${HEAD}Content-Length: 10\r\n\r\n{`,
      { msg: 'POST /v1/things 408', ...POST_AND_UNMATCHED, status: 408 },
    ],
    [
      'an unknown Expect',
      `${HEAD}Expect: magic\r\nContent-Length: 2\r\n\r\n{}`,
      { msg: 'POST /v1/things 400', ...POST_AND_UNMATCHED, status: 400 },
    ],
    [
      'CONNECT',
      'CONNECT name:sk-1@example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
      { msg: 'CONNECT example.com:443 405', method: 'CONNECT', route: 'unmatched', status: 405 },
    ],
  ])('%s', async (_, bytes, line) => {
    const { log, requestIds } = await logged(bytes);
    expect(requestIds).toEqual([expect.stringMatching(/^req_/)]);
    expect(log).toEqual([{ ...line, requestId: requestIds[0] }]);
  });
});

describe('a request that is routed', () => {
  it('has one line too, with its time', async () => {
    const close = HEAD.replace('Host', 'Connection: close\r\nHost');
    const { log, requestIds } = await logged(`${close}Content-Length: 2\r\n\r\n{}`);
    const line = { msg: 'POST /v1/things 201', method: 'POST', route: '/v1/things', status: 201 };
    expect(log).toEqual([{ ...line, requestId: requestIds[0], totalMs: expect.any(Number) }]);
  });

  it('shows no password of a form of address that is meant for proxies, and no more than 200 of its path', async () => {
    const head = `GET http://name:sk-1${'x'.repeat(300)}@localhost/v1/${'y'.repeat(300)} HTTP/1.1\r\n`;
    const { log } = await logged(`${head}Host: localhost\r\nConnection: close\r\n\r\n`);
    const path = `http://localhost/v1/${'y'.repeat(300)}`.slice(0, 200);
    expect(log).toMatchObject([{ msg: `GET ${path} 404` }]);
  });
});

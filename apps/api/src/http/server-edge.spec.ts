import { Body, Controller, Module, Post } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { request as httpRequest } from 'node:http';
import { connect, Socket } from 'node:net';
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

const LIMIT = 1_000_000;
const REQUEST_TIMEOUT_MS = 300;
const HEAD = 'POST /v1/things HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const whole = (body: string): string => `${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`;

/** What a raw connection got until it was closed. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

let app: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  const guard = new CallersGuard(null, { 'POST /v1/things': 'jobs' });
  const server = createServer({ bodyLimitBytes: LIMIT, guard, requestTimeoutMs: REQUEST_TIMEOUT_MS });
  app = await NestFactory.create<NestFastifyApplication>(ThingsModule, server, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  port = Number(new URL(await app.getUrl()).port);
});
afterAll(() => app.close());

/** Everything that comes until the server closes the connection. */
async function exchange(send: (socket: Socket) => void): Promise<Answer[]> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A client that writes on meets a reset; what it has read by then is what counts.
  socket.on('error', () => undefined);
  send(socket);
  await new Promise((resolve) => socket.once('close', resolve));
  return answersIn(Buffer.concat(chunks).toString('latin1'));
}

function answersIn(text: string): Answer[] {
  const answers: Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(lines.map((line) => line.toLowerCase().split(/: ?(.*)/, 2)));
    const length = Number(headers['content-length'] ?? 0);
    const status = Number(first.split(' ')[1]);
    answers.push({ status, headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

function expectProblem(answer: Answer | undefined, code: string): void {
  const body = JSON.parse(answer?.body ?? '') as Record<string, unknown>;
  expect(body).toMatchObject({ code, status: answer?.status, request_id: answer?.headers['x-request-id'] });
  expect(answer?.headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'request-id': expect.stringMatching(/^req_[0-9a-f]{32}$/),
    connection: 'close',
  });
}

describe('a request that Fastify never sees', () => {
  it.each([
    ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed_request'],
    ['a method that is none', 'GRAB / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'malformed_request'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n', 400, 'malformed_request'],
    [
      'NUL in a header',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: a\0b\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'a bare CR in a header',
      'GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\rX-B: b\r\n\r\n',
      400,
      'malformed_request',
    ],
    [
      'headers over 16 KB',
      `GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['a path over 16 KB', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'headers_too_large'],
    [
      'Content-Length beside Transfer-Encoding',
      `${HEAD}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'malformed_request',
    ],
    ['two lengths', `${HEAD}Content-Length: 3\r\nContent-Length: 4\r\n\r\n123`, 400, 'malformed_request'],
    ['a chunk that is none', `${HEAD}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`, 400, 'malformed_request'],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405, 'method_not_allowed'],
    ['an unknown Expect', `${HEAD}Expect: magic\r\nContent-Length: 2\r\n\r\n{}`, 400, 'malformed_request'],
    ['a body that never comes', `${HEAD}Content-Length: 10\r\n\r\n{`, 408, 'request_timeout'],
    ['a head that never ends', `${HEAD}X-`, 408, 'request_timeout'],
  ])('for %s is answered with a problem', async (...[, bytes, status, code]) => {
    const answers = await exchange((socket) => socket.write(bytes));
    expect(answers).toHaveLength(1);
    expect(answers[0]?.status).toBe(status);
    expectProblem(answers[0], code);
    expect(answers[0]?.headers['x-should-retry']).toBe(code === 'request_timeout' ? undefined : 'false');
    expect(answers[0]?.headers['allow']).toBe(status === 405 ? 'get, head, post, delete' : undefined);
  });

  it.each([
    ['for want of a Host', '1.1', '', 'has none'],
    ['for two Hosts', '1.1', 'Host: localhost\r\nhOST: evil.example\r\n', 'has several'],
    ['for a Host said twice', '1.1', 'Host: localhost\r\nX-A: 1\r\nHost: localhost\r\n', 'has several'],
    ['for two Hosts in HTTP/1.0', '1.0', 'Host: localhost\r\nHost: evil.example\r\n', 'has several'],
  ])('%s is answered like any other', async (...[, version, hosts, words]) => {
    const head = `GET /v1/things HTTP/${version}\r\nConnection: close\r\n${hosts}\r\n`;
    const answers = await exchange((socket) => socket.write(head));
    expect(answers[0]?.status).toBe(400);
    expectProblem(answers[0], 'malformed_request');
    expect(answers[0]?.body).toContain(words);
  });

  it.each([
    ['once', '1.1', 'Host: localhost\r\nX-Host: a\r\nHostel: b\r\n'],
    ['not at all, which HTTP/1.0 allows', '1.0', ''],
  ])('is none when Host is said %s', async (_, version, hosts) => {
    const head = `GET /v1/things HTTP/${version}\r\nConnection: close\r\n${hosts}\r\n`;
    const [answer] = await exchange((socket) => socket.write(head));
    expect(answer?.status).toBe(405);
  });

  it('for a broken path closes its connection, because its body is not read', async () => {
    const head = HEAD.replace('things', 'things/%zz');
    const answers = await exchange((socket) => socket.write(`${head}Content-Length: 10\r\n\r\n{`));
    expect(answers.map(({ status }) => status)).toEqual([400]);
    expectProblem(answers[0], 'malformed_request');
  });

  it('is answered without a body when it was a HEAD', async () => {
    const [answer] = await exchange((socket) =>
      socket.write('HEAD /\u00ff HTTP/1.1\r\nHost: localhost\r\n\r\n', 'latin1'),
    );
    expect([answer?.status, answer?.body]).toEqual([400, '']);
    expect(Number(answer?.headers['content-length'])).toBeGreaterThan(100);
  });

  it('is answered after the whole ones before it on the same connection, in their order', async () => {
    const answers = await exchange((socket) => socket.write(`${whole('1')}${whole('[2]')}garbage\r\n\r\n`));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 400]);
    expect(answers.slice(0, 2).map(({ body }) => body)).toEqual(['{"body":1}', '{"body":[2]}']);
    expectProblem(answers[2], 'malformed_request');
  });

  it('leaves the server as it was', async () => {
    const close = HEAD.replace('Host', 'Connection: close\r\nHost');
    const answers = await exchange((socket) => socket.write(`${close}Content-Length: 1\r\n\r\n7`));
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[201, '{"body":7}']]);
  });
});

describe('a body', () => {
  it.each([
    ['by its length', `${HEAD}Content-Length: 5000000000\r\n\r\n`],
    ['by its chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`],
  ])(
    'over the limit, %s, is refused and its connection closed while the client sends on',
    async (how, head) => {
      const chunk = 'x'.repeat(65_536);
      const piece = how === 'by its chunks' ? `10000\r\n${chunk}\r\n` : chunk;
      let isOpen = true;
      const answers = await exchange((socket) => {
        socket.once('close', () => (isOpen = false));
        const more = (): void => {
          while (isOpen && socket.writable && socket.write(piece));
        };
        socket.on('drain', more);
        socket.write(head);
        more();
      });
      expect(answers.map(({ status }) => status)).toEqual([413]);
      expectProblem(answers[0], 'payload_too_large');
    },
  );

  it('over the limit lets an ordinary client read the answer', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const request = httpRequest({ port, path: '/v1/things', method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode);
        answer.resume();
      });
      request.on('error', reject);
      request.end(Buffer.alloc(8 * LIMIT, '1'));
    });
    expect(status).toBe(413);
  });

  it.each([
    ['over the limit', `${HEAD}Content-Length: 2000000\r\n`, 413],
    ['of a foreign caller', `${HEAD.replace('localhost', 'evil.example')}Content-Length: 2\r\n`, 403],
    ['at no path', `${HEAD.replace('things', 'nothing')}Content-Length: 2\r\n`, 404],
  ])('%s is refused before a client that asks first sends it', async (_, head, status) => {
    const answers = await exchange((socket) => socket.write(`${head}Expect: 100-continue\r\n\r\n`));
    expect(answers.map((answer) => [answer.status, answer.headers.connection])).toEqual([[status, 'close']]);
  });

  it('that is asked for first is sent for', async () => {
    const close = HEAD.replace('Host', 'Connection: close\r\nHost');
    const answers = await exchange((socket) => {
      socket.write(`${close}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
      socket.once('data', () => socket.write('{}'));
    });
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [100, ''],
      [201, '{"body":{}}'],
    ]);
  });
});

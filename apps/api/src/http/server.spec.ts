import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHash } from 'node:crypto';
import { GatewayError } from '@longhaul/contract';
import { Caller } from './callers/caller';
import { CallersGuard } from './callers/callers.guard';
import { CallerKey } from './callers/keys-file';
import { Scope } from './callers/scopes';
import { ErrorFilter } from './error.filter';
import { createServer } from './server';

@Controller('v1/things')
class ThingsController {
  @Post()
  echo(@Body() body: unknown, @Caller() caller: string): object {
    return { body, caller };
  }

  @Get('fault')
  fault(): never {
    throw new Error('password=hunter2 at /srv/secret.ts');
  }

  @Get('busy')
  busy(): never {
    throw new GatewayError(
      'store_unavailable',
      'PostgreSQL did not answer within 2 s; nothing was accepted.',
    );
  }

  @Get('open')
  open(@Caller() caller: string): object {
    return { caller };
  }

  @Get(':id')
  find(@Param('id') id: string, @Caller() caller: string): object {
    return { id, caller };
  }
}

@Module({ controllers: [ThingsController], providers: [{ provide: APP_FILTER, useClass: ErrorFilter }] })
class ThingsModule {}

const SCOPES: Record<string, Scope | 'public'> = {
  'POST /v1/things': 'jobs',
  'GET /v1/things/fault': 'jobs',
  'GET /v1/things/busy': 'jobs',
  'GET /v1/things/open': 'public',
  'GET /v1/things/:id': 'admin',
};
const BODY_LIMIT = 2_000_000;

async function start(
  keys: readonly CallerKey[] | null = null,
  scopes = SCOPES,
): Promise<NestFastifyApplication> {
  const server = createServer({ bodyLimitBytes: BODY_LIMIT, guard: new CallersGuard(keys, scopes) });
  const app = await NestFactory.create<NestFastifyApplication>(ThingsModule, server, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return app;
}

const post = (payload: string | Buffer, headers: Record<string, string> = {}) => ({
  method: 'POST' as const,
  url: '/v1/things',
  payload,
  headers: { 'content-type': 'application/json', ...headers },
});

describe('the HTTP server', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    app = await start();
  });
  afterAll(() => app.close());

  it('hands a JSON body on as it was sent', async () => {
    const answer = await app.inject(post('{"a":[1,"ü\\n"],"toString":"x"}'));
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toEqual({ body: { a: [1, 'ü\n'], toString: 'x' }, caller: 'local' });
  });

  describe('bad input', () => {
    it('answers malformed JSON with 400 as a problem document that OpenAI clients can read too', async () => {
      const answer = await app.inject(post('{"secret-prompt": tru}', { 'x-request-id': 'my-id.1' }));
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(answer.json()).toEqual({
        type: '/docs/errors#malformed_request',
        title: 'Malformed request',
        status: 400,
        detail: "The body is not valid JSON: Unexpected token '}'.",
        instance: '/v1/things',
        code: 'malformed_request',
        request_id: 'my-id.1',
        error: {
          message: "The body is not valid JSON: Unexpected token '}'.",
          type: 'invalid_request_error',
          param: null,
          code: 'malformed_request',
        },
      });
      expect(answer.headers['x-should-retry']).toBe('false');
    });

    it.each([
      ['a body cut short', '{"a":', [400, 'malformed_request']],
      ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), [400, 'malformed_request']],
      ['NUL in a value', '{"a":"\\u0000"}', [422, 'invalid_request']],
      ['half a surrogate pair in a name', '{"\\ud800":1}', [422, 'invalid_request']],
      ['a __proto__ member', '{"a":{"__proto__":{"admin":true}}}', [422, 'invalid_request']],
      ['a constructor.prototype member', '{"constructor":{"prototype":{"x":1}}}', [422, 'invalid_request']],
      ['nesting of 65 levels', '['.repeat(65) + ']'.repeat(65), [422, 'invalid_request']],
      ['nesting of 100,000 levels', '['.repeat(100_000) + ']'.repeat(100_000), [422, 'invalid_request']],
      ['100,001 items', `[${'0,'.repeat(100_000)}0]`, [422, 'invalid_request']],
    ])('refuses %s', async (_, payload, expected) => {
      const answer = await app.inject(post(payload));
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual(expected);
    });

    it('accepts 64 levels and 100,000 items', async () => {
      expect((await app.inject(post('['.repeat(64) + ']'.repeat(64)))).statusCode).toBe(201);
      expect((await app.inject(post(`[${'0,'.repeat(99_999)}0]`))).statusCode).toBe(201);
    });

    it('leaves the prototype of objects alone', async () => {
      await app.inject(post('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'));
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    });

    it('answers 415 to another content type, to none, and to a compressed body', async () => {
      for (const [name, value, way] of [
        ['content-type', 'text/plain', 'content-type: application/json'],
        ['content-type', '', 'content-type: application/json'],
        ['content-encoding', 'gzip', 'Send it as it is'],
      ] as const) {
        const answer = await app.inject(post('{}', { [name]: value }));
        const detail = expect.stringContaining(way);
        expect(answer.json()).toMatchObject({ status: 415, code: 'unsupported_media_type', detail });
      }
    });

    it('answers 413 to a body over the limit', async () => {
      const answer = await app.inject(post(`"${'x'.repeat(BODY_LIMIT)}"`));
      const detail = expect.stringContaining('larger than 1.91 MB');
      expect([answer.statusCode, answer.json()]).toMatchObject([413, { code: 'payload_too_large', detail }]);
      expect(answer.headers['x-should-retry']).toBe('false');
    });

    it('answers 404 to an unknown path, whatever its body is', async () => {
      const answer = await app.inject({ ...post('{broken'), url: '/v1/nothing?key=sk-secret' });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not_found']);
      expect(answer.body).not.toContain('sk-secret');
    });

    it.each(['/v1/nothing', '/v1/things/'])('names the page that has every call at %s', async (url) => {
      const { detail } = (await app.inject({ url })).json<{ detail: string }>();
      expect(detail).toBe('There is nothing at this path. Every call is explained at /docs.');
    });

    it.each(['PUT', 'DELETE', 'OPTIONS'] as const)('answers 405 with Allow to %s', async (method) => {
      const answer = await app.inject({ method, url: '/v1/things' });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([405, 'method_not_allowed']);
      expect(answer.headers.allow).toBe('POST');
    });

    it('names every method of a path with parameters in Allow', async () => {
      const answer = await app.inject({ method: 'POST', url: '/v1/things/7' });
      expect(answer.headers.allow).toBe('GET, HEAD');
    });

    it.each([
      ['a broken escape', '/v1/things/%zz', 400],
      ['a part that is too long', `/v1/things/${'x'.repeat(5000)}`, 404],
      ['dots that climb', '/v1/things/..%2f..%2fetc', 200],
    ])('answers a path with %s like any other', async (_, url, status) => {
      const answer = await app.inject({ method: 'GET', url });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['x-request-id']).toBeDefined();
      if (status !== 200) expect(answer.json()).toMatchObject({ status });
    });
  });

  describe('request ids', () => {
    it('echoes an acceptable one under both names, on good answers and on errors', async () => {
      for (const url of ['/v1/things/open', '/v1/things/1', '/nowhere']) {
        const answer = await app.inject({ method: 'GET', url, headers: { 'x-request-id': 'abc-1.2_3' } });
        expect(answer.headers).toMatchObject({ 'x-request-id': 'abc-1.2_3', 'request-id': 'abc-1.2_3' });
      }
    });

    it.each(['a b', 'x'.repeat(129), 'a"b', 'ä'])('makes its own in place of %j', async (sent) => {
      const answer = await app.inject({
        method: 'GET',
        url: '/v1/things/1',
        headers: { 'x-request-id': sent },
      });
      expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
    });
  });

  it('tells nothing of an unforeseen fault but the request id', async () => {
    const answer = await app.inject({ method: 'GET', url: '/v1/things/fault' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/hunter2|secret|\.ts|at /);
    expect(answer.json()).toMatchObject({ code: 'internal', request_id: answer.headers['x-request-id'] });
  });

  it('gives 503 a Retry-After, and lets the client repeat', async () => {
    const answer = await app.inject({ method: 'GET', url: '/v1/things/busy' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.headers['x-should-retry']).toBeUndefined();
  });

  it('refuses to boot when a route has no scope, and names the route', async () => {
    const scopes = { ...SCOPES };
    delete scopes['GET /v1/things/:id'];
    await expect(start(null, scopes)).rejects.toThrow('No scope is given to GET /v1/things/:id.');
  });

  it('asks who calls before it reads the body', async () => {
    const foreign = await app.inject(post('{broken', { host: 'evil.example' }));
    expect([foreign.statusCode, foreign.json<{ code: string }>().code]).toEqual([403, 'forbidden']);

    const digest = createHash('sha256').update('key-of-ci').digest();
    const keyed = await start([{ name: 'ci', digest, scopes: ['jobs'] }]);
    const stranger = await keyed.inject(post('{broken'));
    expect([stranger.statusCode, stranger.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="longhaul"',
    ]);
    const caller = await keyed.inject(post('1', { authorization: 'Bearer key-of-ci', host: 'lan.example' }));
    expect(caller.json()).toEqual({ body: 1, caller: 'ci' });
    expect((await keyed.inject({ method: 'HEAD', url: '/v1/things/1' })).statusCode).toBe(401);
    await keyed.close();
  });

  it('gives no caller to a public route', async () => {
    expect((await app.inject({ method: 'GET', url: '/v1/things/open' })).statusCode).toBe(500);
  });
});

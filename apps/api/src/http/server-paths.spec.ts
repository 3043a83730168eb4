import { Body, Controller, Module, Post } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { NestFastifyApplication } from '@nestjs/platform-fastify';
import { CallersGuard } from './callers/callers.guard';
import { ErrorFilter } from './error.filter';
import { createServer } from './server';

/** Who got a turn, in order. */
const turns: string[] = [];

@Controller('v1/things')
class ThingsController {
  @Post()
  echo(@Body() body: unknown): object {
    turns.push('handler');
    return { body };
  }
}

@Module({ controllers: [ThingsController], providers: [{ provide: APP_FILTER, useClass: ErrorFilter }] })
class ThingsModule {}

let app: NestFastifyApplication;

beforeAll(async () => {
  const guard = new CallersGuard(null, { 'POST /v1/things': 'jobs' });
  const server = createServer({ bodyLimitBytes: 1_000_000, guard });
  app = await NestFactory.create<NestFastifyApplication>(ThingsModule, server, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});
afterAll(() => app.close());

describe('a body', () => {
  it.each([
    ['application/json; charset=utf-8', 201],
    ['application/json;charset="UTF-8"', 201],
    ['application/json; charset=utf8', 201],
    ['application/json; charset=latin1', 415],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=', 415],
    ['application/json; charset=utf-8; charset=UTF8', 201],
    ['application/json; charset=utf-8; charset=latin1', 415],
    ['application/json; charset=latin1; charset=utf-8', 415],
    ['application/jsonp', 415],
    ['application/json, text/plain', 415],
  ])('of the type %j is %i', async (type, status) => {
    const headers = { 'content-type': type };
    const answer = await app.inject({ method: 'POST', url: '/v1/things', payload: '{}', headers });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['x-request-id']).toBeDefined();
  });
});

describe('a large body', () => {
  it('leaves others a turn between its reading and its handler', async () => {
    const read = JSON.parse;
    const parse = jest.spyOn(JSON, 'parse').mockImplementation((text) => {
      setImmediate(() => turns.push('others'));
      return read(text) as unknown;
    });
    turns.length = 0;
    const headers = { 'content-type': 'application/json' };
    const payload = JSON.stringify('x'.repeat(500_000));
    const answer = await app.inject({ method: 'POST', url: '/v1/things', payload, headers });
    parse.mockRestore();
    expect([answer.statusCode, answer.body.length]).toEqual([201, payload.length + '{"body":}'.length]);
    expect(turns).toEqual(['others', 'handler']);
  });
});

describe('a method or a path', () => {
  it('is what the request line says, whatever another header says', async () => {
    const headers = {
      'x-http-method-override': 'POST',
      'x-method-override': 'POST',
      'x-original-url': '/v1/things',
    };
    const answer = await app.inject({ method: 'DELETE', url: '/v1/things', headers });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
  });

  it.each([
    '/v1/things/',
    '//v1/things',
    '/v1//things',
    '/v1%2Fthings',
    '/v1/things;a=b',
    '/V1/THINGS',
    '/v1/things%00',
    '/%',
    '/v1/things/%ff',
  ])('that is nearly right is no path: %s', async (url) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url, payload: '{}', headers });
    expect([400, 404]).toContain(answer.statusCode);
    expect(answer.json()).toMatchObject({ request_id: answer.headers['x-request-id'] });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-should-retry': 'false' });
  });

  it.each(['GET', 'PUT', 'OPTIONS'] as const)('%s of a broken path has a request id too', async (method) => {
    const answer = await app.inject({ method, url: '/v1/things/%zz' });
    expect([400, 404]).toContain(answer.statusCode);
    expect(answer.headers['x-request-id']).toBe(answer.json<{ request_id: string }>().request_id);
    expect(answer.headers['request-id']).toBe(answer.headers['x-request-id']);
  });
});

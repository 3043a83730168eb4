import { createHash } from 'node:crypto';
import { GatewayError } from '@longhaul/contract';
import { CallersGuard } from './callers.guard';
import { CallerKey } from './keys-file';

const ROUTES = { 'GET /jobs': 'jobs', 'GET /admin': 'admin', 'GET /health': 'public' } as const;
const digestOf = (key: string) => createHash('sha256').update(key).digest();
const KEYS: CallerKey[] = [
  { name: 'ci', digest: digestOf('key-of-ci'), scopes: ['jobs'] },
  { name: 'root', digest: digestOf('key-of-root'), scopes: ['jobs', 'admin'] },
];

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return GatewayError.from(error).code;
  }
  return 'admitted';
};

describe('the callers guard without keys', () => {
  const guard = new CallersGuard(null, ROUTES);
  const ask = (headers: Record<string, string>) => codeOf(() => guard.admit('GET /jobs', headers));

  it('calls everybody on this machine local', () => {
    expect(guard.admit('GET /jobs', { host: 'localhost:3000' })).toBe('local');
    expect(guard.admit('GET /admin', { host: 'localhost:3000' })).toBe('local');
  });

  it.each(['localhost', 'localhost:3000', '127.0.0.1:80', '[::1]:3000', '[::1]', 'LocalHost'])(
    'serves the Host %s',
    (host) => expect(ask({ host })).toBe('admitted'),
  );

  it.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example:3000',
    'localhost:3000@evil.example',
    'localhost:evil',
    '10.0.0.5',
    '[::2]',
    '',
  ])('refuses the Host %j', (host) => expect(ask({ host })).toBe('forbidden'));

  it('refuses a request without a Host', () => expect(ask({})).toBe('forbidden'));

  it.each([
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    '',
  ])('refuses the Origin %j', (origin) => expect(ask({ host: 'localhost', origin })).toBe('forbidden'));

  it('serves an Origin on this machine', () =>
    expect(ask({ host: 'localhost', origin: 'http://127.0.0.1:5173' })).toBe('admitted'));
});

describe('the callers guard with keys', () => {
  const guard = new CallersGuard(KEYS, ROUTES);

  it.each([
    ['Authorization', { authorization: 'Bearer key-of-ci' }, 'ci'],
    ['Authorization in any case', { authorization: 'bearer  key-of-ci' }, 'ci'],
    ['x-api-key', { 'x-api-key': 'key-of-root' }, 'root'],
    [
      'Authorization before x-api-key',
      { authorization: 'Bearer key-of-ci', 'x-api-key': 'key-of-root' },
      'ci',
    ],
  ])('knows the caller by %s, from any Host', (_, headers, name) =>
    expect(guard.admit('GET /jobs', { host: 'gateway.lan', ...headers })).toBe(name),
  );

  it.each([
    ['no key', {}],
    ['an unknown key', { authorization: 'Bearer key-of-c' }],
    ['a longer key', { authorization: 'Bearer key-of-ci2' }],
    ['the digest in place of the key', { authorization: `Bearer ${digestOf('key-of-ci').toString('hex')}` }],
    ['another scheme', { authorization: 'Basic key-of-ci' }],
    ['an empty key', { 'x-api-key': '' }],
    ['an enormous key', { authorization: `Bearer ${'k'.repeat(100_000)}` }],
    ['a key of quotes and odd bytes', { 'x-api-key': "' OR 1=1 --\u0000\u{1F600}" }],
  ])('does not know %s, even from localhost', (_, headers) =>
    expect(codeOf(() => guard.admit('GET /jobs', { host: 'localhost', ...headers }))).toBe('unauthenticated'),
  );

  it('refuses a key without the scope of the route, and names the scope but not the key', () => {
    const ask = () => guard.admit('GET /admin', { 'x-api-key': 'key-of-ci' });
    expect(codeOf(ask)).toBe('forbidden');
    expect(ask).toThrow('The key of ci lacks the scope `admin`');
    expect(guard.admit('GET /admin', { 'x-api-key': 'key-of-root' })).toBe('root');
  });

  it('asks nothing on a public route', () => expect(guard.admit('GET /health', {})).toBeNull());

  it.each(['GET /new', 'constructor', 'toString'])('refuses %s, which stands in no scope', (route) =>
    expect(codeOf(() => guard.admit(route, { 'x-api-key': 'key-of-root' }))).toBe('forbidden'),
  );
});

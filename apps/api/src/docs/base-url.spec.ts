import { baseUrlOf } from './base-url';

const FALLBACK = 'http://127.0.0.1:3000';
const from = (headers: Record<string, string>): string => baseUrlOf(headers, FALLBACK);

describe('the address in the examples', () => {
  it.each([
    ['localhost:3000', 'http://localhost:3000'],
    ['127.0.0.1', 'http://127.0.0.1'],
    ['[::1]:3000', 'http://[::1]:3000'],
    ['Longhaul.Example', 'http://longhaul.example'],
  ])('is the host that was asked: %s', (host, url) => expect(from({ host })).toBe(url));

  it('is https behind a proxy that says so, and nothing else that it says', () => {
    expect(from({ host: 'a.example', 'x-forwarded-proto': 'https' })).toBe('https://a.example');
    expect(from({ host: 'a.example', 'x-forwarded-proto': 'javascript' })).toBe('http://a.example');
  });

  it.each([
    'a.example/$(touch x)',
    "a.example'; rm -rf ~; '",
    'a.example`id`',
    'a.example"><script>',
    'a.example:80:80',
    'user@a.example',
    '$HOME',
    '-o',
    'a'.repeat(300),
    '',
  ])('is our own when the host could do harm in a shell or a page: %j', (host) =>
    expect(from({ host })).toBe(FALLBACK),
  );

  it('is our own without a host', () => expect(from({})).toBe(FALLBACK));
});

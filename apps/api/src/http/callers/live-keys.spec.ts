import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveCallersGuard } from './live-keys';

const ROUTE = 'GET /v1/jobs/:id';
const FIRST = 'lh_first';
const SECOND = 'lh_second';

const entry = (name: string, key: string): object => ({
  name,
  sha256: createHash('sha256').update(key).digest('hex'),
  scopes: ['jobs'],
});

describe('keys that change while the API runs', () => {
  let directory: string;
  let file: string;
  let nowMs: number;
  let said: string[];
  let guard: LiveCallersGuard;

  const write = (text: string): void => {
    writeFileSync(file, text, { mode: 0o600 });
  };
  const writeKeys = (...keys: object[]): void => write(JSON.stringify({ keys }));
  const callWith = (key: string): string | null => guard.admit(ROUTE, { 'x-api-key': key });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'longhaul-keys-'));
    file = join(directory, 'keys.json');
    nowMs = 0;
    said = [];
    writeKeys(entry('ci', FIRST));
    const report = {
      log: (text: string) => void said.push(`log ${text}`),
      error: (text: string) => void said.push(`error ${text}`),
    };
    guard = new LiveCallersGuard({ file, nowMs: () => nowMs, report });
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  it('count within a second: a new one is let in, a removed one is not', () => {
    expect(callWith(FIRST)).toBe('ci');
    expect(() => callWith(SECOND)).toThrow(/not known/);
    writeKeys(entry('laptop', SECOND));
    nowMs = 1_000;
    expect(callWith(SECOND)).toBe('laptop');
    expect(() => callWith(FIRST)).toThrow(/not known/);
    expect(said).toEqual([expect.stringMatching(/^log .*the keys of laptop now/)]);
  });

  it('are looked at once a second, whoever calls', () => {
    nowMs = 1_000;
    expect(callWith(FIRST)).toBe('ci');
    writeKeys(entry('laptop', SECOND));
    nowMs = 1_999;
    expect(callWith(FIRST)).toBe('ci');
    nowMs = 2_000;
    expect(() => callWith(FIRST)).toThrow(/not known/);
  });

  it.each([
    ['half a file', (): void => write('{"keys":[{"name":"ci","sha'), /not valid JSON/],
    ['a file that others can read', (): void => chmodSync(file, 0o644), /wider than 0600/],
    ['no file', (): void => rmSync(file), /does not exist/],
  ])('stay as they were for %s, which is reported once', (_, spoil, words) => {
    spoil();
    for (nowMs = 1_000; nowMs <= 5_000; nowMs += 1_000) expect(callWith(FIRST)).toBe('ci');
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(words);
    expect(said[0]).toMatch(/^error .*the keys from before still hold/);
    rmSync(file, { force: true });
    writeKeys(entry('ci', FIRST), entry('laptop', SECOND));
    nowMs = 9_000;
    expect(callWith(SECOND)).toBe('laptop');
  });
});

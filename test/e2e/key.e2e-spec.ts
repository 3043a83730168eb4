import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SCOPES } from '../../apps/api/src/http/callers/scopes';
import { BAD_KEYS_FILES } from '../../apps/api/src/http/callers/keys-file.fixtures';
import { startApi } from '../support/processes';
import { until } from '../support/longhaul';
import { ROOT, scratchDirectory } from '../support/scratch';
import { freshDatabase } from '../support/stores';

jest.setTimeout(90_000);

const FORM = /^lh_[A-Za-z0-9_-]{43}$/;

interface Answer {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let file: string;
beforeEach(() => {
  file = join(scratchDirectory('keys'), 'keys.json');
});

const environment = (): Record<string, string> => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, NODE_ENV: 'test', LONGHAUL_API_KEYS_FILE: file };
};

function key(words: readonly string[], env = environment()): Answer {
  const args = [join(ROOT, 'scripts/key.mjs'), ...words];
  const done = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const make = (name: string, scopes = 'jobs'): string => {
  const { code, out, err } = key(['--name', name, '--scopes', scopes]);
  if (code !== 0) throw new Error(err);
  return out.trim();
};

const namesIn = (): string[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { keys: { name: string }[] }).keys.map(({ name }) => name);

describe('npm run key', () => {
  it('prints the key alone and once, and keeps only its hash, for its owner only', () => {
    const { out, err } = key(['--name', 'ci', '--scopes', 'jobs,admin']);
    const made = out.trimEnd();
    expect(made).toMatch(FORM);
    expect(err).toContain('shown once');
    expect(err).not.toContain(made);
    expect(readFileSync(file, 'utf8')).not.toContain(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(make('laptop')).not.toBe(made);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(key(['--list']).out).toBe('ci\tjobs,admin\nlaptop\tjobs\n');
  });

  it('makes what the API admits and knows at once, and what a running API no longer admits when removed', async () => {
    const ci = make('ci');
    const admin = make('boss', 'admin');
    const { url: DATABASE_URL } = await freshDatabase();
    const api = await startApi({ env: { DATABASE_URL, LONGHAUL_API_KEYS_FILE: file } });
    const statusWith = async (presented: string): Promise<number> => {
      const headers: Record<string, string> =
        presented === '' ? {} : { authorization: `Bearer ${presented}` };
      return (await fetch(`${api.url}/v1/jobs/job_none`, { headers })).status;
    };
    expect(await statusWith(ci)).toBe(404);
    expect(await statusWith(admin)).toBe(403);
    expect(await statusWith('')).toBe(401);
    expect(await statusWith(`lh_${'x'.repeat(43)}`)).toBe(401);

    const late = make('late');
    await until('the new key', async () => (await statusWith(late)) === 404);
    expect(key(['--remove', '--name', 'ci']).code).toBe(0);
    await until('the end of the old one', async () => (await statusWith(ci)) === 401);
    expect(await statusWith(late)).toBe(404);
  });

  it('says which line makes the API use the file, when nothing does yet', () => {
    const env = { ...environment(), LONGHAUL_API_KEYS_FILE: '', LONGHAUL_DATA_DIR: join(file, '..', 'data') };
    const { code, err } = key(['--name', 'ci', '--scopes', 'jobs'], env);
    expect(code).toBe(0);
    expect(err).toContain(`LONGHAUL_API_KEYS_FILE=${join(file, '..', 'data', 'keys.json')}`);
  });

  it('loses no key when several run at once', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `caller-${String(index)}`);
    const codes = await Promise.all(
      names.map(async (name) => {
        const args = [join(ROOT, 'scripts/key.mjs'), '--name', name, '--scopes', 'jobs'];
        const child = spawn(process.execPath, args, { env: environment(), stdio: 'ignore' });
        const [code] = (await once(child, 'close')) as [number | null];
        return code;
      }),
    );
    expect(codes).toEqual(names.map(() => 0));
    expect(namesIn().sort()).toEqual(names);
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it.each([
    ['a name that is taken', ['--name', 'ci', '--scopes', 'jobs'], /has a key of ci already/],
    ['a scope that there is not', ['--name', 'x', '--scopes', 'jobs,root'], /no scope "root".*jobs,admin/],
    ['no scope at all', ['--name', 'x', '--scopes', ','], /no scope ""/],
    ['a name that is none', ['--name', 'a b', '--scopes', 'jobs'], /"a b" is no good name/],
    ['the last key', ['--remove', '--name', 'ci'], /ci has the last key/],
    ['a key that is not there', ['--remove', '--name', 'x'], /has no key of x/],
  ])('refuses %s, and leaves the file as it was', (_, words, reason) => {
    make('ci');
    const before = readFileSync(file, 'utf8');
    const { code, out, err } = key(words);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(reason);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it.each(BAD_KEYS_FILES)('makes no key beside %s, which the API refuses', (_, content, reason) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(file, text, { mode: 0o600 });
    for (const words of [
      ['--name', 'x', '--scopes', 'jobs'],
      ['--remove', '--name', 'ci'],
    ]) {
      const { code, out, err } = key(words);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain(`${file}: `);
      expect(err).toContain(reason);
      expect(err).not.toContain('sk-clear');
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  it('asks for what is missing', () => {
    for (const words of [[], ['--name', 'ci'], ['--scopes', 'jobs'], ['--nonsense']]) {
      const { code, out, err } = key(words);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('Usage: npm run key');
    }
  });

  it('refuses a file that others can read, a link and a folder, in the words of the API', () => {
    make('ci');
    const another = ['--name', 'x', '--scopes', 'jobs'];
    chmodSync(file, 0o640);
    expect(key(another).err).toMatch(/refused: its mode is 0640, wider than 0600\. Run chmod 600 on it/);
    chmodSync(file, 0o600);
    const link = `${file}.link`;
    symlinkSync(file, link);
    expect(key([...another, '--file', link]).err).toMatch(/refused: it is a symbolic link/);
    const folder = `${file}.folder`;
    mkdirSync(folder);
    expect(key([...another, '--file', folder]).err).toMatch(/refused: it is not a regular file/);
    expect(namesIn()).toEqual(['ci']);
  });

  it('gives the file to the uid under which the API runs, and refuses that of another user (as root)', () => {
    const isRoot = process.getuid?.() === 0;
    const { code, err } = key(['--name', 'ci', '--scopes', 'jobs', '--owner', '1234']);
    if (!isRoot) {
      expect(err).toMatch(/Only root/);
      return;
    }
    expect(code).toBe(0);
    expect(statSync(file)).toMatchObject({ uid: 1234, gid: 1234 });
    expect(key(['--name', 'x', '--scopes', 'jobs']).err).toMatch(/belongs to another user.*--owner 1234/);
    expect(key(['--name', 'x', '--scopes', 'jobs', '--owner', '1234']).code).toBe(0);
    chownSync(file, 0, 0);
    expect(key(['--list', '--owner', '1234']).out).toBe('ci\tjobs\nx\tjobs\n');
  });

  it('knows the scopes that the API knows', () => {
    expect(key([]).err).toContain(`--scopes ${SCOPES.join(',')} `);
  });
});

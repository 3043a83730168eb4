import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startLonghaul } from '../support/longhaul';
import { ROOT, scratchDirectory } from '../support/scratch';

// Every example of the page, in order, against real processes.
jest.setTimeout(180_000);

const KEY = 'lh_docs_examples';
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const INSTALL = 'The examples of /docs run with curl, which is not here: apt-get install curl';
if (!hasCurl && process.env.CI !== undefined) throw new Error(INSTALL);

interface Example {
  readonly shell: string;
  readonly statuses: readonly number[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** What a reader copies from the page. */
const examplesOf = (page: string): Example[] =>
  [
    ...page.matchAll(/<pre tabindex="0" class="shell" data-answers="([\d ]+)"><code>([^]*?)<\/code><\/pre>/g),
  ].map(([, statuses = '', code = '']) => ({
    shell: code.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity),
    statuses: statuses.split(' ').map(Number),
  }));

/** Pastes all of them into one shell. Each curl tells its status on standard error, wherever its output goes. */
async function paste(examples: readonly Example[]): Promise<{ statuses: number[][]; output: string }> {
  const directory = scratchDirectory('docs-examples');
  writeFileSync(
    join(directory, '.curlrc'),
    'write-out = "%{stderr}\\n@status %{http_code}\\n"\nmax-time = 90\n',
  );
  const script = examples.map(({ shell }) => `echo @example >&2\n${shell}\n`).join('');
  const shell = spawn('bash', ['-s'], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, CURL_HOME: directory, LONGHAUL_KEY: KEY },
  });
  shell.stdin.end(script);
  // Not spawnSync: the upstream that answers lives in this process.
  const [stdout, stderr] = await Promise.all([text(shell.stdout), text(shell.stderr)]);
  const statuses = stderr
    .split('@example\n')
    .slice(1)
    .map((part) => [...part.matchAll(/^@status (\d+)$/gm)].map(([, status]) => Number(status)));
  return { statuses, output: stdout + stderr };
}

function keysFile(): string {
  const file = join(scratchDirectory('keys'), 'keys.json');
  const sha256 = createHash('sha256').update(KEY).digest('hex');
  const keys = [{ name: 'docs', sha256, scopes: ['jobs', 'admin'] }];
  writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 });
  return file;
}

/** A machine without any provider's key, so that the examples name the sandbox. */
const KEYLESS = { MOONSHOT_API_KEY: '', GLM_API_KEY: '', OPENAI_API_KEY: '' };

(hasCurl ? describe : describe.skip)(hasCurl ? 'every example of /docs' : INSTALL, () => {
  it.each([
    ['without keys', () => ({})],
    ['with keys', () => ({ LONGHAUL_API_KEYS_FILE: keysFile() })],
  ])('answers as documented when it is pasted into a shell, %s', async (_, env) => {
    const longhaul = await startLonghaul({ backEnd: 'postgres', env: { ...KEYLESS, ...env() } });
    await longhaul.worker();
    longhaul.upstream.script({
      match: { path: '/api/generate' },
      replies: [{ body: { done: true }, repeat: 'forever' }],
    });
    const page = await (await fetch(`${longhaul.api.url}/docs`)).text();
    const examples = examplesOf(page);
    expect(examples.length).toBe(page.split('class="shell"').length - 1);
    expect(examples.length).toBeGreaterThan(10);
    for (const { shell } of examples) expect(shell).toContain(longhaul.api.url);

    const { statuses, output } = await paste(examples);
    const seen = examples.map(({ shell }, index) => ({ shell, statuses: statuses[index] }));
    if (JSON.stringify(seen) !== JSON.stringify(examples)) process.stderr.write(output.slice(-4000));
    expect(seen).toEqual(examples);
  });
});

/** The block of a page that says what to do after `npm start`, for this API. */
function linesOf(page: string, apiUrl: string): string {
  const [, block] = /```sh\n(API=[^]*?)```/.exec(readFileSync(join(ROOT, page), 'utf8')) ?? [];
  if (block === undefined) throw new Error(`${page} has no block that begins with API=.`);
  return block.replace('API=http://127.0.0.1:3000', `API=${apiUrl}`);
}

const PAGES: readonly (readonly [string, string])[] = [
  ['README.md', '# Audit'],
  ['docs/chat.md', '"place\\":\\"Paris\\"'],
];

(hasCurl ? describe : describe.skip)(hasCurl ? 'the lines of' : INSTALL, () => {
  it.each(PAGES)(
    '%s all succeed when they are pasted into a shell beside an API and a worker',
    async (page, shown) => {
      const longhaul = await startLonghaul({ backEnd: 'postgres', env: KEYLESS });
      await longhaul.worker();
      const block = linesOf(page, longhaul.api.url);
      const { statuses, output } = await paste([{ shell: block, statuses: [] }]);
      const calls = [...block.matchAll(/^(?:chat <<|(?!chat\(\))[^#\n]*\bcurl )/gm)].length;
      const seen = statuses.flat();
      if (seen.some((status) => status >= 300)) process.stderr.write(output.slice(-4000));
      expect(seen).toHaveLength(calls);
      expect(seen.filter((status) => status >= 300)).toEqual([]);
      expect(output).toContain(shown);
    },
  );
});

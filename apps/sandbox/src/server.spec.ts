import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sandbox, startSandbox } from './server';

interface Chunk {
  id: string;
  object: string;
  system_fingerprint: string;
  choices: { index: number; delta: { role?: string; content?: string }; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ paceMs: 1 });
});
afterAll(() => sandbox.close());

const post = (path: string, body: unknown, method = 'POST'): Promise<Response> =>
  fetch(`${sandbox.url}${path}`, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });

const ask = (text: string, more: object = {}): Promise<Response> =>
  post('/v1/chat/completions', { model: 'echo', messages: [{ role: 'user', content: text }], ...more });

const eventsOf = async (response: Response): Promise<string[]> =>
  (await response.text())
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => event.replace(/^data: /, ''));

async function chunksOf(response: Response): Promise<Chunk[]> {
  return (await eventsOf(response)).slice(0, -1).map((event) => JSON.parse(event) as Chunk);
}

const contentOf = (chunks: Chunk[]): string =>
  chunks.flatMap((chunk) => chunk.choices.map((choice) => choice.delta.content ?? '')).join('');

describe('the sandbox as an OpenAI-compatible upstream', () => {
  it('streams chunks of the official shape', async () => {
    const options = { stream: true, stream_options: { include_usage: true } };
    const response = await ask('a question that takes several chunks to repeat', options);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = await eventsOf(response);
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event) as Chunk);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(new Set(chunks.map((chunk) => chunk.object))).toEqual(new Set(['chat.completion.chunk']));
    expect(new Set(chunks.map((chunk) => chunk.system_fingerprint))).toEqual(
      new Set(['sandbox-not-a-language-model']),
    );
    const choices = chunks.flatMap((chunk) => chunk.choices);
    expect(choices.filter((choice) => choice.delta.role !== undefined)).toEqual([choices[0]]);
    expect(choices.filter((choice) => choice.finish_reason !== null)).toEqual([choices.at(-1)]);
    expect(choices.at(-1)?.finish_reason).toBe('stop');
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks.at(-1)?.usage).toEqual({ prompt_tokens: 12, completion_tokens: 12, total_tokens: 24 });
  });

  it('sends no usage chunk that was not asked for', async () => {
    const chunks = await chunksOf(await ask('hello', { stream: true }));
    expect(chunks.every((chunk) => chunk.usage === undefined && chunk.choices.length === 1)).toBe(true);
  });

  it('echoes the last user message exactly, whatever characters it has', async () => {
    const text = 'äöü 👩‍👩‍👧‍👦 "quoted"\r\n\tdata: [DONE]\n\n𝔘𝔫𝔦𝔠𝔬𝔡𝔢 '.repeat(9);
    expect(contentOf(await chunksOf(await ask(text, { stream: true })))).toBe(text);
  });

  it('answers without a stream too', async () => {
    const body = (await (await ask('hello')).json()) as Record<string, unknown>;
    expect(body).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
    });
  });

  it('reads a message that is a list of parts', async () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'in parts' }] }];
    expect(await (await ask('', { messages })).json()).toMatchObject({
      choices: [{ message: { content: 'in parts' } }],
    });
  });

  it('stops at the token limit and says so', async () => {
    const body = await (await ask('a much longer text than that', { max_tokens: 2 })).json();
    expect(body).toMatchObject({ choices: [{ message: { content: 'a much l' }, finish_reason: 'length' }] });
  });

  it('reviews the files of a prompt as one JSON object that names its author', async () => {
    const prompt = [
      'Audit.',
      '<<<FILE path="a.js" nonce="n">>>',
      '4\tif (a == b) go();',
      '<<<END nonce="n">>>',
    ];
    const response = await ask(prompt.join('\n'), { model: 'reviewer', stream: true });
    const review = JSON.parse(contentOf(await chunksOf(response))) as { findings: object[]; note: string };
    expect(review.note).toContain('no language model');
    expect(review.findings).toEqual([
      expect.objectContaining({ file: 'a.js', line: 4, quote: 'if (a == b) go();', severity: 'medium' }),
      expect.objectContaining({ title: expect.stringContaining('Invented') as string }),
    ]);
  });

  it('lists its models and says what they are', async () => {
    const list = (await (await fetch(`${sandbox.url}/v1/models`)).json()) as {
      data: { id: string; description: string }[];
    };
    expect(list.data.map((model) => model.id)).toEqual(['echo', 'reviewer']);
    expect(list.data.every((model) => model.description.includes('no language model'))).toBe(true);
  });

  it('plays any provider under its word, with the models of that provider', async () => {
    const response = await post('/moonshot/v1/chat/completions', {
      model: 'kimi-k2.6',
      messages: [{ role: 'user', content: 'as moonshot' }],
    });
    expect(await response.json()).toMatchObject({
      model: 'kimi-k2.6',
      choices: [{ message: { content: 'as moonshot' } }],
    });
  });

  const messages = [{ role: 'user', content: 'x' }];
  it.each([
    { what: 'an unknown model', body: { model: 'gpt-9', messages }, status: 404, code: 'model_not_found' },
    { what: 'no messages', body: { model: 'echo' }, status: 400, code: 'invalid_messages' },
    { what: 'broken JSON', body: '{', status: 400, code: 'invalid_messages' },
  ])('refuses $what in the form of OpenAI', async ({ body, status, code }) => {
    const response = await post('/v1/chat/completions', body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, type: 'invalid_request_error' } });
  });

  it('listens on loopback only, and answers no foreign Host', async () => {
    expect(sandbox.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const status = await new Promise((resolve, reject) => {
      const options = { port: sandbox.port, path: '/calls', headers: { host: 'evil.example' } };
      request(options, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });
});

describe('the control paths', () => {
  it('script, release, show and forget calls over HTTP', async () => {
    await post('/calls', '', 'DELETE');
    await post(
      '/script',
      { match: { marker: 'c1' }, replies: [{ text: 'scripted', holdBefore: 'headers' }] },
      'PUT',
    );
    const answer = ask('please [[c1]]');
    await post('/release', { n: 1, marker: 'c1' }, 'PUT');
    expect(await (await answer).json()).toMatchObject({ choices: [{ message: { content: 'scripted' } }] });
    const calls = (await (await fetch(`${sandbox.url}/calls`)).json()) as object[];
    expect(calls).toEqual([expect.objectContaining({ marker: 'c1', scripted: true, outcome: 'whole' })]);
    const summary = await (await fetch(`${sandbox.url}/calls/summary`)).json();
    expect(summary).toMatchObject({ count: 1, inFlight: 0, maxInFlight: 1, byMarker: { c1: { count: 1 } } });
    await post('/script', '', 'DELETE');
    await post('/calls', '', 'DELETE');
    expect(await (await fetch(`${sandbox.url}/calls`)).json()).toEqual([]);
  });

  it.each([
    ['a mistyped member', { replies: [{ txt: 'x' }] }, 'unknown member "txt"'],
    ['a wrong value', { replies: [{ holdBefore: 'lunch' }] }, 'holdBefore has a wrong value'],
    ['no reply', { replies: [] }, 'must hold a reply'],
    ['broken JSON', '{', 'not JSON'],
  ])('refuse a script with %s', async (_, script, message) => {
    const response = await post('/script', script, 'PUT');
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message.replaceAll('"', '\\"'));
  });
});

describe('a scripted text', () => {
  it('can be signed with the id of its answer', async () => {
    sandbox.scripts.put({ match: { marker: 'signed' }, replies: [{ text: ['by ', '{{call}}'] }] });
    const { id, choices } = (await (await ask('[[signed]]')).json()) as {
      id: string;
      choices: { message: { content: string } }[];
    };
    expect(choices[0]?.message.content).toBe(`by ${id}`);
  });
});

describe('the log file', () => {
  it('gets a line at the arrival of a call and one at its end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'longhaul-sandbox-'));
    const logFile = join(folder, 'calls.log');
    const logged = await startSandbox({ logFile });
    const readLines = (): unknown[] =>
      readFileSync(logFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as unknown);
    logged.scripts.put({ replies: [{ text: 'x', holdBefore: 'first_token' }] });
    const body = JSON.stringify({ model: 'echo', stream: true, messages: [{ role: 'user', content: 'x' }] });
    const response = await fetch(`${logged.url}/v1/chat/completions`, { method: 'POST', body });
    expect(readLines()).toEqual([expect.objectContaining({ event: 'received', seq: 1, outcome: null })]);
    logged.gate.release();
    await response.text();
    expect(readLines().at(-1)).toMatchObject({ event: 'ended', seq: 1, outcome: 'whole' });
    await logged.close();
    rmSync(folder, { recursive: true });
  });
});

import { startUpstream, Upstream } from './upstream';

let upstream: Upstream;

beforeAll(async () => {
  upstream = await startUpstream({ patienceMs: 10_000 });
});
afterEach(() => upstream.reset());
afterAll(() => upstream.close());

interface Question {
  provider?: string;
  stream?: boolean;
  signal?: AbortSignal;
}

const ask = (text: string, { provider, stream = false, signal }: Question = {}): Promise<Response> =>
  fetch(`${upstream.url(provider)}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer not-a-key' },
    body: JSON.stringify({ model: 'echo', stream, messages: [{ role: 'user', content: text }] }),
    ...(signal === undefined ? {} : { signal }),
  });

const statusOf = async (text: string, question?: Question): Promise<number> => {
  const response = await ask(text, question);
  await response.text();
  return response.status;
};

type Reader = ReadableStreamDefaultReader<Uint8Array>;
const readerOf = async (text: string, question: Question = {}): Promise<Reader> =>
  (await ask(text, { ...question, stream: true })).body!.getReader();

/** Reads until the text is as wished; a stream that ends before is a failure, not an endless loop. */
async function readUntil(reader: Reader, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  while (!isEnough(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended after ${text}`);
    text += new TextDecoder().decode(value);
  }
  return text;
}

describe('scripts', () => {
  it('are used up in order, then the models answer again', async () => {
    upstream.script({ replies: [{ status: 500, repeat: 2 }, { status: 429 }] });
    const statuses = [await statusOf('a'), await statusOf('b'), await statusOf('c'), await statusOf('d')];
    expect(statuses).toEqual([500, 500, 429, 200]);
    expect(upstream.calls().map((call) => call.scripted)).toEqual([true, true, true, false]);
  });

  it('speak for ever when told', async () => {
    upstream.script({ replies: [{ status: 503, repeat: 'forever' }] });
    expect([await statusOf('a'), await statusOf('b'), await statusOf('c')]).toEqual([503, 503, 503]);
  });

  it('speak only for the calls that they match, the newest first', async () => {
    upstream.script({ replies: [{ status: 500, repeat: 'forever' }] });
    upstream.script({ match: { provider: 'moonshot' }, replies: [{ status: 429 }] });
    upstream.script({ match: { marker: 'j7', contains: 'needle' }, replies: [{ status: 402 }] });
    expect(await statusOf('x', { provider: 'moonshot' })).toBe(429);
    expect(await statusOf('x', { provider: 'moonshot' })).toBe(500);
    expect(await statusOf('[[j7]] hay')).toBe(500);
    expect(await statusOf('[[j7]] needle')).toBe(402);
  });

  it('replace an older one with the same match', async () => {
    upstream.script({ match: { provider: 'glm' }, replies: [{ status: 500, repeat: 'forever' }] });
    upstream.script({ match: { provider: 'glm' }, replies: [{ status: 429 }] });
    expect(await statusOf('x', { provider: 'glm' })).toBe(429);
    expect(await statusOf('x', { provider: 'glm' })).toBe(200);
  });

  it('set status, headers and body', async () => {
    const body = { error: { type: 'exceeded_current_quota_error', message: 'no credit' } };
    upstream.script({ replies: [{ status: 429, headers: { 'retry-after': '7' }, body }] });
    const response = await ask('x');
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await response.json()).toEqual(body);
  });

  it('set the raw events of a stream, and add none', async () => {
    upstream.script({ replies: [{ sse: [': comment\n\n', { error: { message: 'half-way' } }, '[DONE]'] }] });
    const text = await (await ask('x', { stream: true })).text();
    expect(text).toBe(': comment\n\ndata: {"error":{"message":"half-way"}}\n\ndata: [DONE]\n\n');
  });

  it('set text, thoughts, finish reason and usage of a good answer', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 };
    upstream.script({ replies: [{ text: ['a', 'b'], reasoning: 'why', finishReason: 'length', usage }] });
    expect(await (await ask('x')).json()).toMatchObject({
      choices: [{ message: { content: 'ab', reasoning_content: 'why' }, finish_reason: 'length' }],
      usage,
    });
    expect(upstream.calls()[0]?.usageBilled).toEqual(usage);
  });

  it('answer other paths too, and a GET is no call', async () => {
    upstream.script({ match: { path: '/v1/models', provider: 'ollama' }, replies: [{ body: { data: [] } }] });
    expect(await (await fetch(`${upstream.url('ollama')}/models`)).json()).toEqual({ data: [] });
    expect(upstream.calls()).toEqual([]);
  });

  it('refuse a mistyped member', () => {
    expect(() => upstream.script({ replies: [{ staus: 500 } as object] })).toThrow('unknown member "staus"');
  });
});

describe('broken answers', () => {
  it('are cut at the byte', async () => {
    upstream.script({ replies: [{ text: 'a long answer that never comes whole', cutAtByte: 300 }] });
    const reader = await readerOf('x');
    let bytes = 0;
    const readAll = async (): Promise<void> => {
      for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length;
    };
    await expect(readAll()).rejects.toThrow();
    expect(bytes).toBe(300);
    expect(upstream.calls()[0]).toMatchObject({ outcome: 'cut', bytesSent: 300, status: 200 });
  });

  it('are cut after the headers, or before them', async () => {
    upstream.script({ replies: [{ text: 'x', cutAtByte: 0 }, { cutBeforeHeaders: true }] });
    const response = await ask('x', { stream: true });
    await expect(response.text()).rejects.toThrow();
    await expect(ask('y', { stream: true })).rejects.toThrow('fetch failed');
    expect(upstream.calls().map((call) => call.status)).toEqual([200, null]);
    expect(upstream.calls().map((call) => call.outcome)).toEqual(['cut', 'cut']);
  });

  it('fall silent after a chunk until the client leaves, which the log shows', async () => {
    upstream.script({ replies: [{ sse: ['one', 'two', 'three'], stallAfterChunk: 2 }] });
    const leave = new AbortController();
    const text = await readUntil(await readerOf('x', { signal: leave.signal }), (read) =>
      read.includes('two'),
    );
    expect(upstream.summary().inFlight).toBe(1);
    leave.abort();
    const [call] = await upstream.waitForEnded(1);
    expect(text).toBe('data: one\n\ndata: two\n\n');
    expect(call).toMatchObject({ outcome: 'client_closed', endedAt: null });
    expect(call?.clientClosedAt).toBeGreaterThanOrEqual(call?.firstTokenAt ?? Infinity);
    expect(upstream.summary().inFlight).toBe(0);
  });

  it('keep the line alive with comments while they are silent', async () => {
    upstream.script({ replies: [{ text: 'x', stallAfterChunk: 0, keepAliveEveryMs: 2 }] });
    const leave = new AbortController();
    const reader = await readerOf('x', { signal: leave.signal });
    await readUntil(reader, (read) => read.split(': keep-alive\n\n').length > 3);
    leave.abort();
    expect((await upstream.waitForEnded(1))[0]?.firstTokenAt).toBeNull();
  });

  it('come late as told: headers, then the first token, then the rest at the pace', async () => {
    const reply = { text: ['a', 'b', 'c'], delayHeadersMs: 30, delayFirstTokenMs: 40, paceMs: 20 };
    upstream.script({ replies: [reply] });
    await statusOf('x', { stream: true });
    const [call] = upstream.calls();
    // Timers of Node may fire up to a millisecond early.
    expect(call!.headersAt! - call!.receivedAt).toBeGreaterThanOrEqual(29);
    expect(call!.firstTokenAt! - call!.headersAt!).toBeGreaterThanOrEqual(39);
    expect(call!.endedAt! - call!.firstTokenAt!).toBeGreaterThanOrEqual(38);
  });
});

describe('held answers', () => {
  it.each(['headers', 'first_token', 'end'] as const)(
    'wait before %s until they are released',
    async (holdBefore) => {
      upstream.script({ replies: [{ text: 'x', holdBefore }] });
      const answer = ask('x', { stream: true }).then((response) => response.text());
      const [held] = await upstream.waitForHeld(1);
      expect([held?.headersAt !== null, held?.firstTokenAt !== null]).toEqual([
        holdBefore !== 'headers',
        holdBefore === 'end',
      ]);
      upstream.release();
      expect(await answer).toContain('[DONE]');
      expect(upstream.calls()[0]).toMatchObject({ heldBefore: null, outcome: 'whole' });
    },
  );

  it('pass one by one, the longest held first, and the log knows the most at once', async () => {
    upstream.script({ replies: [{ text: 'x', holdBefore: 'headers', repeat: 'forever' }] });
    const answers: Promise<number>[] = [];
    for (const marker of ['a', 'b', 'c']) {
      answers.push(statusOf(`[[${marker}]]`, { provider: 'moonshot' }));
      await upstream.waitForHeld(answers.length);
    }
    upstream.release(1);
    await answers[0];
    expect((await upstream.waitForEnded(1)).map((call) => call.marker)).toEqual(['a']);
    upstream.release('all', { marker: 'c' });
    await answers[2];
    upstream.release(1);
    await Promise.all(answers);
    expect(upstream.summary()).toMatchObject({
      count: 3,
      inFlight: 0,
      byProvider: { moonshot: { count: 3, inFlight: 0, maxInFlight: 3 } },
      byMarker: { b: { count: 1, maxInFlight: 1 } },
    });
  });

  it('find a release that came before them', async () => {
    upstream.script({ replies: [{ text: 'x', holdBefore: 'end' }] });
    upstream.release(1);
    expect(await statusOf('x')).toBe(200);
  });

  it('are counted as ended before the client can have read their end', async () => {
    for (let turn = 0; turn < 50; turn += 1) await statusOf('x', { stream: true });
    expect(upstream.summary()).toMatchObject({ count: 50, maxInFlight: 1 });
  });
});

describe('the log', () => {
  it('holds no prompt and no key, but what tells calls apart', async () => {
    await statusOf('the prompt of [[job-1]]', { provider: 'glm' });
    const [call] = upstream.calls({ provider: 'glm', marker: 'job-1' });
    expect(call).toMatchObject({ seq: expect.any(Number) as number, model: 'echo', authorized: true });
    expect(call?.promptSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(upstream.calls())).not.toMatch(/the prompt|not-a-key/);
  });

  it('says what it saw when a wait is in vain', async () => {
    const impatient = await startUpstream({ patienceMs: 5 });
    const complaint = 'waited 5 ms for 2 received calls {"provider":"glm"}, saw 0 of 0';
    await expect(impatient.waitForCalls(2, { provider: 'glm' })).rejects.toThrow(complaint);
    await impatient.close();
  });

  it('is empty after a reset, and cut calls do not come back into it', async () => {
    upstream.script({ replies: [{ text: 'x', holdBefore: 'headers' }] });
    const answer = ask('x');
    await upstream.waitForHeld(1);
    upstream.reset();
    await expect(answer).rejects.toThrow();
    expect(upstream.summary()).toEqual({
      count: 0,
      inFlight: 0,
      maxInFlight: 0,
      byProvider: {},
      byMarker: {},
    });
  });
});

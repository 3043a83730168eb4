import { inspect } from 'node:util';
import { Secret } from '@longhaul/settings';
import { HttpClient, HttpReply, PostRequest } from './http';
import {
  CANARY,
  providerSettings,
  Script,
  ScriptedUpstream,
  startScripted,
} from './scripted-upstream.fixtures';

/** The end of a reply travels over loopback within a few turns of the event loop. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
};

describe('the HTTP client', () => {
  let upstream: ScriptedUpstream;
  let http: HttpClient;
  let script: Script;

  beforeAll(async () => {
    upstream = await startScripted((response, request) => script(response, request));
  });
  beforeEach(() => {
    http = new HttpClient({ connectLimitMs: 5_000 });
    script = (response) => {
      response.end('fine');
    };
  });
  afterEach(() => http.close());
  afterAll(() => upstream.close());

  const post = (changes: Partial<PostRequest> = {}): Promise<HttpReply> =>
    http.post({
      settings: providerSettings({ baseUrl: upstream.url }),
      path: '/chat/completions',
      body: { greeting: 'Grüße 🌍' },
      signal: new AbortController().signal,
      onSent: () => undefined,
      ...changes,
    });
  const textOf = async (reply: HttpReply): Promise<string> => {
    let text = '';
    for await (const piece of reply.text()) text += piece;
    return text;
  };
  const last = () => upstream.requests.at(-1)!;

  it('posts JSON below the base URL and gives status, headers and text', async () => {
    script = (response) => {
      response.writeHead(201, { 'X-Request-Id': 'r1' });
      response.end('schön');
    };
    const reply = await post();
    expect([reply.status, reply.headers['x-request-id'], await textOf(reply)]).toEqual([201, 'r1', 'schön']);
    expect(last()).toMatchObject({
      method: 'POST',
      url: '/v1/chat/completions',
      body: '{"greeting":"Grüße 🌍"}',
    });
    expect(last().headers).toMatchObject({
      'content-type': 'application/json',
      'accept-encoding': 'identity',
    });
  });

  it.each([
    ['none', {}, '/v1/chat/completions'],
    ['bearer', { authorization: `Bearer ${CANARY}` }, '/v1/chat/completions'],
    ['x_api_key', { 'x-api-key': CANARY }, '/v1/chat/completions'],
    ['x_goog_api_key', { 'x-goog-api-key': CANARY }, '/v1/chat/completions'],
    ['api_key_query', {}, `/v1/chat/completions?key=${CANARY}`],
  ] as const)('sends the key as %s says, and nowhere else', async (auth, headers, url) => {
    await textOf(await post({ settings: providerSettings({ baseUrl: upstream.url, auth }) }));
    const { authorization, 'x-api-key': xApiKey, 'x-goog-api-key': goog } = last().headers;
    expect(
      JSON.parse(JSON.stringify({ authorization, 'x-api-key': xApiKey, 'x-goog-api-key': goog })),
    ).toEqual(headers);
    expect(last().url).toBe(url);
  });

  it('puts the key behind the parameters that a path has of its own', async () => {
    const settings = providerSettings({
      baseUrl: upstream.url,
      auth: 'api_key_query',
      key: new Secret('a+b&c'),
    });
    await textOf(await post({ settings, path: '/models/m:stream?alt=sse' }));
    expect(last().url).toBe('/v1/models/m:stream?alt=sse&key=a%2Bb%26c');
  });

  it('sends the operator’s own headers, a User-Agent too, and its own where there is none', async () => {
    const headers = { 'user-agent': 'mine/1.0', 'x-title': 'A b' };
    await textOf(await post({ settings: providerSettings({ baseUrl: upstream.url, headers }) }));
    expect(last().headers).toMatchObject(headers);
    await textOf(await post());
    expect(last().headers['user-agent']).toMatch(/^longhaul\//);
  });

  it.each(['two\nlines', 'a b', 'schlüssel', '“quoted”'])(
    'refuses the key %j before it sends',
    async (key) => {
      const before = upstream.requests.length;
      const settings = providerSettings({ baseUrl: upstream.url, key: new Secret(key) });
      const error: unknown = await post({ settings }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'provider_not_configured', detail: { phase: 'before_send' } });
      expect(inspect(error)).toContain('ACME_API_KEY');
      expect(inspect(error)).not.toContain(key);
      expect(upstream.requests).toHaveLength(before);
    },
  );

  it('follows no redirect', async () => {
    const before = upstream.requests.length;
    script = (response) => {
      response.writeHead(307, { location: '/elsewhere' });
      response.end();
    };
    expect((await post()).status).toBe(307);
    expect(upstream.requests).toHaveLength(before + 1);
  });

  it('uses a connection again after an answer was read to its end', async () => {
    const ports = new Set<number | undefined>();
    script = (response) => {
      ports.add(response.socket?.remotePort);
      response.end('fine');
    };
    for (let call = 0; call < 3; call += 1) {
      await textOf(await post());
      await turns();
    }
    expect(ports.size).toBe(1);
  });

  it('uses a connection again after an answer was discarded', async () => {
    const ports = new Set<number | undefined>();
    let finish = (): Promise<void> => Promise.resolve();
    script = (response) => {
      ports.add(response.socket?.remotePort);
      response.write('mark');
      finish = () => new Promise((resolve) => response.end('rest', resolve));
    };
    for (let call = 0; call < 3; call += 1) {
      const reply = await post();
      const texts = reply.text();
      await texts.next();
      reply.discard();
      await finish();
      await turns();
    }
    expect(ports.size).toBe(1);
  });

  it('destroys the socket of an upstream that goes on after a discarded answer', async () => {
    script = (response) => {
      const beat = setInterval(() => response.write('x'.repeat(20_000)), 5);
      response.once('close', () => {
        clearInterval(beat);
      });
    };
    const reply = await post();
    reply.discard();
    await last().closed;
  });

  it('says when the request goes out', async () => {
    let sent = 0;
    await textOf(await post({ onSent: () => (sent += 1) }));
    expect(sent).toBe(1);
    await expect(
      post({ settings: providerSettings({ baseUrl: 'http://127.0.0.1:1' }), onSent: () => (sent += 1) }),
    ).rejects.toMatchObject({ fault: 'unreachable', word: 'ECONNREFUSED' });
    expect(sent).toBe(1);
  });

  it('makes an upstream wait that is faster than its reader, and loses nothing', async () => {
    const piece = 'x'.repeat(64 * 1024);
    const pieces = 100;
    let waited = false;
    script = (response) => {
      let left = pieces;
      const write = (): void => {
        while (left > 0) {
          left -= 1;
          if (!response.write(piece)) {
            waited = true;
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    };
    const reply = await post();
    let length = 0;
    for await (const text of reply.text()) {
      length += text.length;
      await new Promise(setImmediate);
    }
    expect([length, waited]).toEqual([piece.length * pieces, true]);
  });

  it('ends an answer that grows beyond 64 MiB', async () => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    script = (response) => {
      const write = (): void => {
        if (!response.destroyed) response.write(piece, write);
      };
      write();
    };
    await expect(textOf(await post())).rejects.toMatchObject({ fault: 'too_large', word: 'answer' });
  });

  it('ends what is open when it closes', async () => {
    script = (response) => {
      response.write('a');
    };
    const reply = await post();
    const text = textOf(reply);
    await http.close();
    await expect(text).rejects.toMatchObject({ name: 'WireFailure' });
    await last().closed;
  });

  it('reads headers beyond every limit as no HTTP', async () => {
    script = (response) => {
      response.writeHead(200, { 'x-endless': 'x'.repeat(100_000) });
      response.end();
    };
    await expect(post()).rejects.toMatchObject({ fault: 'not_http' });
  });
});

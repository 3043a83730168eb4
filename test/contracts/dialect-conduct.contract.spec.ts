import { once } from 'node:events';
import { AddressInfo, createServer, Socket } from 'node:net';
import { DIALECTS } from '@longhaul/providers';
import {
  answerOf,
  askedBy,
  collect,
  DialectBench,
  expectDiscreet,
  failureOf,
  fixturesOf,
} from './dialect.bench';
import { formOf, streamOf } from './dialect-stream';

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  'a call by the dialect %s',
  (name, dialect) => {
    const bench = new DialectBench(dialect);
    beforeAll(() => bench.open());
    afterAll(() => bench.close());

    const good = fixturesOf(name, 'answers')[0]!;
    const { bytes, unclosed, wholeAt } = streamOf(name, good);
    const { keepAlive } = formOf(name);

    it('reads the same answer byte by byte', async () => {
      bench.script = async (response) => {
        response.writeHead(200, good.reply.headers);
        for (const byte of bytes) {
          response.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
        response.end();
      };
      const events = await collect(bench.call(askedBy(good)));
      expect(answerOf(events)).toEqual(good.gives);
    });

    it('never takes an answer that was cut for a good one, wherever the cut is', async () => {
      const everyFew = Array.from({ length: Math.ceil(wholeAt / 37) }, (_, index) => index * 37);
      for (const length of [...everyFew, unclosed.length, wholeAt - 1]) {
        bench.script = (response) => {
          response.writeHead(200, good.reply.headers);
          response.write(bytes.subarray(0, length), () => response.destroy());
          if (length === 0) response.flushHeaders();
        };
        const error = await failureOf(collect(bench.call()));
        expect([length, error.code]).toEqual([
          length,
          expect.stringMatching(/^(stream_truncated|network_error|malformed_response)$/),
        ]);
      }
    });

    it('finishes at the closing mark without waiting for the end of the connection', async () => {
      bench.script = (response) => {
        response.writeHead(200, good.reply.headers);
        response.write(bytes);
      };
      expect(answerOf(await collect(bench.call()))).toMatchObject({ text: good.gives?.['text'] });
      await bench.lastRequest.closed;
    });

    it('streams: the first piece is there before the last is sent', async () => {
      let finish = (): void => undefined;
      bench.script = (response) => {
        response.writeHead(200, good.reply.headers);
        response.write(unclosed);
        finish = () => response.end(bytes.subarray(unclosed.length));
      };
      const seen: string[] = [];
      for await (const { type } of bench.call()) {
        if (type === 'text' && !seen.includes('text')) finish();
        seen.push(type);
      }
      expect(seen.at(-1)).toBe('end');
    });

    it("rethrows the caller's reason as it is, and the upstream sees the socket close", async () => {
      for (const stage of ['before headers', 'after headers', 'mid answer']) {
        const before = bench.upstream.requests.length;
        bench.script = (response) => {
          if (stage === 'before headers') return;
          response.writeHead(200);
          response.flushHeaders();
          if (stage === 'mid answer') response.write(unclosed);
        };
        const caller = new AbortController();
        const reason = new Error(`cancelled ${stage}`);
        const result = collect(bench.call({ signal: caller.signal })).catch((thrown: unknown) => thrown);
        const seen = (await bench.upstream.arrived(before + 1)).at(-1)!;
        caller.abort(reason);
        expect(await result).toBe(reason);
        const startedMs = performance.now();
        await seen.closed;
        expect(performance.now() - startedMs).toBeLessThan(1_000);
      }
    });

    it('sends nothing for a caller who has given up already', async () => {
      const before = bench.upstream.requests.length;
      await expect(collect(bench.call({ signal: AbortSignal.abort('too late') }))).rejects.toBe('too late');
      expect(bench.upstream.requests).toHaveLength(before);
    });

    it('closes the socket when nobody reads on', async () => {
      bench.script = (response) => {
        response.writeHead(200);
        response.write(unclosed);
      };
      for await (const event of bench.call()) if (event.type === 'text') break;
      await bench.lastRequest.closed;
    });

    it('calls a dead port unreachable, with nothing sent', async () => {
      const error = await failureOf(collect(bench.call({ settings: { baseUrl: 'http://127.0.0.1:1/v1' } })));
      expect(error).toMatchObject({ code: 'network_error', detail: { phase: 'before_send' } });
      expect(error.message).toContain('ACME_BASE_URL');
      expectDiscreet(error);
    });

    it('ends a connection that never comes up by the connect clock, or for its caller', async () => {
      const sockets: Socket[] = [];
      const deaf = createServer((socket) => sockets.push(socket));
      await new Promise<void>((resolve) => {
        deaf.listen(0, '127.0.0.1', resolve);
      });
      // The TCP connection is made, the TLS handshake gets no answer.
      const baseUrl = `https://127.0.0.1:${String((deaf.address() as AddressInfo).port)}/v1`;
      const error = await failureOf(collect(bench.call({ settings: { baseUrl, connectMs: 60 } })));
      expect(error).toMatchObject({
        code: 'timeout',
        detail: { phase: 'before_send', extra: { clock: 'connect' } },
      });
      expect(error.message).toContain('CONNECT_TIMEOUT_SECS');

      const caller = new AbortController();
      const arrived = once(deaf, 'connection');
      const result = collect(bench.call({ settings: { baseUrl }, signal: caller.signal })).catch(
        (thrown: unknown) => thrown,
      );
      await arrived;
      caller.abort('given up');
      expect(await result).toBe('given up');
      for (const socket of sockets) socket.destroy();
      deaf.close();
    });

    it('calls an upstream that speaks no TLS unreachable', async () => {
      const baseUrl = bench.upstream.url.replace('http:', 'https:');
      const error = await failureOf(collect(bench.call({ settings: { baseUrl } })));
      expect(error).toMatchObject({ code: 'network_error', detail: { phase: 'before_send' } });
      expect(error.message).toContain('certificate');
    });

    it('calls a connection that breaks before the headers a network error', async () => {
      bench.script = (response) => {
        response.socket?.destroy();
      };
      const error = await failureOf(collect(bench.call()));
      expect(error).toMatchObject({ code: 'network_error', detail: { phase: 'before_headers' } });
    });

    const FIRST_TOKEN = { clock: 'firstTokenMs', variable: 'ACME_FIRST_TOKEN_TIMEOUT_SECS' };
    it.each([
      { silent: 'before the headers', phase: 'before_headers', ...FIRST_TOKEN, sent: null },
      { silent: 'after the headers', phase: 'before_first_token', ...FIRST_TOKEN, sent: keepAlive },
      {
        silent: 'in the middle',
        phase: 'mid_answer',
        clock: 'idleMs',
        variable: 'ACME_IDLE_TIMEOUT_SECS',
        sent: 'part',
      },
      {
        silent: 'too long in all',
        phase: 'mid_answer',
        clock: 'totalMs',
        variable: 'ACME_TIMEOUT_SECS',
        sent: 'part',
      },
    ])('ends an upstream that is silent $silent', async ({ phase, clock, variable, sent }) => {
      bench.script = (response) => {
        if (sent === null) return;
        response.writeHead(200);
        response.write(sent === 'part' ? unclosed : sent);
      };
      const error = await failureOf(collect(bench.call({ settings: { [clock]: 60 } })));
      expect(error).toMatchObject({ code: 'timeout', detail: { phase } });
      expect(error.message).toContain('0.06 s');
      expect(error.message).toContain(variable);
      expectDiscreet(error);
      await bench.lastRequest.closed;
    });

    it('takes no keep-alive for a token, however many come', async () => {
      bench.script = (response) => {
        response.writeHead(200);
        const beat = setInterval(() => response.write(keepAlive), 10);
        response.once('close', () => {
          clearInterval(beat);
        });
      };
      const error = await failureOf(collect(bench.call({ clocks: { firstTokenMs: 100 } })));
      expect(error).toMatchObject({ code: 'timeout', detail: { extra: { clock: 'first_token' } } });
    });

    it('names itself honestly and asks for no compression', async () => {
      await bench.ask(good);
      const { headers } = bench.lastRequest;
      expect(headers['user-agent']).toMatch(/^longhaul\/\d+\.\d+\.\d+$/);
      expect(headers['accept-encoding']).toBe('identity');
    });
  },
);

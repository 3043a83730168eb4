import fastify from 'fastify';
import { once } from 'node:events';
import { connect } from 'node:net';
import { LongPolls } from './long-poll';

/** A server whose one route waits until its signal is aborted, and says why. */
async function start() {
  const polls = new LongPolls();
  let onStart: () => void = () => undefined;
  let onEnd: (reason: string) => void = () => undefined;
  const server = fastify();
  server.get('/', (_, reply) =>
    polls.during(reply, async (signal) => {
      onStart();
      if (!signal.aborted) await once(signal, 'abort');
      onEnd(String(signal.reason));
      return { reason: signal.reason as string };
    }),
  );
  await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    polls,
    server,
    started: new Promise<void>((resolve) => (onStart = resolve)),
    ended: new Promise<string>((resolve) => (onEnd = resolve)),
    port: (server.server.address() as { port: number }).port,
  };
}

describe('a long poll', () => {
  it('ends when its caller hangs up', async () => {
    const { server, port, started, ended } = await start();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await started;
    socket.destroy();
    expect(await ended).toBe('hung_up');
    await server.close();
  });

  it('is answered, not cut, when the process stops; later ones do not begin to wait', async () => {
    const { polls, server, started } = await start();
    const answer = server.inject('/');
    await started;
    polls.beforeApplicationShutdown();
    expect((await answer).json()).toEqual({ reason: 'shutdown' });
    expect((await server.inject('/')).json()).toEqual({ reason: 'shutdown' });
    await server.close();
  });
});

import { once } from 'node:events';
import { AddressInfo, connect, createServer, Socket } from 'node:net';

/** A fixed name for stores that change places: what stands goes on to where it led, what is new goes where it leads now. */
export interface Signpost {
  readonly url: string;
  leadTo(url: string): void;
  /** What stands now goes on standing, and no byte passes any more; what is new is led as before. */
  hush(): void;
  /** What is asked on connections that stand now arrives, and its answers wait. @returns lets them go on */
  withhold(): () => void;
  /** How many connections were made so far. */
  made(): number;
  close(): Promise<void>;
}

/** From a store to whoever asks it. */
type Answers = Map<Socket, Socket>;

function join(client: Socket, store: Socket, answers: Answers): void {
  answers.set(store, client);
  for (const [socket, peer] of [
    [client, store],
    [store, client],
  ] as const) {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      answers.delete(store);
      peer.destroy();
    });
    socket.pipe(peer);
  }
}

function withhold(answers: Answers): () => void {
  const held = [...answers];
  for (const [store, client] of held) store.unpipe(client).pause();
  return () => {
    for (const [store, client] of held) store.pipe(client);
  };
}

export async function putUpSignpost(leadsTo: string): Promise<Signpost> {
  let port = Number(new URL(leadsTo).port);
  let made = 0;
  const answers: Answers = new Map();
  const server = createServer({ noDelay: true }, (client) => {
    made += 1;
    join(client, connect({ port, host: '127.0.0.1', noDelay: true }), answers);
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const url = new URL(leadsTo);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    leadTo: (to) => void (port = Number(new URL(to).port)),
    hush: () => {
      for (const socket of [...answers].flat()) socket.unpipe().pause();
    },
    withhold: () => withhold(answers),
    made: () => made,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of [...answers].flat()) socket.destroy();
      await closed;
    },
  };
}

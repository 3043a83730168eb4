import { once } from 'node:events';
import { AddressInfo, connect, createServer, Socket } from 'node:net';

/** How far a statement has come when its connection is cut: not to the server; to it, and no further; or its answer is lost. */
export type CutAt = 'unsent' | 'under way' | 'answered';

/** A way to PostgreSQL on which one statement can be lost. */
export interface Snare {
  readonly url: string;
  /** Of the next prepared statement of this name. Resolves when it is caught. */
  cut(name: string, at: CutAt): Promise<void>;
  close(): Promise<void>;
}

/** ReadyForQuery outside a transaction: the server has committed. */
const COMMITTED = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

const isCommitted = (answer: Buffer): boolean => answer.subarray(-COMMITTED.length).equals(COMMITTED);

interface Trap {
  readonly mark: Buffer;
  readonly at: CutAt;
  readonly spring: () => void;
}

export async function laySnare(leadsTo: string): Promise<Snare> {
  const sockets = new Set<Socket>();
  let trap: Trap | null = null;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const takeFor = (bytes: Buffer): Trap | null => {
    const caught = trap !== null && bytes.includes(trap.mark) ? trap : null;
    if (caught) trap = null;
    return caught;
  };
  const server = createServer({ noDelay: true }, (client) => {
    const store = connect({ port: Number(new URL(leadsTo).port), host: '127.0.0.1', noDelay: true });
    for (const socket of [client, store]) keep(socket);
    join(client, store, takeFor);
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const url = new URL(leadsTo);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut: (name, at) =>
      new Promise((spring) => {
        trap = { mark: Buffer.from(`\0${name}\0`), at, spring };
      }),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function join(client: Socket, store: Socket, takeFor: (bytes: Buffer) => Trap | null): void {
  let doomed: Trap | null = null;
  let kept = Buffer.alloc(0);
  const spring = (): void => {
    client.resetAndDestroy();
    doomed?.spring();
  };
  client.on('data', (bytes: Buffer) => {
    doomed ??= takeFor(bytes);
    if (doomed?.at !== 'unsent') store.write(bytes);
    if (doomed && doomed.at !== 'answered') spring();
  });
  store.on('data', (bytes: Buffer) => {
    if (!doomed) {
      client.write(bytes);
      return;
    }
    kept = Buffer.concat([kept, bytes]);
    if (doomed.at === 'answered' && isCommitted(kept)) spring();
  });
  // A server that is at work does not see that nobody listens any more.
  client.on('close', () => doomed?.at === 'under way' || store.destroy());
  store.on('close', () => client.destroy());
}

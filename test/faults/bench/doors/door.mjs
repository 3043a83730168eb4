import net from 'node:net';

/** ReadyForQuery, without its last byte: `I` when no transaction is open, so that the server has committed. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5]);
const IDLE = 0x49;

const endsReply = (bytes) => bytes.subarray(-READY.length - 1, -1).equals(READY);

/**
 * A TCP proxy on loopback between one process and one store, which can do what networks do. Half-open means silence:
 * what stands stays, what is new is taken, and no byte passes. Nothing is reordered. It works in the thread of the doors.
 */
export class Door {
  #server = null;
  #targetPort = null;
  #port = null;
  #pairs = new Set();
  #delayMs = 0;
  #isSilent = false;
  #bytesLeft = Infinity;
  #trap = null;

  /** @returns its port */
  async open(targetPort) {
    this.#targetPort = targetPort;
    await this.#listen(0);
    this.#port = this.#server.address().port;
    return this.#port;
  }

  /** Everything that stands is reset. */
  cut() {
    for (const pair of this.#pairs) end(pair);
  }

  /** Nobody listens any more, until `accept`. */
  refuse() {
    this.#server.close();
    this.cut();
  }

  accept() {
    return this.#listen(this.#port);
  }

  silence() {
    this.#isSilent = true;
    for (const { client, server } of this.#pairs) {
      client.pause();
      server?.pause();
    }
  }

  /** What hung is reset: its peers have lost count of each other. */
  unsilence() {
    this.#isSilent = false;
    this.cut();
  }

  /** Each way. */
  delay(delayMs) {
    this.#delayMs = delayMs;
  }

  /** The connection over which the byte after so many replies' bytes would go is reset in the middle of them. */
  cutAfterBytes(count) {
    this.#bytesLeft = count;
  }

  /**
   * Lets the next prepared statement of one of these names through to PostgreSQL, keeps its answer back, and resets the
   * connection once the server has committed: done, and nobody was told. Resolves with the name, or null after `forMs`.
   */
  keepCommitBack(names, forMs) {
    return new Promise((resolve) => {
      const spring = (name) => {
        clearTimeout(timer);
        this.#trap = null;
        resolve(name);
      };
      const timer = setTimeout(() => spring(null), forMs);
      this.#trap = { marks: names.map((name) => ({ name, mark: Buffer.from(`\0${name}\0`) })), spring };
    });
  }

  async close() {
    this.cut();
    await new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #listen(port) {
    const server = net.createServer({ noDelay: true }, (client) => this.#join(client));
    server.on('error', () => undefined);
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1' }, resolve);
    });
    this.#server = server;
  }

  #join(client) {
    const pair = { client, server: null, doomed: null };
    this.#pairs.add(pair);
    const leave = () => {
      this.#pairs.delete(pair);
      end(pair);
    };
    client.on('error', leave).on('close', leave);
    if (this.#isSilent) {
      client.pause();
      return;
    }
    const server = net.connect({ port: this.#targetPort, host: '127.0.0.1', noDelay: true });
    pair.server = server;
    server.on('error', leave).on('close', leave);
    const up = this.#lineTo(server);
    const down = this.#lineTo(client);
    client.on('data', (bytes) => {
      this.#watch(pair, bytes);
      up(bytes);
    });
    server.on('data', (bytes) => this.#answer(pair, bytes, down));
  }

  #watch(pair, bytes) {
    const found = this.#trap?.marks.find(({ mark }) => bytes.includes(mark));
    if (!found) return;
    pair.doomed = { name: found.name, spring: this.#trap.spring, kept: [] };
    this.#trap = null;
  }

  #answer(pair, bytes, down) {
    if (pair.doomed) {
      pair.doomed.kept.push(bytes);
      if (!endsReply(bytes)) return;
      const kept = Buffer.concat(pair.doomed.kept.splice(0));
      // Inside a transaction: its COMMIT is still to come.
      if (bytes.at(-1) !== IDLE) return down(kept);
      pair.doomed.spring(pair.doomed.name);
      end(pair);
      return;
    }
    if (bytes.length <= this.#bytesLeft) {
      this.#bytesLeft -= bytes.length;
      down(bytes);
      return;
    }
    const rest = bytes.subarray(0, this.#bytesLeft);
    this.#bytesLeft = Infinity;
    pair.client.write(rest, () => end(pair));
  }

  /** Writes in order, late by the delay that holds now. */
  #lineTo(socket) {
    const waiting = [];
    return (bytes) => {
      if (this.#delayMs === 0 && waiting.length === 0) {
        socket.write(bytes);
        return;
      }
      waiting.push(bytes);
      // Whichever timer is first: the oldest bytes go.
      setTimeout(() => {
        const oldest = waiting.shift();
        if (!socket.destroyed) socket.write(oldest);
      }, this.#delayMs);
    };
  }
}

function end({ client, server }) {
  // Node never closes a socket that it is to reset while it shuts it down, and its thread would never end.
  if (client.writableEnded) client.destroy();
  else client.resetAndDestroy();
  server?.destroy();
}

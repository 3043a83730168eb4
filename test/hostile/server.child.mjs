/**
 * An upstream that speaks bytes, not HTTP: whatever it is told, it sends. In a process of its own, so that what it sends
 * is not counted as the memory of whoever reads it. Told by IPC: `{ path, steps }`, which it answers with `{ ready }`.
 * Says `{ port }` first, and `{ failed }` when it was asked for a path that it does not know.
 */
import { createServer } from 'node:net';

const scripts = new Map();

const server = createServer((socket) => {
  socket.on('error', () => undefined);
  let read = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    read = Buffer.concat([read, chunk]);
    const request = requestIn(read);
    if (request === null) return;
    read = Buffer.alloc(0);
    const steps = scripts.get(request);
    if (steps === undefined) process.send({ failed: request });
    else void play(socket, steps);
  });
});

/** The first segment of the path, once head and body are here. */
function requestIn(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  if (bytes.length < end + 4 + length) return null;
  return /^\w+ \/(\w+)/.exec(head)?.[1] ?? '';
}

const drained = (socket) =>
  new Promise((resolve) => {
    const over = () => {
      socket.off('drain', over);
      socket.off('close', over);
      resolve();
    };
    socket.on('drain', over);
    socket.on('close', over);
  });

const nextTurn = () => new Promise(setImmediate);

async function play(socket, steps) {
  for (const step of steps) {
    if (step.send !== undefined) await send(socket, Buffer.from(step.send, 'base64'), step.times ?? 1);
    if (step.bytewise !== undefined) {
      for (const byte of Buffer.from(step.bytewise, 'base64')) {
        if (!socket.destroyed) socket.write(Buffer.of(byte));
        await nextTurn();
      }
    }
    if (step.beat !== undefined) return beat(socket, Buffer.from(step.beat, 'base64'), step.everyMs);
    if (step.then === 'end') socket.end();
    if (step.then === 'reset') socket.resetAndDestroy();
  }
}

async function send(socket, bytes, times) {
  for (let sent = 0; sent < times && !socket.destroyed; sent += 1) {
    if (!socket.write(bytes)) await drained(socket);
  }
}

function beat(socket, bytes, everyMs) {
  const timer = setInterval(() => socket.write(bytes), everyMs);
  socket.once('close', () => clearInterval(timer));
}

process.on('message', ({ path, steps }) => {
  scripts.set(path, steps);
  process.send({ ready: path });
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

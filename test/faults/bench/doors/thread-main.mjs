/** What the thread of the doors runs: it does with each door what the messages of its `RemoteDoor` say. */
import { parentPort } from 'node:worker_threads';
import { Door } from './door.mjs';

const doors = new Map();

parentPort.on('message', async ({ call, door: number, method, words }) => {
  if (!doors.has(number)) doors.set(number, new Door());
  try {
    parentPort.postMessage({ call, answer: await doors.get(number)[method](...words) });
  } catch (error) {
    parentPort.postMessage({ call, error });
  }
});

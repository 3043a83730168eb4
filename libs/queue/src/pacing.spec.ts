import { IQueueBackend } from 'bullmq';
import { pace } from './pacing';

type Paced = Pick<IQueueBackend, 'moveToActive' | 'waitForJob'>;

/** A store that says what it is told to, one answer per call. */
function paced(script: { tickets: boolean[]; markers: boolean[] }) {
  const pauses: number[] = [];
  const store: Paced = {
    moveToActive: () => Promise.resolve(script.tickets.shift() ? ['raw', 'id'] : []),
    waitForJob: () => Promise.resolve(script.markers.shift() ? { member: '0', score: 1 } : null),
  };
  const backend = pace(store, (ms) => Promise.resolve(void pauses.push(ms)));
  const fetch = () => backend.moveToActive('token');
  const wait = () => backend.waitForJob(1);
  return { fetch, wait, pauses };
}

describe('a worker that waits for tickets', () => {
  it('pauses longer and longer while it is told of tickets that no fetch brings', async () => {
    const { fetch, wait, pauses } = paced({ tickets: [], markers: Array.from({ length: 10 }, () => true) });
    for (let round = 0; round < 10; round += 1) {
      await wait();
      await fetch();
    }
    expect(pauses).toEqual([4, 8, 16, 32, 64, 128, 200, 200]);
  });

  it('waits at once after the one empty fetch that follows every ticket', async () => {
    const { fetch, wait, pauses } = paced({
      tickets: [true, false, true, false],
      markers: [true, true, true, true],
    });
    for (let round = 0; round < 4; round += 1) {
      await wait();
      await fetch();
    }
    expect(pauses).toEqual([]);
  });

  it('forgets broken words once a wait ends without one', async () => {
    const { fetch, wait, pauses } = paced({ tickets: [], markers: [true, true, false, true] });
    for (let round = 0; round < 4; round += 1) {
      await wait();
      await fetch();
    }
    expect(pauses).toEqual([4]);
  });

  it('pauses before a failed fetch is repeated', async () => {
    const pauses: number[] = [];
    const store: Paced = {
      moveToActive: () => Promise.reject(new Error('starting up')),
      waitForJob: () => Promise.resolve(null),
    };
    const backend = pace(store, (ms) => Promise.resolve(void pauses.push(ms)));
    await expect(backend.moveToActive('token')).rejects.toThrow('starting up');
    expect(pauses).toEqual([200]);
  });
});

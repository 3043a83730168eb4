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
  const clock = { ms: 0 };
  const pause = (ms: number) => Promise.resolve(void pauses.push(ms));
  const backend = pace(store, { pause, now: () => clock.ms });
  const fetch = () => backend.moveToActive('token');
  const wait = () => backend.waitForJob(1);
  return { fetch, wait, pauses, clock };
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
    const backend = pace(store, {
      pause: (ms) => Promise.resolve(void pauses.push(ms)),
      now: () => 0,
    });
    await expect(backend.moveToActive('token')).rejects.toThrow('starting up');
    expect(pauses).toEqual([200]);
  });
});

describe('a worker that fetches many tickets', () => {
  it('is made to start those that it has kept for 20 ms, and then fetches on', async () => {
    const { fetch, wait, pauses, clock } = paced({ tickets: [true, true, true, false], markers: [] });
    expect(await fetch()).toEqual(['raw', 'id']);
    clock.ms = 19;
    expect(await fetch()).toEqual(['raw', 'id']);
    clock.ms = 20;
    expect(await fetch()).toEqual([]);
    expect(await wait()).toEqual({ member: '0', score: 0 });
    expect(pauses).toEqual([0]);
    clock.ms = 40;
    expect(await fetch()).toEqual(['raw', 'id']);
    clock.ms = 50;
    expect(await fetch()).toEqual([]);
    expect(await wait()).toBeNull();
  });

  it('keeps nothing after an empty fetch, however late the next one comes', async () => {
    const { fetch, clock } = paced({ tickets: [true, false, true], markers: [] });
    await fetch();
    await fetch();
    clock.ms = 1000;
    expect(await fetch()).toEqual(['raw', 'id']);
  });
});

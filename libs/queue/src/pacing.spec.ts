import { IQueueBackend } from 'bullmq';
import { pace } from './pacing';

type Paced = Pick<IQueueBackend, 'moveToActive' | 'waitForJob'>;

/** A store that says what it is told to, one answer per call. */
function paced(script: { tickets: boolean[]; markers: boolean[] }) {
  const pauses: string[] = [];
  const store: Paced = {
    moveToActive: () => Promise.resolve(script.tickets.shift() ? ['raw', 'id'] : []),
    waitForJob: () => Promise.resolve(script.markers.shift() ? { member: '0', score: 1 } : null),
  };
  const backend = pace(store, () => Promise.resolve(void pauses.push('paused')));
  const fetch = () => backend.moveToActive('token');
  const wait = () => backend.waitForJob(1);
  return { fetch, wait, pauses };
}

describe('a worker that waits for tickets', () => {
  it('pauses when it was told of a ticket and the fetch brought none: the lane is at its fetch limit', async () => {
    const { fetch, wait, pauses } = paced({ tickets: [false, false], markers: [true, true] });
    await wait();
    await fetch();
    await wait();
    expect(pauses).toHaveLength(1);
  });

  it('waits at once when a lane has run dry after the ticket that it was told of', async () => {
    const { fetch, wait, pauses } = paced({ tickets: [true, false], markers: [true, false] });
    await wait();
    await fetch();
    await fetch();
    await wait();
    expect(pauses).toHaveLength(0);
  });

  it('pauses before a failed fetch is repeated', async () => {
    const pauses: string[] = [];
    const store: Paced = {
      moveToActive: () => Promise.reject(new Error('starting up')),
      waitForJob: () => Promise.resolve(null),
    };
    const backend = pace(store, () => Promise.resolve(void pauses.push('paused')));
    await expect(backend.moveToActive('token')).rejects.toThrow('starting up');
    expect(pauses).toHaveLength(1);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { startLonghaul, until } from '../support/longhaul';

jest.setTimeout(240_000);

/** As stop-signals has it: signals within this time are one wish. */
const ECHO_MS = 300;

describe('a worker in its drain', () => {
  it('is not ready, goes on with its call after one signal, and ends at once at a second, with the code of a failure', async () => {
    const { upstream, worker, chat } = await startLonghaul({ backEnd: 'postgres' });
    upstream.script({
      match: { provider: 'moonshot' },
      replies: [{ holdBefore: 'first_token', text: 'done', repeat: 'forever' }],
    });
    const draining = await worker({ DRAIN_SECS: '620' });
    await chat('moonshot/kimi-k2.6', 'long');
    await upstream.waitForHeld(1);
    draining.kill('SIGTERM');
    await until('the drain', () => Promise.resolve(draining.logs().includes('Draining')), 60_000);
    const probe = await fetch(`${draining.url}/readyz`);
    expect(probe.status).toBe(503);
    expect(await probe.text()).toContain('this process stops: nothing is claimed any more');
    await pause(2 * ECHO_MS);
    // Still held: the first signal has cut nothing.
    await upstream.waitForHeld(1);
    draining.kill('SIGTERM');
    expect(await draining.exited).toBe(1);
    expect(draining.logs()).toContain('A second signal');
    await upstream.waitForEnded(1);
  });
});

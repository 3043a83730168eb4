import { Circuit, Circuits, TargetHealth } from '@longhaul/records';
import { HealthBoard } from '@longhaul/registry';
import { HealthWatch } from '../../libs/jobs/src/health-watch';
import { policySettings } from '../../libs/registry/src/registry.fixtures';

const NOW = new Date('2026-11-21T12:00:00Z');
const OPEN: Circuit = {
  ...{ scope: 'target:one/m', state: 'open', until: new Date(NOW.getTime() + 60_000) },
  ...{ code: 'overloaded', strikes: 1, isProbed: false },
};
const health = (target: string, updatedAt = NOW): TargetHealth => ({
  ...{ target, samples: 3, successRate: 1, latencyMs: 10, firstTokenMs: 5, p50Ms: 10, p95Ms: 20, updatedAt },
});

/** What PostgreSQL would say. */
class Stored {
  circuitsNow: readonly Circuit[] = [];
  news: readonly TargetHealth[] = [];
  isAway = false;
  readonly asked: (Date | null)[] = [];
  looks = 0;
  since(moment: Date | null): Promise<readonly TargetHealth[]> {
    this.asked.push(moment);
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve(this.news);
  }
  circuits(): Promise<Circuits> {
    this.looks += 1;
    return this.isAway
      ? Promise.reject(new Error('away'))
      : Promise.resolve({ now: NOW, circuits: this.circuitsNow });
  }
}

function watchOver(records: Stored, everyMs = 60_000) {
  const board = new HealthBoard();
  const clock = { ms: 0 };
  const settings = () => policySettings().health;
  const parts = { records, board, settings, now: () => clock.ms };
  return { board, clock, watch: new HealthWatch(parts, { everyMs, staleMs: 5_000 }) };
}
const TARGET = { provider: 'one', model: 'm' };
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

describe('the watch over how targets are', () => {
  it('writes on the board what is ill, and takes it back when it is well', async () => {
    const stored = new Stored();
    stored.circuitsNow = [OPEN];
    const { board, watch } = watchOver(stored);
    await watch.start();
    expect(board.illness(TARGET)).toContain('may not be called before');
    expect(board.refusal(TARGET)).toBeNull();
    stored.circuitsNow = [];
    await watch.look();
    watch.stop();
    expect(board.illness(TARGET)).toBeNull();
  });

  it('reads of the targets what is new, with some overlap, and remembers the rest', async () => {
    const stored = new Stored();
    stored.news = [health('one/m'), health('one/older', new Date(NOW.getTime() - 1_000))];
    const { watch } = watchOver(stored);
    await watch.start();
    stored.news = [{ ...health('one/m'), samples: 4 }];
    await watch.look();
    watch.stop();
    expect(stored.asked).toEqual([null, new Date(NOW.getTime() - 10_000)]);
    expect([watch.of('one/m')?.samples, watch.of('one/older')?.samples, watch.of('one/x')]).toEqual([
      ...[4, 3, null],
    ]);
  });

  it('keeps what it knows over a short outage, forgets it in a long one, and learns it anew', async () => {
    const stored = new Stored();
    stored.circuitsNow = [OPEN];
    stored.news = [health('one/m')];
    const { board, clock, watch } = watchOver(stored, 1);
    await watch.start();
    stored.isAway = true;
    const looked = stored.looks;
    await until(() => stored.looks > looked + 3);
    expect([board.illness(TARGET) === null, watch.of('one/m') === null]).toEqual([false, false]);
    clock.ms = 5_000;
    await until(() => board.illness(TARGET) === null);
    expect(watch.of('one/m')).toBeNull();
    stored.isAway = false;
    await until(() => board.illness(TARGET) !== null && watch.of('one/m') !== null);
    watch.stop();
  });

  it('starts without PostgreSQL, and holds nothing against anybody', async () => {
    const stored = new Stored();
    stored.isAway = true;
    const { board, watch } = watchOver(stored);
    await watch.start();
    watch.stop();
    expect(board.illness(TARGET)).toBeNull();
  });
});

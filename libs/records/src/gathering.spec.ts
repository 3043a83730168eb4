import { setImmediate as turn } from 'node:timers/promises';
import { Gathering } from './gathering';

interface Group {
  readonly items: readonly number[];
  readonly end: (answers: readonly string[]) => void;
  readonly fail: (thrown: Error) => void;
}

function gathering({ most = 10, patienceMs = 60_000 } = {}) {
  const groups: Group[] = [];
  const began: (() => void)[] = [];
  const all = new Gathering<number, string>(
    (items) =>
      new Promise((end, fail) => {
        groups.push({ items, end, fail });
        began.shift()?.();
      }),
    { most, patienceMs },
  );
  const nextBegins = () => new Promise<void>((resolve) => began.push(resolve));
  const itemsOf = () => groups.map(({ items }) => items);
  return { all, groups, itemsOf, nextBegins };
}

describe('a gathering', () => {
  it('asks at once when nothing is under way, with all that come in the same turn', async () => {
    const { all, groups, itemsOf } = gathering();
    const answers = Promise.all([1, 2, 3].map((item) => all.ask(item)));
    await turn();
    expect(itemsOf()).toEqual([[1, 2, 3]]);
    groups[0]?.end(['a', 'b', 'c']);
    expect(await answers).toEqual(['a', 'b', 'c']);
  });

  it('asks what came meanwhile together, when the group before has its answer', async () => {
    const { all, groups, itemsOf } = gathering();
    const first = all.ask(1);
    await turn();
    const others = [all.ask(2), all.ask(3)];
    await turn();
    expect(itemsOf()).toEqual([[1]]);
    groups[0]?.end(['a']);
    expect(await first).toBe('a');
    await turn();
    expect(itemsOf()).toEqual([[1], [2, 3]]);
    groups[1]?.end(['b', 'c']);
    expect(await Promise.all(others)).toEqual(['b', 'c']);
  });

  it('waits no longer for a group that hangs than its patience, and begins a full one at once', async () => {
    const { all, itemsOf, nextBegins } = gathering({ most: 2, patienceMs: 5 });
    void all.ask(1);
    await turn();
    const late = nextBegins();
    void all.ask(2);
    await late;
    expect(itemsOf()).toEqual([[1], [2]]);
    void all.ask(3);
    void all.ask(4);
    expect(itemsOf()).toEqual([[1], [2], [3, 4]]);
  });

  it('throws to all of a group what its question threw, and goes on', async () => {
    const { all, groups } = gathering();
    const failed = Promise.allSettled([all.ask(1), all.ask(2)]);
    await turn();
    const next = all.ask(3);
    groups[0]?.fail(new Error('away'));
    expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await turn();
    groups[1]?.end(['c']);
    expect(await next).toBe('c');
  });
});

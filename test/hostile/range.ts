import { ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ChatEvent, ChatRequest, GatewayError } from '@longhaul/contract';
import { CallClocks, Dialect, HttpClient } from '@longhaul/providers';
import { providerSettings } from '../../libs/providers/src/scripted-upstream.fixtures';
import { HostileCase, Verdict } from './case';

/** Short, so that a reply that hangs is over soon; the total one long enough for a hundred megabytes. */
export const CLOCKS: CallClocks = { connectMs: 5_000, firstTokenMs: 1_500, idleMs: 1_500, totalMs: 4_000 };
const LONG_CLOCKS: CallClocks = { connectMs: 5_000, firstTokenMs: 60_000, idleMs: 60_000, totalMs: 60_000 };
const REQUEST: ChatRequest = { model: 'm-1', messages: [{ role: 'user', content: 'hello' }] };
const AT_ONCE = 6;

/** What came of a reply, without the reply. */
export interface Outcome {
  readonly title: string;
  readonly must: Verdict;
  readonly code: string | null;
  readonly text: string;
  readonly counts: readonly number[];
  readonly tookMs: number;
  /** How much longer than the clock that had to end it; 0 where none had to. */
  readonly overMs: number;
}

const CLOCK_OF = { firstToken: 'firstTokenMs', idle: 'idleMs', total: 'totalMs' } as const;

/** The server of bytes and one dialect that calls it. */
export class Range {
  private readonly http = new HttpClient();
  private child: ChildProcess | null = null;
  private port = 0;
  private shots = 0;
  private readonly told = new Map<string, () => void>();
  readonly unknownPaths: string[] = [];

  constructor(private readonly dialect: Dialect) {}

  async open(): Promise<void> {
    const child = fork(join(__dirname, 'server.child.mjs'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.child = child;
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    this.port = port;
    child.on('message', ({ ready, failed }: { ready?: string; failed?: string }) => {
      if (failed !== undefined) this.unknownPaths.push(failed);
      if (ready !== undefined) this.told.get(ready)?.();
    });
  }

  async close(): Promise<void> {
    await this.http.close();
    const { child } = this;
    if (child === null) return;
    const gone = once(child, 'exit');
    child.disconnect();
    await gone;
  }

  /** Every reply, a few at a time. In the order of the cases. */
  async shoot(cases: readonly HostileCase[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const shoot = async (first: number): Promise<void> => {
      for (const [index, each] of cases.entries()) {
        if (index % AT_ONCE === first) outcomes[index] = await this.one(each);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => shoot(first)));
    return outcomes;
  }

  private async one({ title, steps, must, clock, isLarge = false }: HostileCase): Promise<Outcome> {
    this.shots += 1;
    const path = `s${String(this.shots)}`;
    await new Promise<void>((resolve) => {
      this.told.set(path, resolve);
      this.child?.send({ path, steps });
    });
    const baseUrl = `http://127.0.0.1:${String(this.port)}/${path}`;
    const settings = providerSettings({ dialect: this.dialect.name, baseUrl });
    const clocks = isLarge ? LONG_CLOCKS : CLOCKS;
    const startedMs = performance.now();
    const { code, text, counts } = await read(
      this.dialect.create(settings, this.http).stream(REQUEST, new AbortController().signal, clocks),
    );
    const tookMs = performance.now() - startedMs;
    const overMs = Math.max(0, tookMs - clocks[CLOCK_OF[clock ?? 'total']]);
    return { title, must, code, text, counts, tookMs, overMs };
  }
}

/** Keeps of the text what a test can look at: an answer of a hundred megabytes must not be the reader's own weight. */
const KEPT_CHARACTERS = 10_000;

async function read(events: AsyncIterable<ChatEvent>): Promise<Pick<Outcome, 'code' | 'text' | 'counts'>> {
  let text = '';
  let counts: readonly number[] = [];
  try {
    for await (const event of events) {
      if (event.type === 'text' && text.length < KEPT_CHARACTERS) text += event.text;
      if (event.type === 'end') counts = Object.values(event.usage ?? {}) as number[];
    }
    return { code: null, text, counts };
  } catch (thrown) {
    return {
      code: thrown instanceof GatewayError ? thrown.code : `no GatewayError: ${String(thrown)}`,
      text,
      counts,
    };
  }
}

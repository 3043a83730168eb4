import { ERRORS, isErrorCode, nameOf } from '@longhaul/contract';
import { AttemptEnding, CallTimes, HealthRecords, TargetNews } from '@longhaul/records';
import { Log } from './log';

export interface HealthMeterParts {
  readonly records: Pick<HealthRecords, 'note'>;
  readonly log: Pick<Log, 'warn' | 'info'>;
}

export interface HealthMeterOptions {
  readonly everyMs: number;
  /** As it is in force. */
  readonly halfLifeMs: () => number;
}

/** How often what was heard is written down. */
export const HEALTH_FLUSH_MS = 2000;

interface Heard {
  readonly successes: boolean[];
  readonly times: CallTimes[];
}

/**
 * Keeps how calls went, by target, and writes it down now and then in one statement. Nobody waits for it, and what a
 * PostgreSQL that is away does not take is lost: it is a measure, not a record.
 */
export class HealthMeter {
  private heard = new Map<string, Heard>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> | null = null;
  private isFailing = false;

  constructor(
    private readonly parts: HealthMeterParts,
    private readonly options: HealthMeterOptions,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.flush(), this.options.everyMs);
    this.timer.unref();
  }

  /** Writes down what is left. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.writing;
    await this.flush();
  }

  /** A call has ended. Only what went well, or failed by the fault of its target, says anything of it. */
  hear(
    target: { readonly provider: string; readonly model: string },
    { status, code, trace }: Pick<AttemptEnding, 'status' | 'code' | 'trace'>,
  ): void {
    if (status === 'succeeded') this.of(target).successes.push(true);
    else if (code !== null && isErrorCode(code) && ERRORS[code].counts) this.of(target).successes.push(false);
    if (status !== 'succeeded' || trace === null) return;
    const { totalMs, firstTokenMs = totalMs } = trace;
    this.of(target).times.push({ totalMs, firstTokenMs });
  }

  /** One at a time: while PostgreSQL hangs, what is heard gathers in the next. */
  flush(): Promise<void> {
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
    return this.writing;
  }

  private of(target: { readonly provider: string; readonly model: string }): Heard {
    const name = nameOf(target);
    const known = this.heard.get(name);
    if (known !== undefined) return known;
    const heard: Heard = { successes: [], times: [] };
    this.heard.set(name, heard);
    return heard;
  }

  private async write(): Promise<void> {
    if (this.heard.size === 0) return;
    const news: TargetNews[] = [...this.heard].map(([target, heard]) => ({ target, ...heard }));
    this.heard = new Map();
    try {
      await this.parts.records.note(news, this.options.halfLifeMs());
      if (this.isFailing) this.parts.log.info('How calls go is written down again.');
      this.isFailing = false;
    } catch (thrown) {
      // Once: it will fail again every two seconds.
      if (!this.isFailing) {
        this.parts.log.warn('How calls went could not be written down, and is lost.', thrown);
      }
      this.isFailing = true;
    }
  }
}

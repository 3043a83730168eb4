import { Client, ClientConfig, Pool } from 'pg';
import { Loan } from './loan';
import { Asked, Silence } from './silence';
import { Turnstile } from './turnstile';

export interface ConnectionOptions {
  readonly url: string;
  /** Connections of this process. */
  readonly poolSize: number;
  /** Client-side clock on each piece of work, connect included: a frozen server must not hang a caller. */
  readonly callMs: number;
}

/**
 * Every statement of the road goes by index and is planned once per connection. A plan for each set of values costs more
 * than most statements do, five times over on each new connection; and one that was made while the tables were empty
 * would read them whole until they are next analyzed. What can only be read whole then counts as so dear, up to
 * PostgreSQL 17, that it would be compiled at each run: half a second and more for a table of ten rows.
 */
const PLANS = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';

/** The query that was under way, or the next one, reports it. */
const ignoreBreak = (): void => undefined;

/** The one owner of `pg`: a pool, and a clock on every piece of work. Errors are as pg throws them. */
export class Connections {
  readonly pool: Pool;
  private readonly turnstile: Turnstile;
  private readonly silence: Silence;

  constructor(private readonly options: ConnectionOptions) {
    const { callMs, poolSize } = options;
    this.pool = new Pool({
      ...this.config(),
      max: poolSize,
      // The server's own clock frees it of a statement whose client has given up.
      statement_timeout: callMs * 2,
      // And of a transaction whose client stands still: a frozen feed would leave its lane to nobody.
      idle_in_transaction_session_timeout: callMs * 2,
      options: PLANS,
      // A new one has all to plan anew; an older one some networks drop without a word.
      idleTimeoutMillis: 60_000,
    });
    // An idle connection that breaks raises 'error' on the pool; unheard, it would end the process.
    this.pool.on('error', ignoreBreak);
    // The pool itself listens to idle ones alone: one that breaks on its way to whoever asked for it would, too.
    this.pool.on('connect', (client) => client.on('error', ignoreBreak));
    this.turnstile = new Turnstile(this.pool, poolSize);
    this.silence = new Silence(() => this.probe());
  }

  /** Runs one piece of work on one connection. A rejection says nothing of what the server has done. */
  lend<Result>(work: (session: Loan) => Promise<Result>, mostMs = Infinity): Promise<Result> {
    // A signal's clock takes whole milliseconds alone.
    const clockMs = Math.max(1, Math.ceil(Math.min(mostMs, this.options.callMs)));
    const loan = new Loan(() => {
      this.silence.heard();
    });
    return this.withinClock(clockMs, this.use(loan, work, clockMs), (lapse) => {
      this.silence.add(loan);
      return loan.giveUp(lapse);
    });
  }

  /** The clock on a question over a connection beside the pool: one that lets it run out is kept, or dropped, as the pool's. */
  async watch(asked: Asked, answer: Promise<unknown>): Promise<void> {
    const timer = setTimeout(() => {
      this.silence.add(asked);
    }, this.options.callMs);
    try {
      await answer;
      this.silence.heard();
    } finally {
      clearTimeout(timer);
      this.silence.remove(asked);
    }
  }

  async close(): Promise<void> {
    this.silence.close();
    await this.leave(this.pool.end());
  }

  /** Waits for a farewell, but not for ever: a server that hangs lets go of no connection. */
  async leave(farewell: Promise<unknown>): Promise<void> {
    await this.withinClock(this.options.callMs, farewell).catch(ignoreBreak);
  }

  noAnswer(withinMs = this.options.callMs): Error {
    return new Error(`timeout: PostgreSQL did not answer within ${String(withinMs)} ms`);
  }

  private async use<Result>(
    loan: Loan,
    work: (session: Loan) => Promise<Result>,
    clockMs: number,
  ): Promise<Result> {
    // Not awaited where there is nothing to wait for: the next one of this moment must see what this one takes.
    const turn = this.turnstile.enter();
    if (turn) await turn;
    try {
      // Before the gate: while nobody is answered, those that nobody waits for any more would else pile up behind it.
      loan.throwIfLapsed();
      const gate = this.gate(clockMs);
      if (gate) await gate;
      await loan.take(() => this.turnstile.connect());
      return await this.carryOut(loan, work);
    } finally {
      this.turnstile.leave();
    }
  }

  private async carryOut<Result>(loan: Loan, work: (session: Loan) => Promise<Result>): Promise<Result> {
    try {
      const result = await work(loan);
      loan.giveBack(true);
      return result;
    } catch (thrown) {
      await loan.settle(thrown);
      throw thrown;
    } finally {
      this.silence.remove(loan);
    }
  }

  /** New connections to a server that answers none would all be made when it goes on, those too that nobody waits for. */
  private gate(mostMs: number): Promise<unknown> | null {
    const { idleCount, waitingCount, totalCount } = this.pool;
    if (idleCount > waitingCount || totalCount >= this.options.poolSize) return null;
    return (
      this.silence.over(mostMs)?.catch(() => {
        throw this.noAnswer(mostMs);
      }) ?? null
    );
  }

  private async probe(): Promise<void> {
    const client = new Client({ ...this.config(), query_timeout: this.options.callMs });
    client.on('error', ignoreBreak);
    try {
      await client.connect();
      await client.query('SELECT 1');
    } finally {
      client.end().catch(ignoreBreak);
    }
  }

  private config(): ClientConfig {
    const { url, callMs } = this.options;
    return {
      connectionString: url,
      connectionTimeoutMillis: callMs,
      application_name: 'longhaul',
      keepAlive: true,
    };
  }

  /** One clock for the way to a connection and all that is asked on it. @param onLapse returns what the caller is told */
  private withinClock<Value>(
    clockMs: number,
    work: Promise<Value>,
    onLapse = (lapse: Error): unknown => lapse,
  ): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(onLapse(this.noAnswer(clockMs)));
      }, clockMs);
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
      });
    });
  }
}

import { escapeLiteral, Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow, types } from 'pg';
import { CrashPlace, CrashSwitch } from '@longhaul/contract';
import { codeOf, leavesWhole, storeFaultOf } from './store-faults';

/** A statement prepared once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process. */
  readonly poolSize: number;
  /** Client-side clock on each call, connect included: a frozen server must not hang a caller. */
  readonly callMs: number;
  /** Only in a process that the fault bench has armed. */
  readonly crash?: CrashSwitch | undefined;
}

// int8 comes as text by default. Fences, counters and nano-USD stay far below 2^53.
types.setTypeParser(types.builtins.INT8, (text) => Number(text));

/** Rolled back by PostgreSQL as a whole, so that a repeat is safe: serialization failure and deadlock. */
const REPEATABLE = new Set(['40001', '40P01']);

/**
 * Every statement of the road goes by index and is planned once per connection. A plan for each set of values costs more
 * than most statements do, five times over on each new connection; and one that was made while the tables were empty
 * would read them whole until they are next analyzed. What can only be read whole then counts as so dear, up to
 * PostgreSQL 17, that it would be compiled at each run: half a second and more for a table of ten rows.
 */
const PLANS = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off';
/** Of a text that is put together anew: its values decide which index is good. */
const BEGIN_ANEW = 'BEGIN; SET LOCAL plan_cache_mode = force_custom_plan';

const literal = (value: string | number | undefined): string =>
  typeof value === 'number' ? String(value) : escapeLiteral(value ?? '');

/** A statement over empty lists has nothing to do. */
const hasWork = (values: readonly unknown[]): boolean =>
  !values.some((value) => Array.isArray(value) && value.length === 0);

/** The query that was under way, or the next one, reports it. */
const ignoreBreak = (): void => undefined;

async function transact<Result>(
  client: PoolClient,
  { work, opening }: { readonly work: (client: PoolClient) => Promise<Result>; readonly opening: string },
): Promise<Result> {
  await client.query(opening);
  const result = await work(client);
  await client.query('COMMIT');
  return result;
}

/** The one owner of `pg`: a pool, a clock on every call, one repeat after a deadlock. */
export class Database {
  readonly pool: Pool;

  constructor(private readonly options: DatabaseOptions) {
    this.pool = new Pool({
      connectionString: options.url,
      max: options.poolSize,
      connectionTimeoutMillis: options.callMs,
      query_timeout: options.callMs,
      // The server's own clock frees it of a statement whose client has given up.
      statement_timeout: options.callMs * 2,
      // And of a transaction whose client stands still: a frozen feed would leave its lane to nobody.
      idle_in_transaction_session_timeout: options.callMs * 2,
      application_name: 'longhaul',
      options: PLANS,
      keepAlive: true,
      // A new one has all to plan anew; an older one some networks drop without a word.
      idleTimeoutMillis: 60_000,
    });
    // An idle connection that breaks raises 'error' on the pool; unheard, it would end the process.
    this.pool.on('error', ignoreBreak);
    // The pool itself listens to idle ones alone: one that breaks on its way to whoever asked for it would, too.
    this.pool.on('connect', (client) => client.on('error', ignoreBreak));
  }

  get url(): string {
    return this.options.url;
  }

  /** Runs one prepared statement. Throws `store_unavailable` when PostgreSQL is away or too slow. */
  async run<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    if (this.options.crash === undefined) return (await this.execute<Row>(statement, values)).rows;
    return this.visit(statement, hasWork(values), () => this.execute<Row>(statement, values));
  }

  /** For a place that `run` does not know of. Throws as the clock does where an answer is to be taken for lost. */
  reach(point: CrashPlace): void {
    if (this.options.crash?.reach(point)) throw storeFaultOf(this.noAnswer());
  }

  private async visit<Row extends QueryResultRow>(
    { name }: Statement,
    isVisit: boolean,
    work: () => Promise<QueryResult<Row>>,
  ): Promise<Row[]> {
    const { crash } = this.options;
    if (isVisit) crash?.reach(`before:${name}`);
    const { rows, rowCount } = await work();
    const hasMoved = isVisit && rowCount !== null && rowCount > 0;
    if (hasMoved && crash?.reach(`after:${name}`)) throw storeFaultOf(this.noAnswer());
    return rows;
  }

  private async execute<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    const attempt = () =>
      this.withinClock(this.send<Row>({ name: statement.name, text: statement.text, values: [...values] }));
    try {
      return await attempt();
    } catch (thrown) {
      if (REPEATABLE.has(codeOf(thrown))) return this.guard(attempt());
      throw storeFaultOf(thrown);
    }
  }

  /** Runs a statement that is put together anew each time, so that preparing it would only fill the server's memory. */
  async ask<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.transaction((client) => client.query<Row>(text, [...values]), BEGIN_ANEW);
    return rows;
  }

  /**
   * Runs several statements, parted by `;`, one after the other in one transaction and one round trip: each with a
   * snapshot of its own, and nobody waits for this process in between. @returns the rows of the last one
   */
  async together<Row extends QueryResultRow>(
    { name, text }: Statement,
    values: readonly (string | number)[],
  ): Promise<Row[]> {
    // Several statements in one message take no parameters.
    const whole = text.replace(/\$(\d)/g, (_, digit: string) => literal(values[Number(digit) - 1]));
    const send = async (): Promise<QueryResult<Row>> => {
      const results: unknown = await this.guard(this.withinClock(this.send({ text: whole })));
      return (results as [...QueryResult[], QueryResult<Row>]).at(-1) as QueryResult<Row>;
    };
    return this.visit({ name, text }, true, send);
  }

  /**
   * Runs several statements in one transaction on one connection, all of them under one clock: a server that is slow
   * with each would else keep a caller waiting for their sum.
   */
  async transaction<Result>(
    work: (client: PoolClient) => Promise<Result>,
    opening = 'BEGIN',
  ): Promise<Result> {
    const endsMs = performance.now() + this.options.callMs;
    const client = await this.guard(this.pool.connect());
    try {
      const result = await this.withinClock(transact(client, { work, opening }), endsMs - performance.now());
      client.release();
      return result;
    } catch (thrown) {
      const isWhole = leavesWhole(thrown) && (await this.rollBack(client, endsMs - performance.now()));
      // Dropping the connection rolls back as surely, and also when the server no longer answers.
      client.release(!isWhole);
      throw storeFaultOf(thrown);
    }
  }

  /** @returns whether the server has done it within what is left of the clock */
  private rollBack(client: PoolClient, leftMs: number): Promise<boolean> {
    return this.withinClock(client.query('ROLLBACK'), leftMs).then(
      () => true,
      () => false,
    );
  }

  /**
   * `pool.query` gives up the connection of every statement that fails. A server without room refuses so many that a
   * new connection for each would cost more than the statements.
   */
  private async send<Row extends QueryResultRow>(query: QueryConfig): Promise<QueryResult<Row>> {
    const client = await this.pool.connect();
    try {
      const result = await client.query<Row>(query);
      client.release();
      return result;
    } catch (thrown) {
      client.release(!leavesWhole(thrown));
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await this.leave(this.pool.end());
  }

  /** Waits for a farewell, but not for ever: a server that hangs lets go of no connection. */
  async leave(farewell: Promise<unknown>): Promise<void> {
    await this.withinClock(farewell).catch(() => undefined);
  }

  /** Runs other work of this pool under the same translation of faults. */
  async guard<Value>(work: Promise<Value>): Promise<Value> {
    return work.catch((thrown: unknown) => {
      throw storeFaultOf(thrown);
    });
  }

  /** Connect and query have a clock each; this one holds for both together. */
  private withinClock<Value>(work: Promise<Value>, leftMs = this.options.callMs): Promise<Value> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(this.noAnswer());
      }, leftMs);
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
      });
    });
  }

  private noAnswer(): Error {
    return new Error(`timeout: PostgreSQL did not answer within ${String(this.options.callMs)} ms`);
  }
}

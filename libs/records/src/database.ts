import { Pool, QueryResult, QueryResultRow, types } from 'pg';
import { CrashPlace, CrashSwitch } from '@longhaul/contract';
import { ConnectionOptions, Connections } from './connections';
import { literal } from './literal';
import { Loan, Session } from './loan';
import type { Asked } from './silence';
import { codeOf, storeFaultOf } from './store-faults';

/** A statement prepared once per connection under its name. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface DatabaseOptions extends ConnectionOptions {
  /** Only in a process that the fault bench has armed. */
  readonly crash?: CrashSwitch | undefined;
}

// int8 comes as text by default. Fences, counters and nano-USD stay far below 2^53.
types.setTypeParser(types.builtins.INT8, (text) => Number(text));

/** Rolled back by PostgreSQL as a whole, so that a repeat is safe: serialization failure and deadlock. */
const REPEATABLE = new Set(['40001', '40P01']);

/** Of a text that is put together anew: its values decide which index is good. */
const BEGIN_ANEW = 'BEGIN; SET LOCAL plan_cache_mode = force_custom_plan';

/** A statement over empty lists has nothing to do. */
const hasWork = (values: readonly unknown[]): boolean =>
  !values.some((value) => Array.isArray(value) && value.length === 0);

/** @param first the first row of the opening's last statement, where that returns rows */
type Work<Result> = (session: Session, first: QueryResultRow | undefined) => Promise<Result>;

async function transact<Result>(loan: Loan, work: Work<Result>, opening: string): Promise<Result> {
  const opened = await loan.begin(opening);
  const result = await work(loan, opened.at(-1)?.rows[0]);
  await loan.query('COMMIT');
  return result;
}

/** Asks PostgreSQL: statements and transactions, faults told as `store_unavailable`, one repeat after a deadlock. */
export class Database {
  private readonly connections: Connections;

  constructor(private readonly options: DatabaseOptions) {
    this.connections = new Connections(options);
  }

  get pool(): Pool {
    return this.connections.pool;
  }

  get url(): string {
    return this.options.url;
  }

  /**
   * Runs one prepared statement. Throws `store_unavailable` when PostgreSQL is away or too slow.
   * @param mostMs for whoever has less time than the clock of all
   */
  async run<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
    mostMs?: number,
  ): Promise<Row[]> {
    const execute = (): Promise<QueryResult<Row>> => this.execute<Row>(statement, values, mostMs);
    if (this.options.crash === undefined) return (await execute()).rows;
    return this.visit(statement, hasWork(values), execute);
  }

  /** For a place that `run` does not know of. Throws as the clock does where an answer is to be taken for lost. */
  reach(point: CrashPlace): void {
    if (this.options.crash?.reach(point)) throw storeFaultOf(this.connections.noAnswer());
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
    if (hasMoved && crash?.reach(`after:${name}`)) throw storeFaultOf(this.connections.noAnswer());
    return rows;
  }

  private async execute<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
    mostMs?: number,
  ): Promise<QueryResult<Row>> {
    const attempt = () =>
      this.connections.lend(
        (session) => session.query<Row>({ name: statement.name, text: statement.text, values: [...values] }),
        mostMs,
      );
    try {
      return await attempt();
    } catch (thrown) {
      if (REPEATABLE.has(codeOf(thrown))) return this.guard(attempt());
      throw storeFaultOf(thrown);
    }
  }

  /** Runs a statement that is put together anew each time, so that preparing it would only fill the server's memory. */
  async ask<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.transaction(
      (session) => session.query<Row>({ text, values: [...values] }),
      BEGIN_ANEW,
    );
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
    const whole = text.replace(/\$(\d)/g, (_, digit: string) => literal(values[Number(digit) - 1]));
    const send = async (): Promise<QueryResult<Row>> => {
      const results: unknown = await this.guard(this.connections.lend((session) => session.query(whole)));
      return (results as [...QueryResult[], QueryResult<Row>]).at(-1) as QueryResult<Row>;
    };
    return this.visit({ name, text }, true, send);
  }

  /**
   * Runs several statements in one transaction on one connection, all of them under one clock: a server that is slow
   * with each would else keep a caller waiting for their sum.
   * @param opening goes in one message: BEGIN, and what the work begins with
   */
  transaction<Result>(work: Work<Result>, opening = 'BEGIN'): Promise<Result> {
    return this.guard(this.connections.lend((loan) => transact(loan, work, opening)));
  }

  /** For a question over a connection beside the pool: the clock of all others. Rejects when the connection ends. */
  watch(asked: Asked, answer: Promise<unknown>): Promise<void> {
    return this.connections.watch(asked, answer);
  }

  close(): Promise<void> {
    return this.connections.close();
  }

  /** Waits for a farewell, but not for ever. */
  leave(farewell: Promise<unknown>): Promise<void> {
    return this.connections.leave(farewell);
  }

  private async guard<Value>(work: Promise<Value>): Promise<Value> {
    return work.catch((thrown: unknown) => {
      throw storeFaultOf(thrown);
    });
  }
}

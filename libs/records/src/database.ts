import { escapeLiteral, Pool, PoolClient, QueryResult, QueryResultRow, types } from 'pg';
import { GatewayError } from '@longhaul/contract';

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
}

// int8 comes as text by default. Fences, counters and nano-USD stay far below 2^53.
types.setTypeParser(types.builtins.INT8, (text) => Number(text));

/**
 * SQLSTATE classes and codes that speak of the server's state, not of our statement: connection, resources, operator
 * and statement clock, system errors, a standby, and a rollback (`REPEATABLE`) that met us twice.
 */
const AWAY = /^(08|53|57|58|25006|40001|40P01)/;
const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'EAI_AGAIN',
  'ENOENT',
]);

/** Rolled back by PostgreSQL as a whole, so that a repeat is safe: serialization failure and deadlock. */
const REPEATABLE = new Set(['40001', '40P01']);

const codeOf = (thrown: unknown): string => {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
};

/** True for a fault of the connection or the server, when the outcome of a write is unknown. */
export function isStoreFault(thrown: unknown): boolean {
  const code = codeOf(thrown);
  if (AWAY.test(code) || SOCKET_CODES.has(code)) return true;
  // pg reports these without any code: its own clocks, and a socket that closed under a query.
  return (
    thrown instanceof Error &&
    code === '' &&
    /timeout|terminated|not queryable|ended|closed/i.test(thrown.message)
  );
}

const literal = (value: string | number | undefined): string =>
  typeof value === 'number' ? String(value) : escapeLiteral(value ?? '');

/** The query that was under way, or the next one, reports it. */
const ignoreBreak = (): void => undefined;

function release(client: PoolClient, broken: boolean): void {
  client.release(broken);
  client.off('error', ignoreBreak);
}

async function transact<Result>(
  client: PoolClient,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  await client.query('BEGIN');
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
      application_name: 'longhaul',
      keepAlive: true,
    });
    // An idle connection that breaks raises 'error' on the pool; unheard, it would end the process.
    this.pool.on('error', () => undefined);
  }

  get url(): string {
    return this.options.url;
  }

  /** Runs one prepared statement. Throws `store_unavailable` when PostgreSQL is away or too slow. */
  async run<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]> {
    const attempt = () =>
      this.withinClock(
        this.pool.query<Row>({ name: statement.name, text: statement.text, values: [...values] }),
      );
    try {
      return (await attempt()).rows;
    } catch (thrown) {
      if (REPEATABLE.has(codeOf(thrown))) return (await this.guard(attempt())).rows;
      throw this.translate(thrown);
    }
  }

  /** Runs a statement that is put together anew each time, so that preparing it would only fill the server's memory. */
  async ask<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.guard(this.withinClock(this.pool.query<Row>(text, [...values])))).rows;
  }

  /**
   * Runs several statements, parted by `;`, one after the other in one transaction and one round trip: each with a
   * snapshot of its own, and nobody waits for this process in between. @returns the rows of the last one
   */
  async together<Row extends QueryResultRow>(
    text: string,
    values: readonly (string | number)[],
  ): Promise<Row[]> {
    // Several statements in one message take no parameters.
    const whole = text.replace(/\$(\d)/g, (_, digit: string) => literal(values[Number(digit) - 1]));
    const results: unknown = await this.guard(this.withinClock(this.pool.query(whole)));
    return (results as QueryResult<Row>[]).at(-1)?.rows ?? [];
  }

  /**
   * Runs several statements in one transaction on one connection, all of them under one clock: a server that is slow
   * with each would else keep a caller waiting for their sum.
   */
  async transaction<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const startedMs = performance.now();
    const client = await this.guard(this.pool.connect());
    // The pool listens only to idle connections: one that breaks in our hands would end the process.
    client.on('error', ignoreBreak);
    try {
      const leftMs = this.options.callMs - (performance.now() - startedMs);
      const result = await this.withinClock(transact(client, work), leftMs);
      release(client, false);
      return result;
    } catch (thrown) {
      // Dropping the connection rolls back as surely as ROLLBACK, and also when the server no longer answers.
      release(client, true);
      throw this.translate(thrown);
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
      throw this.translate(thrown);
    });
  }

  /** Connect and query have a clock each; this one holds for both together. */
  private withinClock<Value>(work: Promise<Value>, leftMs = this.options.callMs): Promise<Value> {
    const { callMs } = this.options;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`timeout: PostgreSQL did not answer within ${String(callMs)} ms`));
      }, leftMs);
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
      });
    });
  }

  private translate(thrown: unknown): unknown {
    if (!isStoreFault(thrown)) return thrown;
    return new GatewayError(
      'store_unavailable',
      'PostgreSQL does not answer. Nothing was confirmed; check DATABASE_URL and the server, then try again.',
      { cause: thrown, retryAfterMs: 1000 },
    );
  }
}

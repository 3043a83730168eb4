import { DatabaseError, Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { leavesWhole } from './store-faults';

/** What a piece of work may do with the connection that is lent to it. */
export interface Session {
  query<Row extends QueryResultRow>(query: string | QueryConfig): Promise<QueryResult<Row>>;
}

/** A connection of the pool in the hands of one piece of work, from which it goes back once. */
export class Loan implements Session {
  private client: PoolClient | null = null;
  private lapse: Error | null = null;
  private hasBegun = false;
  /** When the server was last asked something on it, as `performance.now()` counts. */
  askedMs = -Infinity;

  /** @param heard called with each answer of the server, a refusal too */
  constructor(private readonly heard: () => void) {}

  get isOut(): boolean {
    return this.client !== null;
  }

  async take(pool: Pool): Promise<void> {
    const client = await pool.connect();
    if (this.lapse === null) {
      this.client = client;
      return;
    }
    client.release();
    throw this.lapse;
  }

  query<Row extends QueryResultRow>(query: string | QueryConfig): Promise<QueryResult<Row>> {
    return this.lapse === null ? this.ask(query) : Promise.reject(this.lapse);
  }

  begin(opening: string): Promise<unknown> {
    this.hasBegun = true;
    return this.query(opening);
  }

  /** Nobody waits for it any more: the statement under way is its last one, or a transaction would go on unheard. */
  end(lapse: Error): void {
    this.lapse = lapse;
  }

  /** After work that threw: back to the pool when the server has said that the session is as it was, else dropped. */
  async settle(thrown: unknown): Promise<void> {
    const isHeard = leavesWhole(thrown) || thrown === this.lapse;
    this.giveBack(isHeard && (!this.hasBegun || (await this.rollBack())));
  }

  giveBack(isWhole: boolean): void {
    const { client } = this;
    this.client = null;
    client?.release(!isWhole);
  }

  private rollBack(): Promise<boolean> {
    return this.ask('ROLLBACK').then(
      () => true,
      () => false,
    );
  }

  private async ask<Row extends QueryResultRow>(query: string | QueryConfig): Promise<QueryResult<Row>> {
    if (this.client === null) throw new Error('the connection is closed: it has been given back');
    this.askedMs = performance.now();
    try {
      const answer = await this.client.query<Row>(typeof query === 'string' ? { text: query } : query);
      this.heard();
      return answer;
    } catch (thrown) {
      if (thrown instanceof DatabaseError) this.heard();
      throw thrown;
    }
  }
}

import { PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import type { Asked } from './silence';
import { isSilence, leavesWhole } from './store-faults';

/** What a piece of work may do with the connection that is lent to it. */
export interface Session {
  query<Row extends QueryResultRow>(query: string | QueryConfig): Promise<QueryResult<Row>>;
}

/** A connection of the pool in the hands of one piece of work, from which it goes back once. */
export class Loan implements Session, Asked {
  private client: PoolClient | null = null;
  private lapse: Error | null = null;
  private refusal: unknown = null;
  private hasBegun = false;
  askedMs = -Infinity;

  /** @param heard called with each sign of the server: an answer, a refusal, the end of a connection */
  constructor(private readonly heard: () => void) {}

  get isOut(): boolean {
    return this.client !== null;
  }

  /** For whoever had to wait for a turn. */
  throwIfLapsed(): void {
    if (this.lapse !== null) throw this.lapse;
  }

  async take(connect: () => Promise<PoolClient>): Promise<void> {
    this.askedMs = performance.now();
    const client = await connect().catch((thrown: unknown) => {
      if (!isSilence(thrown)) this.heard();
      throw thrown;
    });
    this.heard();
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

  /** @returns the results of the opening's statements */
  async begin(opening: string): Promise<readonly QueryResult[]> {
    this.hasBegun = true;
    return [await this.query(opening)].flat();
  }

  /**
   * Nobody waits for it any more: the statement under way is its last one, or a transaction would go on unheard.
   * @returns what the caller is told: the refusal, where only the way back from it is late
   */
  giveUp(lapse: Error): unknown {
    this.lapse = lapse;
    return this.refusal ?? lapse;
  }

  /** After work that threw: back to the pool when the server has said that the session is as it was, else dropped. */
  async settle(thrown: unknown): Promise<void> {
    const isHeard = leavesWhole(thrown) || thrown === this.lapse;
    if (isHeard) this.refusal = thrown;
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
    const { client } = this;
    if (client === null) throw new Error('the connection is closed: it has been given back');
    this.askedMs = performance.now();
    try {
      return await client.query<Row>(typeof query === 'string' ? { text: query } : query);
    } finally {
      // One that was dropped meanwhile has ended by our own hand.
      if (this.client === client) this.heard();
    }
  }
}

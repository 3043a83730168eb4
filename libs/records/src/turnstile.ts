import { Pool, PoolClient } from 'pg';

/**
 * Connections that may be on their way at once. Where many ask at the same moment, as they do when a server is back, what
 * is asked is mostly answered over the first of them before the others could be made, and each costs the server a process
 * and the plans of all statements.
 */
const MOST_ON_THEIR_WAY = 2;

/** Lets as many work as there are connections, and those who make the next ones; the others wait in order. */
export class Turnstile {
  private readonly waiting: (() => void)[] = [];
  private within = 0;
  private onTheirWay = 0;

  constructor(
    private readonly pool: Pool,
    private readonly poolSize: number,
  ) {}

  /** Each that comes in has to `leave`. @returns null where there is nothing to wait for */
  enter(): Promise<void> | null {
    if (this.waiting.length > 0 || !this.hasRoom) return new Promise((resolve) => this.waiting.push(resolve));
    this.within += 1;
    return null;
  }

  leave(): void {
    this.within -= 1;
    this.letIn();
  }

  async connect(): Promise<PoolClient> {
    const { idleCount, waitingCount, totalCount } = this.pool;
    // Whom the pool still has to serve comes before us.
    if (idleCount > waitingCount || totalCount >= this.poolSize) return this.pool.connect();
    this.onTheirWay += 1;
    try {
      return await this.pool.connect();
    } finally {
      this.onTheirWay -= 1;
      this.letIn();
    }
  }

  private get hasRoom(): boolean {
    const open = this.pool.totalCount - this.onTheirWay;
    return this.within < Math.min(this.poolSize, open + MOST_ON_THEIR_WAY);
  }

  private letIn(): void {
    while (this.waiting.length > 0 && this.hasRoom) {
      this.within += 1;
      this.waiting.shift()?.();
    }
  }
}

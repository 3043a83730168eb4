import { Client } from 'pg';
import { Database } from './database';
import type { Asked } from './silence';

/** A connection that has said nothing for so long is asked something. */
const SILENT_MS = 1000;

export interface ListeningHooks {
  readonly onNotice: (payload: string) => void;
  /** It has ended, by whose hand ever but ours. */
  readonly onLost: () => void;
}

/**
 * One LISTEN connection, from the way to it until it is lost. It only receives, so a way that was cut without a word would
 * look like peace for hours: when nothing was heard it is asked something. Where the answer is overdue it is kept until the
 * server is known to answer others: one that has stood still goes on with it, and all processes would else make theirs anew
 * at that moment (docs/decisions/0041-a-connection-that-is-late-is-kept.md).
 */
export class Listening implements Asked {
  askedMs = -Infinity;
  private readonly client: Client;
  private heardMs = -Infinity;
  private timer: NodeJS.Timeout | null = null;
  private hasEnded = false;

  constructor(
    private readonly database: Database,
    private readonly hooks: ListeningHooks,
  ) {
    this.client = new Client({
      connectionString: database.url,
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      application_name: 'longhaul-notices',
    });
  }

  start(channel: string): void {
    const lost = (): void => {
      this.giveBack();
    };
    this.client.on('error', lost);
    this.client.on('end', lost);
    this.client.on('notification', ({ payload = '' }) => {
      this.heardMs = performance.now();
      this.hooks.onNotice(payload);
    });
    this.client
      .connect()
      .then(() => this.ask(`LISTEN ${channel}`))
      .catch(lost);
  }

  get isOut(): boolean {
    return !this.hasEnded;
  }

  giveBack(): void {
    if (this.hasEnded) return;
    this.end().catch(() => undefined);
    this.hooks.onLost();
  }

  end(): Promise<void> {
    this.hasEnded = true;
    if (this.timer) clearTimeout(this.timer);
    return this.client.end();
  }

  private async ask(statement: string): Promise<void> {
    this.askedMs = performance.now();
    await this.database.watch(this, this.client.query(statement));
    this.heardMs = performance.now();
    this.askWhenSilent();
  }

  private askWhenSilent(): void {
    if (this.hasEnded) return;
    const leftMs = this.heardMs + SILENT_MS - performance.now();
    if (leftMs > 0) {
      this.timer = setTimeout(() => {
        this.askWhenSilent();
      }, leftMs);
    } else {
      this.ask('SELECT 1').catch(() => {
        this.giveBack();
      });
    }
  }
}

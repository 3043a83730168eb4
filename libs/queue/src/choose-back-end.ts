import { GatewayError } from '@longhaul/contract';
import { BackEnd, STORE_DEADLINE_MS } from './back-end';
import { PostgresBackEnd } from './postgres.back-end';
import { QueueLog, QuietLog } from './quiet-log';
import { RedisBackEnd } from './redis.back-end';

export interface BackEndOptions {
  readonly redisUrl: string | null;
  readonly databaseUrl: string | null;
  /** How many lanes this process may serve; sizes the PostgreSQL pool. */
  readonly lanes: number;
  readonly log: QueueLog;
  /** The store turned out unusable after the boot; the process must end. */
  readonly onFatal: (error: GatewayError) => void;
}

/** Redis when `REDIS_URL` is set, else BullMQ's own PostgreSQL back end. */
export function chooseBackEnd(options: BackEndOptions): BackEnd {
  const { redisUrl, databaseUrl, lanes, onFatal } = options;
  const log = new QuietLog(options.log);
  if (redisUrl !== null)
    return new RedisBackEnd({ url: redisUrl, log, onFatal, deadlineMs: STORE_DEADLINE_MS });
  if (databaseUrl !== null) return new PostgresBackEnd({ url: databaseUrl, lanes, log });
  throw new GatewayError(
    'config_rejected',
    'There is no store for the lanes: set REDIS_URL or DATABASE_URL, or run `npm start`, which brings both.',
  );
}

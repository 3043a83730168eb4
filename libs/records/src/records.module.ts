import { DynamicModule, Global, Inject, Module, OnApplicationShutdown } from '@nestjs/common';
import { GatewayError } from '@longhaul/contract';
import { Settings, SETTINGS } from '@longhaul/settings';
import { AcceptRecords } from './accept.records';
import { AttemptRecords } from './attempt.records';
import { ClaimRecords } from './claim.records';
import { Database } from './database';
import { FeedRecords } from './feed.records';
import { JobRecords } from './job.records';
import { LaneRecords } from './lane.records';
import { LeaseRecords } from './lease.records';
import { Notices } from './notices';
import { SettleRecords } from './settle.records';

/** Connections of one process. The lanes' claims are the most that ever run at once. */
const POOL_SIZE = 12;
/** A caller gets its 503 within two seconds, whatever PostgreSQL does. */
const CALL_MS = 1700;

const RECORDS = [
  AcceptRecords,
  AttemptRecords,
  ClaimRecords,
  FeedRecords,
  JobRecords,
  LaneRecords,
  LeaseRecords,
  SettleRecords,
  Notices,
];

export function openDatabase(settings: Pick<Settings, 'databaseUrl'>): Database {
  if (settings.databaseUrl === null) {
    throw new GatewayError(
      'store_unavailable',
      'DATABASE_URL is not set. Set it, or let `npm start` bring PostgreSQL up and pass it on.',
    );
  }
  return new Database({ url: settings.databaseUrl, poolSize: POOL_SIZE, callMs: CALL_MS });
}

/** PostgreSQL, the truth. */
@Global()
@Module({})
export class RecordsModule implements OnApplicationShutdown {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Notices) private readonly notices: Notices,
  ) {}

  static forRoot(): DynamicModule {
    const records = RECORDS.map((kind) => ({
      provide: kind,
      useFactory: (database: Database) => new kind(database),
      inject: [Database],
    }));
    return {
      module: RecordsModule,
      providers: [{ provide: Database, useFactory: openDatabase, inject: [SETTINGS] }, ...records],
      exports: [Database, ...RECORDS],
    };
  }

  /** Last of all: whoever still settles needs the pool. */
  async onApplicationShutdown(): Promise<void> {
    await this.notices.close();
    await this.database.close();
  }
}

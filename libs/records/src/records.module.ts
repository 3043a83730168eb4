import { DynamicModule, Inject, Module, OnApplicationShutdown } from '@nestjs/common';
import { CrashSwitch, GatewayError } from '@longhaul/contract';
import { Settings, SETTINGS } from '@longhaul/settings';
import { Database } from './database';
import { migrateToLatest } from './migrate';
import { explainUnreachable } from './unreachable';
import { KnownPayloads } from './payloads';
import { Records } from './records';

/** Connections of one process; a claim, a feed or a settlement holds one for a few milliseconds. */
const POOL_SIZE = 12;
/** A caller gets its 503 within two seconds, whatever PostgreSQL does. */
const CALL_MS = 1500;

/**
 * Brings the schema up to date and opens the pool.
 * @param payloads what this process can run; null = it runs nothing
 */
export async function openRecords(
  { databaseUrl, clocks, crashPoint }: Pick<Settings, 'databaseUrl' | 'clocks' | 'crashPoint'>,
  payloads: KnownPayloads | null = null,
): Promise<Records> {
  if (databaseUrl === null) {
    throw new GatewayError(
      'store_unavailable',
      'DATABASE_URL is not set. Set it, or let `npm start` bring PostgreSQL up and pass it on.',
    );
  }
  await migrateToLatest(databaseUrl).catch((thrown: unknown) => {
    throw explainUnreachable(databaseUrl, thrown);
  });
  const crash = CrashSwitch.of(crashPoint);
  const database = new Database({ url: databaseUrl, poolSize: POOL_SIZE, callMs: CALL_MS, crash });
  return new Records(database, { windowMs: clocks.rateWindowMs }, payloads);
}

/** PostgreSQL, the truth. Needs the SETTINGS token from a global module. */
@Module({})
export class RecordsModule implements OnApplicationShutdown {
  constructor(@Inject(Records) private readonly records: Records) {}

  static forRoot(payloads: KnownPayloads): DynamicModule {
    return {
      module: RecordsModule,
      providers: [
        {
          provide: Records,
          useFactory: (settings: Settings) => openRecords(settings, payloads),
          inject: [SETTINGS],
        },
      ],
      exports: [Records],
    };
  }

  /** After whoever still settles has ended, in `beforeApplicationShutdown`. */
  async onApplicationShutdown(): Promise<void> {
    await this.records.close();
  }
}

import { AcceptRecords } from './accept.records';
import { AttemptRecords } from './attempt.records';
import { BulkAcceptRecords } from './bulk-accept.records';
import { CircuitRecords } from './circuit.records';
import { ClaimRecords } from './claim.records';
import { ConfigRecords } from './config.records';
import { Database } from './database';
import { EventRecords } from './event.records';
import { FeedRecords } from './feed.records';
import { FiguresRecords } from './figures.records';
import { HealthRecords } from './health.records';
import { JobListRecords } from './job-list.records';
import { JobRecords } from './job.records';
import { LaneRecords } from './lane.records';
import { LeaseRecords } from './lease.records';
import { Notices } from './notices';
import { KnownPayloads } from './payloads';
import { ProgressRecords } from './progress.records';
import { A_MINUTE, RateOptions, RateRecords } from './rate.records';
import { PulseRecords } from './pulse.records';
import { RemovalRecords } from './removal.records';
import { RetentionRecords } from './retention.records';
import { SettleRecords } from './settle.records';

/** All records of one process, over one pool. */
export class Records {
  readonly accepts: AcceptRecords;
  readonly bulkAccepts: BulkAcceptRecords;
  readonly attempts: AttemptRecords;
  readonly circuits: CircuitRecords;
  readonly claims: ClaimRecords;
  readonly config: ConfigRecords;
  readonly events: EventRecords;
  readonly feed: FeedRecords;
  readonly figures: FiguresRecords;
  readonly health: HealthRecords;
  readonly jobs: JobRecords;
  readonly lanes: LaneRecords;
  readonly leases: LeaseRecords;
  readonly list: JobListRecords;
  readonly rates: RateRecords;
  readonly removals: RemovalRecords;
  readonly retention: RetentionRecords;
  readonly progress: ProgressRecords;
  readonly pulses: PulseRecords;
  readonly settle: SettleRecords;
  readonly notices: Notices;

  constructor(
    readonly database: Database,
    rate: RateOptions = A_MINUTE,
    payloads: KnownPayloads | null = null,
  ) {
    this.rates = new RateRecords(database, rate, payloads);
    this.accepts = new AcceptRecords(database);
    this.bulkAccepts = new BulkAcceptRecords(database, this.accepts);
    this.attempts = new AttemptRecords(database);
    this.circuits = new CircuitRecords(database);
    this.claims = new ClaimRecords(database, this.rates, payloads);
    this.config = new ConfigRecords(database);
    this.events = new EventRecords(database);
    this.feed = new FeedRecords(database, payloads);
    this.figures = new FiguresRecords(database, rate);
    this.health = new HealthRecords(database);
    this.jobs = new JobRecords(database);
    this.lanes = new LaneRecords(database);
    this.leases = new LeaseRecords(database);
    this.progress = new ProgressRecords(database);
    this.pulses = new PulseRecords(database, payloads);
    this.list = new JobListRecords(database);
    this.removals = new RemovalRecords(database);
    this.retention = new RetentionRecords(database);
    this.settle = new SettleRecords(database);
    this.notices = new Notices(database);
  }

  async close(): Promise<void> {
    await this.notices.close();
    await this.database.close();
  }
}

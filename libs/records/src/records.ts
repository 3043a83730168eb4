import { AcceptRecords } from './accept.records';
import { AttemptRecords } from './attempt.records';
import { ClaimRecords } from './claim.records';
import { Database } from './database';
import { FeedRecords } from './feed.records';
import { FiguresRecords } from './figures.records';
import { JobRecords } from './job.records';
import { LaneRecords } from './lane.records';
import { LeaseRecords } from './lease.records';
import { Notices } from './notices';
import { SettleRecords } from './settle.records';

/** All records of one process, over one pool. */
export class Records {
  readonly accepts: AcceptRecords;
  readonly attempts: AttemptRecords;
  readonly claims: ClaimRecords;
  readonly feed: FeedRecords;
  readonly figures: FiguresRecords;
  readonly jobs: JobRecords;
  readonly lanes: LaneRecords;
  readonly leases: LeaseRecords;
  readonly settle: SettleRecords;
  readonly notices: Notices;

  constructor(readonly database: Database) {
    this.accepts = new AcceptRecords(database);
    this.attempts = new AttemptRecords(database);
    this.claims = new ClaimRecords(database);
    this.feed = new FeedRecords(database);
    this.figures = new FiguresRecords(database);
    this.jobs = new JobRecords(database);
    this.lanes = new LaneRecords(database);
    this.leases = new LeaseRecords(database);
    this.settle = new SettleRecords(database);
    this.notices = new Notices(database);
  }

  async close(): Promise<void> {
    await this.notices.close();
    await this.database.close();
  }
}

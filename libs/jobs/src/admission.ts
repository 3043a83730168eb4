import { Dispatch } from '@longhaul/queue';
import { JobSummary, NewJob, Notices } from '@longhaul/records';
import { Feeder } from './feeder';
import { viewOf } from './job-view';
import { RoadMeter } from './road-meter';
import { Accepted } from './submission';

export interface AdmissionParts {
  readonly feeder: Pick<Feeder, 'wake'>;
  readonly dispatch: Pick<Dispatch, 'isUp'>;
  readonly notices: Pick<Notices, 'tell'>;
  readonly meter: Pick<RoadMeter, 'accepted' | 'routed'>;
}

/** What follows when PostgreSQL has a job: it is counted, its lane is woken, its caller gets to see it. */
export class Admission {
  constructor(private readonly parts: AdmissionParts) {}

  admit(
    { decision }: NewJob,
    { row, replayed }: { readonly row: JobSummary; readonly replayed: boolean },
  ): Accepted {
    if (replayed) return this.repeat(row);
    const { meter } = this.parts;
    meter.accepted(row, false);
    meter.routed(decision);
    this.wake(row.provider);
    const { warnings } = decision;
    return {
      job: warnings.length === 0 ? viewOf(row) : { ...viewOf(row), warnings },
      replayed: false,
    };
  }

  /** A notice for every job would cost more than it brings, as long as this process can ring by itself. */
  private wake(lane: string): void {
    const { feeder, dispatch, notices } = this.parts;
    if (dispatch.isUp()) feeder.wake(lane);
    else notices.tell('ready', lane);
  }

  /** The job of an earlier request. */
  repeat(row: JobSummary): Accepted {
    this.parts.meter.accepted(row, true);
    return { job: viewOf(row), replayed: true };
  }
}

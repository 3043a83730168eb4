import { JobSummary, NewJob } from '@longhaul/records';
import { Feeder } from './feeder';
import { viewOf } from './job-view';
import { RoadMeter } from './road-meter';
import { Accepted } from './submission';

export interface AdmissionParts {
  readonly feeder: Pick<Feeder, 'wake'>;
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
    const { meter, feeder } = this.parts;
    meter.accepted(row, false);
    meter.routed(decision);
    feeder.wake(row.provider);
    const { warnings } = decision;
    return {
      job: warnings.length === 0 ? viewOf(row) : { ...viewOf(row), warnings },
      replayed: false,
    };
  }

  /** The job of an earlier request. */
  repeat(row: JobSummary): Accepted {
    this.parts.meter.accepted(row, true);
    return { job: viewOf(row), replayed: true };
  }
}

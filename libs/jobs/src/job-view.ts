import { JobView } from '@longhaul/contract';
import { JobDetail, viewJob } from '@longhaul/records';
import { JOB_KINDS } from './kinds';

/** A row as the API shows it, with the output when that was read. */
export const viewOf = (row: JobDetail): JobView =>
  viewJob(row, {
    report: JOB_KINDS.some((kind) => kind.type === row.type && kind.report !== undefined),
  });

import { JobView } from '@longhaul/contract';
import { JobRow, viewJob } from '@longhaul/records';
import { JOB_KINDS } from './kinds';
import { Include } from './submission';

/** A row as the API shows it, with the output when that was asked for. */
export const viewOf = (row: JobRow, include: readonly Include[] = []): JobView =>
  viewJob(row, {
    output: include.includes('output'),
    report: JOB_KINDS.some((kind) => kind.type === row.type && kind.report !== undefined),
  });

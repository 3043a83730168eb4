import { getTableColumns } from 'drizzle-orm';
import { JOB_COLUMN_NAMES } from './job.columns';
import { jobs } from './schema';

describe('the columns of a job', () => {
  it('are those of the schema, each by its name there', () => {
    const stored = Object.entries(getTableColumns(jobs)).map(([property, { name }]) => [property, name]);
    expect(Object.entries(JOB_COLUMN_NAMES)).toEqual(stored);
  });
});

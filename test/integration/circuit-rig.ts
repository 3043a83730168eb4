import { Cooling, JobRow, Records } from '@longhaul/records';
import { claim, freshRecords, newJob } from '../support/records';

export const TARGET = 'target:one/m';

export type Change = Parameters<typeof newJob>[0];

/** Two lanes with ten slots each. */
export async function twoLanes(): Promise<Records> {
  const records = await freshRecords();
  const lanes = ['one', 'two'].map((name) => ({ name, cap: 10 }));
  await records.lanes.declare(lanes, 20);
  return records;
}

export const rowsOf = async (records: Records, text: string) =>
  (await records.database.pool.query<Record<string, unknown>>(text)).rows;

export const acceptOne = async (records: Records, change: Change = {}) =>
  (await records.accepts.accept(newJob(change))).row;

export const acceptMany = (records: Records, count: number, change: Change = {}) =>
  Promise.all(Array.from({ length: count }, () => acceptOne(records, change)));

/** The circuit as it is when its bar has just ended. */
export const halfOpen = (records: Records, scope: string) =>
  rowsOf(
    records,
    `INSERT INTO cooldowns (scope, until, code) VALUES ('${scope}', now(), 'overloaded')
     ON CONFLICT (scope) DO UPDATE SET until = now(), strikes = greatest(cooldowns.strikes, 1)`,
  );

export const circuitsOf = (records: Records) =>
  rowsOf(records, 'SELECT scope, strikes, probe_job AS probe FROM cooldowns ORDER BY 1');

/** Claims a job under whatever ring it has now. */
export async function claimNow(records: Records, id: string) {
  return claim(records, id, { ring: (await records.jobs.read(id))?.ring ?? 0 });
}

export async function probeOf(records: Records, id: string): Promise<JobRow> {
  const answer = await claimNow(records, id);
  if (answer.answer !== 'claimed' || !answer.probe) throw new Error(`no probe: ${JSON.stringify(answer)}`);
  return answer.job;
}

export const growing = (change: Partial<Cooling> = {}): Cooling => ({
  ...{ scope: TARGET, code: 'overloaded', forMs: 1000, growing: true, mostMs: 60_000 },
  ...change,
});

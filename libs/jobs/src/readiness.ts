import { Dispatch } from '@longhaul/queue';
import { Records } from '@longhaul/records';

export interface ReadinessReport {
  readonly ready: boolean;
  /** Each store in a word or a sentence. */
  readonly checks: Readonly<Record<'postgres' | 'queue', string>>;
}

/** Ready means: a job sent now is accepted. A queue store that is away delays jobs, but loses and refuses none. */
export async function readinessOf(records: Records, dispatch: Dispatch): Promise<ReadinessReport> {
  const postgres = await records.leases.clock().then(
    () => 'ok',
    () => 'away: no job can be accepted until it answers',
  );
  const queue = dispatch.isUp() ? 'ok' : 'away: jobs are accepted and wait until it answers';
  return { ready: postgres === 'ok', checks: { postgres, queue } };
}

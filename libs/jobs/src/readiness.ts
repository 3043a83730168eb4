import { Dispatch } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { LiveConfig } from './live-config';

export interface ReadinessReport {
  readonly ready: boolean;
  /** Each store, and the configuration, in a word or a sentence. */
  readonly checks: Readonly<Record<'database' | 'queue' | 'config', string>>;
}

export interface ReadinessParts {
  readonly records: Pick<Records, 'leases'>;
  readonly dispatch: Pick<Dispatch, 'isUp'>;
  readonly live: Pick<LiveConfig, 'current' | 'trouble'>;
}

/**
 * Ready means: a job sent now is accepted. A queue store that is away delays jobs, but loses and refuses none; so does
 * a process that cannot follow the newest version of the configuration: it works on by the one before.
 */
export async function readinessOf({ records, dispatch, live }: ReadinessParts): Promise<ReadinessReport> {
  const database = await records.leases.clock().then(
    () => 'ok',
    () => 'away: no job can be accepted until it answers',
  );
  const queue = dispatch.isUp() ? 'ok' : 'away: jobs are accepted and wait until it answers';
  return { ready: database === 'ok', checks: { database, queue, config: configWords(live) } };
}

const configWords = ({ current, trouble }: ReadinessParts['live']): string =>
  trouble ?? (current.version === 0 ? 'ok: no overrides' : `ok: version ${String(current.version)}`);

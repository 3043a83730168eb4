import { Dispatch } from '@longhaul/queue';
import { Records } from '@longhaul/records';
import { LiveConfig } from './live-config';
import { Spool } from './spool/spool';

export interface ReadinessReport {
  readonly ready: boolean;
  /** Each store, the configuration and the spool, in a word or a sentence. */
  readonly checks: Readonly<Record<'database' | 'queue' | 'config' | 'spool', string>>;
}

export interface ReadinessParts {
  readonly records: Pick<Records, 'leases'>;
  readonly dispatch: Pick<Dispatch, 'isUp'>;
  readonly live: Pick<LiveConfig, 'current' | 'trouble'>;
  readonly spool: Pick<Spool, 'trouble'>;
  /** Whether the process makes calls: then it needs a spool. It works on without one, but not as promised. */
  readonly pays: boolean;
}

/**
 * Ready means: a job sent now is accepted. A queue store that is away delays jobs, but loses and refuses none; so does
 * a process that cannot follow the newest version of the configuration: it works on by the one before.
 */
export async function readinessOf(parts: ReadinessParts): Promise<ReadinessReport> {
  const { records, dispatch, live, spool, pays } = parts;
  const database = await records.leases.clock().then(
    () => 'ok',
    () => 'away: no job can be accepted until it answers',
  );
  const queue = dispatch.isUp() ? 'ok' : 'away: jobs are accepted and wait until it answers';
  const ready = database === 'ok' && (spool.trouble === null || !pays);
  return { ready, checks: { database, queue, config: configWords(live), spool: spoolWords(spool) } };
}

const spoolWords = ({ trouble }: ReadinessParts['spool']): string =>
  trouble === null
    ? 'ok'
    : `cannot be written (${trouble}): answers are committed from memory, and a worker that dies meanwhile may cost its calls twice`;

const configWords = ({ current, trouble }: ReadinessParts['live']): string =>
  trouble ?? (current.version === 0 ? 'ok: no overrides' : `ok: version ${String(current.version)}`);

import { JsonSchema } from '@longhaul/contract';
import { ReadinessReport } from '@longhaul/jobs';
import { about, always, oneOf, TEXT, viewOf } from './view';

export const ALIVE: JsonSchema = viewOf<{ readonly status: 'ok' }>({ status: always('ok') });

interface Ready {
  readonly status: string;
  readonly checks: ReadinessReport['checks'];
}

export const READY: JsonSchema = viewOf<Ready>({
  status: oneOf(['ready', 'not_ready']),
  checks: about(
    'Each store, the configuration and the spool, in a word or a sentence. A queue that is away delays jobs, but loses and refuses none; a process that cannot follow the newest configuration works on by the one before. A worker that cannot write to its spool works on, but is not ready.',
    viewOf<Ready['checks']>({ database: TEXT, queue: TEXT, config: TEXT, spool: TEXT }),
  ),
});

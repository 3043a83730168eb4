import { JsonSchema } from '@longhaul/contract';
import { ReadinessReport } from '@longhaul/jobs';
import { about, always, oneOf, TEXT, viewOf } from './view';

export const ALIVE: JsonSchema = viewOf<{ readonly status: 'ok' }>({ status: always('ok') });

interface Ready {
  readonly status: string;
  readonly checks: ReadinessReport['checks'];
}

export const READY: JsonSchema = viewOf<Ready>({
  status: oneOf(['ready', 'degraded', 'not_ready']),
  checks: about(
    'Each store, the configuration, the lanes and their feeder, and the spool of paid answers, in a word or a sentence. A queue that is away, or a lane that stands still although it has work and slots, delays jobs, but loses and refuses none; a process that cannot follow the newest configuration works on by the one before.',
    viewOf<Ready['checks']>({
      database: TEXT,
      queue: TEXT,
      config: TEXT,
      lanes: TEXT,
      feeder: TEXT,
      spool: TEXT,
    }),
  ),
});

import { JsonSchema } from '@longhaul/contract';
import type { LaneView } from '@longhaul/jobs';
import type { StatusAnswer } from '../../status/status.controller';
import { about, always, COUNT, listOf, MOMENT, nullable, NUMBER, TEXT, viewOf } from './view';

const LANE = viewOf<LaneView>({
  lane: about('Named after its provider.', TEXT),
  cap: COUNT,
  in_flight: COUNT,
  waiting: COUNT,
  scheduled: COUNT,
  oldest_waiting_s: about('How long the oldest job that could run has waited.', nullable(NUMBER)),
  cooling_until: about('Until when nothing of the provider is called.', nullable(MOMENT)),
  words: about('The same for people.', TEXT),
});

export const STATUS: JsonSchema = viewOf<StatusAnswer>(
  {
    object: always('status'),
    summary: about('One sentence.', TEXT),
    version: TEXT,
    uptime_s: about('Of the process that answers.', COUNT),
    stores: viewOf<StatusAnswer['stores']>({
      database: always('ok'),
      queue: about('Which queue there is, and whether it answers.', TEXT),
    }),
    total: viewOf<StatusAnswer['total']>({ cap: COUNT, in_flight: COUNT, waiting: COUNT, scheduled: COUNT }),
    lanes: listOf(LANE),
  },
  { description: 'How the whole is, over all processes.' },
);

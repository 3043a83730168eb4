import { JsonSchema } from '@longhaul/contract';
import { EventList, JobPage } from '@longhaul/jobs';
import { about, always, listOf, nullable, ref, TEXT, viewOf, YES_NO } from './view';

export const JOB_PAGE: JsonSchema = viewOf<JobPage>(
  {
    object: always('list'),
    data: listOf(ref('Job')),
    first_id: about('Send it as `before` for the page before this one.', nullable(TEXT)),
    last_id: about('Send it as `after` for the next page.', nullable(TEXT)),
    has_more: about('Whether another page follows in the direction that was asked for.', YES_NO),
  },
  { description: 'One page of jobs.' },
);

export const EVENT_LIST: JsonSchema = viewOf<EventList>(
  { object: always('list'), data: listOf(ref('JobEvent')), has_more: YES_NO },
  { description: 'One page of the log of a job, oldest first.' },
);

/** All there are, on one page. */
export const wholeListOf = (name: string): JsonSchema =>
  viewOf<{ readonly object: 'list'; readonly data: readonly unknown[] }>({
    object: always('list'),
    data: listOf(ref(name)),
  });

import { JOB_STATUSES, JsonSchema } from '@longhaul/contract';
import { Completion } from '../../chat/completion';
import { STATE, TOOL_CALLS } from './output.schema';
import { about, always, COST, COUNT, MOMENT, nullable, oneOf, TEXT, viewOf } from './view';

type Choice = Completion['choices'][0];
type Usage = NonNullable<Completion['usage']>;

const NOTHING: JsonSchema = { type: 'null' };

const CHOICE = viewOf<Choice>({
  index: { type: 'integer', const: 0 },
  message: viewOf<Choice['message']>(
    {
      role: always('assistant'),
      content: about('Null when the answer is nothing but tool calls.', nullable(TEXT)),
      refusal: NOTHING,
      tool_calls: TOOL_CALLS,
      reasoning_content: about('What the model thought, where the provider shows it.', TEXT),
      state: STATE,
    },
    { optional: ['tool_calls', 'reasoning_content', 'state'] },
  ),
  finish_reason: oneOf(['stop', 'length', 'content_filter', 'tool_calls']),
  logprobs: NOTHING,
});

const USAGE = viewOf<Usage>({
  prompt_tokens: COUNT,
  completion_tokens: COUNT,
  total_tokens: COUNT,
  prompt_tokens_details: viewOf<Usage['prompt_tokens_details']>({ cached_tokens: COUNT }),
  completion_tokens_details: viewOf<Usage['completion_tokens_details']>({ reasoning_tokens: COUNT }),
});

export const CHAT_COMPLETION: JsonSchema = viewOf<Completion>(
  {
    id: TEXT,
    object: always('chat.completion'),
    created: MOMENT,
    model: about('What answered: `<provider>/<model>`.', TEXT),
    choices: { type: 'array', items: CHOICE, minItems: 1, maxItems: 1 },
    usage: about('Null when the provider told none.', nullable(USAGE)),
    job: about(
      'The job behind the answer.',
      viewOf<Completion['job']>({
        id: TEXT,
        url: TEXT,
        status: oneOf(JOB_STATUSES),
        cost_usd: about('Null = unpriced, never free.', COST),
        attempts: viewOf<Completion['job']['attempts']>({ count: COUNT, max: COUNT }),
      }),
    ),
  },
  { description: 'An ended chat as OpenAI’s clients read one.' },
);

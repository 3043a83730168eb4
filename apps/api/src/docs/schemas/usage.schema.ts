import { JsonSchema, UsageView } from '@longhaul/contract';
import { about, COUNT, viewOf } from './view';

export const USAGE: JsonSchema = viewOf<UsageView>(
  {
    input_tokens: about('Fresh, cached and newly cached input together.', COUNT),
    input_tokens_details: viewOf<UsageView['input_tokens_details']>({
      cached_tokens: about('Of these, read from a cache of the provider.', COUNT),
    }),
    output_tokens: about('Reasoning included.', COUNT),
    output_tokens_details: viewOf<UsageView['output_tokens_details']>({
      reasoning_tokens: about('Of these, not shown.', COUNT),
    }),
    total_tokens: COUNT,
  },
  { description: 'Tokens as the providers counted them, over all calls of the job.' },
);

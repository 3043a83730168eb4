import { FinishReason, JsonSchema, ProviderState } from '@longhaul/contract';
import {
  AuditOutput,
  ChatOutput,
  Finding,
  MessageOutput,
  SEVERITIES,
  ToolCallOutput,
  Withheld,
  WITHHELD_REASONS,
} from '@longhaul/jobs';
import { about, always, COUNT, listOf, nullable, oneOf, ref, TEXT, viewOf, wordsOf, YES_NO } from './view';

const FINISH_REASON: JsonSchema = wordsOf<FinishReason>({
  stop: true,
  length: true,
  content_filter: true,
  tool_calls: true,
  unknown: true,
});

const LINE = { type: 'integer', minimum: 1 };

const TOOL_CALL = viewOf<ToolCallOutput>({
  id: about('What the tool message that answers it names in `tool_call_id`.', TEXT),
  type: always('function'),
  function: viewOf<ToolCallOutput['function']>({
    name: TEXT,
    arguments: about('JSON text as the model wrote it; models make mistakes.', TEXT),
  }),
});

export const TOOL_CALLS: JsonSchema = about('What the model asks to have done.', {
  type: 'array',
  items: TOOL_CALL,
  minItems: 1,
});

export const STATE: JsonSchema = about(
  'What this provider wants back with the message when the conversation goes on. Opaque.',
  viewOf<ProviderState>({ provider: TEXT, data: { type: 'object' } }),
);

const MESSAGE = viewOf<MessageOutput>(
  {
    role: always('assistant'),
    content: about('Null when the answer is nothing but tool calls.', nullable(TEXT)),
    tool_calls: TOOL_CALLS,
    state: STATE,
  },
  { optional: ['tool_calls', 'state'] },
);

const CHAT_OUTPUT = viewOf<ChatOutput>(
  {
    text: about('The answer as flat text; empty when it is nothing but tool calls.', TEXT),
    message: about('Goes back into `messages` as it is.', MESSAGE),
    tool_calls: about('Those of the message.', TOOL_CALLS),
    finish_reason: about('Why the model stopped.', FINISH_REASON),
    reasoning: about('What the model thought, where the provider shows it.', TEXT),
  },
  { optional: ['tool_calls', 'reasoning'], description: 'Output of a chat.' },
);

const FINDING = viewOf<Finding>({
  id: TEXT,
  title: TEXT,
  severity: oneOf(SEVERITIES),
  file: TEXT,
  start_line: LINE,
  end_line: LINE,
  quote: about('The lines of the file itself, never the model’s text.', TEXT),
  explanation: TEXT,
  grounding: about(
    'Whether the quote stands there to the letter, or but for its blanks.',
    oneOf(['exact', 'normalised']),
  ),
  claimed_line: about('Where the model said it stands.', nullable(LINE)),
});

const WITHHELD = viewOf<Withheld>(
  {
    reason: oneOf(WITHHELD_REASONS),
    detail: TEXT,
    title: TEXT,
    file: TEXT,
    claimed_line: nullable(LINE),
    quote: about('The model’s own text, cut short.', TEXT),
  },
  { optional: ['quote'] },
);

const AUDIT_OUTPUT = viewOf<AuditOutput>(
  {
    findings: about('Each with a quote that was looked up in the files. Worst first.', listOf(FINDING)),
    withheld: about('What the model claimed and the files do not bear out.', listOf(WITHHELD)),
    note: nullable(TEXT),
    coverage: viewOf<AuditOutput['coverage']>({
      files: COUNT,
      lines: COUNT,
      complete: about('False when part of the answer was cut off or could not be read.', YES_NO),
    }),
    quality: viewOf<AuditOutput['quality']>({
      claimed: about('The sum of the other three.', COUNT),
      grounded: COUNT,
      withheld: COUNT,
      unreadable: COUNT,
    }),
  },
  { description: 'Output of an audit.' },
);

/** By job type; the document is not made while one has none. */
export const OUTPUTS: Readonly<Record<string, { readonly name: string; readonly schema: JsonSchema }>> = {
  chat: { name: 'ChatOutput', schema: CHAT_OUTPUT },
  audit: { name: 'AuditOutput', schema: AUDIT_OUTPUT },
};

const NAMED = Object.values(OUTPUTS).map(({ name }) => ref(name));

export const SOME_OUTPUT: JsonSchema = { anyOf: NAMED };

export const ANY_OUTPUT: JsonSchema = { anyOf: [...NAMED, { type: 'null' }] };

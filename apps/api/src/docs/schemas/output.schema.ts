import { FinishReason, JsonSchema } from '@longhaul/contract';
import { AuditOutput, ChatOutput, Finding, SEVERITIES, Withheld, WITHHELD_REASONS } from '@longhaul/jobs';
import { about, always, COUNT, listOf, nullable, oneOf, ref, TEXT, viewOf, wordsOf, YES_NO } from './view';

const FINISH_REASON: JsonSchema = wordsOf<FinishReason>({
  stop: true,
  length: true,
  content_filter: true,
  tool_calls: true,
  unknown: true,
});

const LINE = { type: 'integer', minimum: 1 };

const CHAT_OUTPUT = viewOf<ChatOutput>(
  {
    text: about('The answer as flat text.', TEXT),
    message: viewOf<ChatOutput['message']>({ role: always('assistant'), content: TEXT }),
    finish_reason: about('Why the model stopped.', FINISH_REASON),
    reasoning: about('What the model thought, where the provider shows it.', TEXT),
  },
  { optional: ['reasoning'], description: 'Output of a chat.' },
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

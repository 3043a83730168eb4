import { SandboxModel } from './model';

/**
 * Says the last message again, exactly: the user's, or the result of a tool. What a request leaves no choice about it
 * does: it calls the tool that `tool_choice` demands, and keeps to a `json_schema`. It looks at no image.
 */
export const echo: SandboxModel = {
  id: 'echo',
  description:
    'Repeats the last message, and calls a tool when it has to. Part of the Longhaul sandbox; no language model.',
  answer: ({ lastUserText, toolResult, demandedCall, demandedJson }) =>
    demandedCall ?? demandedJson ?? toolResult ?? lastUserText,
};

import { SandboxModel } from './model';

/** Says the last user message again, exactly. */
export const echo: SandboxModel = {
  id: 'echo',
  description: 'Repeats the last user message. Part of the Longhaul sandbox; no language model.',
  answer: ({ lastUserText }) => lastUserText,
};

import { readFencedFiles } from '../review/fenced-source';
import { reviewFiles } from '../review/review';
import { charactersOf } from '../wire';
import { SandboxModel } from './model';

/** Reads the source files in the prompt and answers with a review as one JSON object. */
export const reviewer: SandboxModel = {
  id: 'reviewer',
  description:
    'Finds a few patterns in the source files of the prompt. Part of the Longhaul sandbox; no language model.',
  answer: ({ lastUserText, maxTokens }) =>
    JSON.stringify(
      reviewFiles(readFencedFiles(lastUserText), maxTokens === null ? Infinity : charactersOf(maxTokens)),
    ),
};

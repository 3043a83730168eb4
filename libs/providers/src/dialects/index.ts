import { Dialect } from '../provider';
import { openAiCompatibleDialect } from './openai-compatible.dialect';

/** Every wire protocol. Adding one is one file and one line here. */
export const DIALECTS: readonly Dialect[] = [openAiCompatibleDialect];

export const DIALECT_NAMES: readonly string[] = DIALECTS.map(({ name }) => name);

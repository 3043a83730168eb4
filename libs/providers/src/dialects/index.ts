import { ProviderSettings, SettingsError } from '@longhaul/settings';
import { Dialect } from '../provider';
import { anthropicDialect } from './anthropic.dialect';
import { geminiDialect } from './gemini.dialect';
import { ollamaDialect } from './ollama.dialect';
import { openAiCompatibleDialect } from './openai-compatible.dialect';

/** Every wire protocol. Adding one is one file and one line here. */
export const DIALECTS: readonly Dialect[] = [
  openAiCompatibleDialect,
  anthropicDialect,
  geminiDialect,
  ollamaDialect,
];

export const DIALECT_NAMES: readonly string[] = DIALECTS.map(({ name }) => name);

/** @throws SettingsError for a dialect that nobody speaks */
export function dialectOf(
  { name: provider, dialect: wanted }: Pick<ProviderSettings, 'name' | 'dialect'>,
  dialects = DIALECTS,
): Dialect {
  const dialect = dialects.find(({ name }) => name === wanted);
  if (dialect !== undefined) return dialect;
  throw new SettingsError(
    `The provider ${provider} names the dialect ${wanted}, which is not there`,
    `Known are ${dialects.map(({ name }) => name).join(', ')}`,
    { file: 'providers.toml' },
  );
}

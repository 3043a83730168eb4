/** Where a vendor tells of its keys, its errors and its limits, by the name of the provider. */
export const DOCS_LINKS: Readonly<Record<string, string>> = {
  moonshot: 'https://platform.moonshot.ai/docs',
  kimi: 'https://www.kimi.com/code/docs',
  glm: 'https://docs.z.ai/api-reference/api-code',
  openai: 'https://platform.openai.com/docs/guides/error-codes',
  anthropic: 'https://docs.anthropic.com/en/api/errors',
  gemini: 'https://ai.google.dev/gemini-api/docs/troubleshooting',
  openrouter: 'https://openrouter.ai/docs/api-reference/errors',
  ollama: 'https://docs.ollama.com/troubleshooting',
  ollama_cloud: 'https://docs.ollama.com/cloud',
};

export const docsOf = (provider: string): string | null =>
  Object.hasOwn(DOCS_LINKS, provider) ? (DOCS_LINKS[provider] ?? null) : null;

/** As the last sentence of a message; empty where no page is known. */
export function seeDocsOf(...providers: readonly string[]): string {
  const links = new Set(providers.map(docsOf).filter((link) => link !== null));
  return links.size === 0 ? '' : ` See ${[...links].join(', ')}.`;
}

import { ChatRequest, ModelTraits } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';

/** How the independent implementation serves one protocol, and what of it this implementation cannot. */
export interface Served {
  /** The base URL, after its origin. */
  readonly base: string;
  /** What the call itself must arrive at. */
  readonly path: string;
  readonly auth: ProviderSettings['auth'];
  /** Besides the key, which it hides in its journal. */
  readonly headers: Readonly<Record<string, string>>;
  readonly provider: string;
  readonly model: string;
  /** A model that thinks, and how it is told to. */
  readonly thinker: string;
  readonly thinking: Partial<ChatRequest>;
  /** False: it sends thoughts in a member that the protocol does not have. */
  readonly reasoning: boolean;
  /** False: it does not know the member in which our side sends the schema of a tool. */
  readonly readsSchema?: false;
  /** It looks at the format that was asked for. */
  readonly readsFormat: boolean;
  /** Null = it sends counts that cannot be, and such a call is unpriced. */
  readonly usage: { readonly freshInput: number; readonly output: number } | null;
}

const TOLD = { freshInput: 12, output: 34 };

/** A model whose loops of tools are refused when a thought does not come back. */
const BUDGET: ModelTraits = {
  capabilities: ['tools', 'streaming', 'reasoning'],
  toolChoices: null,
  temperature: { kind: 'any' },
  reasoningControl: 'budget',
  reasoningEfforts: ['none', 'low', 'high'],
  contextWindow: null,
  maxOutputTokens: 64_000,
};

export const SERVED: Readonly<Record<string, Served>> = {
  openai_compatible: {
    ...{ base: '/v1', path: '/v1/chat/completions', auth: 'bearer', headers: {} },
    ...{ provider: 'openai', model: 'gpt-4o-mini', thinker: 'o4-mini', thinking: {} },
    ...{ reasoning: true, readsFormat: true, usage: TOLD },
  },
  anthropic: {
    ...{ base: '/v1', path: '/v1/messages', auth: 'x_api_key' },
    headers: { 'anthropic-version': '2023-06-01' },
    ...{ provider: 'anthropic', model: 'claude-haiku-4-5', thinker: 'claude-haiku-4-5' },
    thinking: { reasoningEffort: 'low', traits: BUDGET },
    ...{ reasoning: true, readsFormat: false, usage: TOLD },
  },
  gemini: {
    ...{ base: '/v1beta', auth: 'x_goog_api_key', headers: {} },
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    ...{ provider: 'gemini', model: 'gemini-2.5-flash', thinker: 'gemini-2.5-flash', thinking: {} },
    ...{ readsSchema: false, reasoning: true, readsFormat: false, usage: TOLD },
  },
  // It counts 0 tokens of every prompt, and writes thoughts as reasoning_content, which Ollama does not.
  ollama: {
    ...{ base: '', path: '/api/chat', auth: 'bearer', headers: {} },
    ...{ provider: 'ollama_cloud', model: 'llama3.2', thinker: 'qwen3.5', thinking: {} },
    ...{ reasoning: false, readsFormat: false, usage: null },
  },
};

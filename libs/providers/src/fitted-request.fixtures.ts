import { ChatMessage, ChatRequest, ModelTraits, TOOL_CHOICES } from '@longhaul/contract';
import { Fitted, fitted, Means } from './fitted-request';

const MEANS_OF_ALL: Means = {
  toolChoices: TOOL_CHOICES,
  temperature: { kind: 'any' },
  jsonObject: true,
  jsonSchema: true,
  reasoningEfforts: ['low', 'medium', 'high'],
};

/** What the catalogue knows of a model of which it knows nothing, but for the changes. */
export const traits = (changes: Partial<ModelTraits> = {}): ModelTraits => ({
  capabilities: [],
  toolChoices: null,
  temperature: { kind: 'any' },
  reasoningControl: null,
  reasoningEfforts: null,
  contextWindow: null,
  maxOutputTokens: null,
  ...changes,
});

export const HELLO: ChatMessage = { role: 'user', content: 'Hello' };
export const REQUEST: ChatRequest = { model: 'm', messages: [HELLO] };

/** A request by a protocol that can say everything, but for the changes. */
export const fit = (changes: Partial<ChatRequest>, means: Partial<Means> = {}): Fitted =>
  fitted({ ...REQUEST, ...changes }, { ...MEANS_OF_ALL, ...means });

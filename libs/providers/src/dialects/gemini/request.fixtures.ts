import { ChatMessage, ChatRequest, ModelTraits } from '@longhaul/contract';
import { WireRequest } from '../../wire';
import { requestOf } from './request';

export const HI: ChatMessage = { role: 'user', content: 'Hi' };
export const TOOL = {
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object', properties: { at: { type: 'string' } } },
};
export const CALL = { id: 'call_1', name: 'look', arguments: '{"at":"sky"}' };
/** One of each generation. */
export const NEW = 'gemini-3.8-flash';
export const OLD = 'gemini-2.5-flash';

export const traits = (changes: Partial<ModelTraits> = {}): ModelTraits => ({
  capabilities: ['tools', 'vision', 'json_mode', 'json_schema', 'streaming', 'reasoning'],
  toolChoices: null,
  temperature: { kind: 'any' },
  reasoningControl: null,
  reasoningEfforts: null,
  contextWindow: null,
  maxOutputTokens: null,
  ...changes,
});

export const sent = (changes: Partial<ChatRequest> = {}): WireRequest =>
  requestOf({ model: NEW, messages: [HI], ...changes });

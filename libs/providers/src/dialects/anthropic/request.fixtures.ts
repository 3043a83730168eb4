import { ChatRequest, ModelTraits } from '@longhaul/contract';
import { WireRequest } from '../../wire';
import { wireRequest } from './request';

export const HI = { role: 'user', content: 'Hi' } as const;
export const TOOL = {
  name: 'look',
  description: 'Looks.',
  parameters: { properties: { at: { type: 'string' } } },
};
export const CALL = { id: 'toolu_1', name: 'look', arguments: '{"at":"sky"}' };

export const traits = (changes: Partial<ModelTraits> = {}): ModelTraits => ({
  capabilities: ['tools', 'vision', 'json_schema', 'streaming', 'reasoning'],
  toolChoices: null,
  temperature: { kind: 'any' },
  reasoningControl: null,
  reasoningEfforts: null,
  contextWindow: null,
  maxOutputTokens: null,
  ...changes,
});

export const sent = (changes: Partial<ChatRequest> = {}): WireRequest =>
  wireRequest({ model: 'm', messages: [HI], ...changes });

import { ChatRequest, Tool, ToolChoice } from '@longhaul/contract';
import { fitted, Means } from '../../fitted-request';
import { JsonObject } from '../../json';
import { WireRequest } from '../../wire';
import { conversationOf, Turn } from './conversation';
import { Thinking, thinkingOf } from './thinking';

export const VERSION_HEADER = { 'anthropic-version': '2023-06-01' };

/** What the protocol has words for; the catalogue knows what each model refuses of it. */
const MEANS: Means = {
  toolChoices: ['auto', 'none', 'required', 'named'],
  temperature: { kind: 'range', min: 0, max: 1 },
  jsonObject: false,
  jsonSchema: true,
  reasoningEfforts: ['none', 'low', 'medium', 'high', 'max'],
};
/** The protocol demands a limit. Every model that is still served gives so much. */
const MAX_TOKENS_OF_THE_UNKNOWN = 8_192;

/**
 * POST /messages. No cache_control: writing a cache costs a quarter more and pays only when the same beginning comes
 * again within minutes, which a job does not promise.
 */
export function wireRequest(asked: ChatRequest): WireRequest {
  const { request, adjustments } = fitted(asked, MEANS);
  const { model, tools = [], toolChoice, traits } = request;
  const maxTokens = request.maxOutputTokens ?? traits?.maxOutputTokens ?? MAX_TOKENS_OF_THE_UNKNOWN;
  const { system, turns: spoken, notes } = conversationOf(request);
  const thinking = thinkingOf(request, maxTokens);
  const [turns, endNotes] = withOpenEnd(spoken, request, thinking);
  const [sampling, samplingNotes] = samplingOf(request, thinking);
  const [stop, stopNotes] = stopOf(request);
  return {
    path: '/messages',
    headers: VERSION_HEADER,
    body: {
      model,
      max_tokens: maxTokens,
      ...(system === '' ? {} : { system }),
      messages: turns,
      stream: true,
      ...(tools.length === 0 ? {} : { tools: tools.map(toolOf) }),
      ...(toolChoice === undefined ? {} : { tool_choice: choiceOf(toolChoice) }),
      ...(thinking.thinking === undefined ? {} : { thinking: thinking.thinking }),
      ...outputConfigOf(request, thinking),
      ...sampling,
      ...stop,
    },
    adjustments: [...adjustments, ...notes, ...endNotes, ...thinking.notes, ...samplingNotes, ...stopNotes],
  };
}

const GO_ON = 'Go on from the very end of your answer so far. Repeat none of it.';

/** A model that is told to think by effort, and any that thinks, refuses an answer that has begun: it must be asked. */
function withOpenEnd(
  turns: readonly Turn[],
  { traits }: ChatRequest,
  { isOn }: Thinking,
): readonly [turns: readonly Turn[], notes: readonly string[]] {
  const last = turns.at(-1);
  const isBegun = last?.role === 'assistant' && last.content.at(-1)?.['type'] === 'text';
  if (!isBegun || !(isOn || traits?.reasoningControl === 'effort')) return [turns, []];
  return [
    [...turns, { role: 'user', content: [{ type: 'text', text: GO_ON }] }],
    ['The answer that had begun was followed by a request to go on: this model takes none at the end.'],
  ];
}

const toolOf = ({ name, description, parameters, strict }: Tool): JsonObject => ({
  name,
  ...(description === undefined ? {} : { description }),
  input_schema: { type: 'object', ...parameters },
  ...(strict === true ? { strict } : {}),
});

function choiceOf(choice: ToolChoice): JsonObject {
  switch (choice.kind) {
    case 'auto':
    case 'none':
      return { type: choice.kind };
    case 'required':
      return { type: 'any' };
    case 'named':
      return { type: 'tool', name: choice.name };
    default:
      return choice satisfies never;
  }
}

function outputConfigOf({ responseFormat }: ChatRequest, { effort }: Thinking): JsonObject {
  const config = {
    ...(effort === undefined ? {} : { effort }),
    ...(responseFormat?.kind === 'json_schema'
      ? { format: { type: 'json_schema', schema: responseFormat.schema } }
      : {}),
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

type Change = readonly [members: JsonObject, notes: readonly string[]];

/** A model that thinks refuses both, and none takes the two together. */
function samplingOf({ temperature, topP }: ChatRequest, { isOn }: Thinking): Change {
  const stated = Object.entries({ temperature, top_p: topP }).filter(([, value]) => value !== undefined);
  const [kept, left] = isOn ? [[], stated] : [stated.slice(0, 1), stated.slice(1)];
  const reason = isOn
    ? 'this model thinks, and then sets it itself'
    : 'this model takes it or the temperature, not both';
  return [
    Object.fromEntries(kept),
    left.map(([name, value]) => `${name} ${String(value)} was left out: ${reason}.`),
  ];
}

function stopOf({ stop = [] }: ChatRequest): Change {
  const worded = stop.filter((sequence) => sequence.trim() !== '');
  const isLess = worded.length < stop.length;
  return [
    worded.length === 0 ? {} : { stop_sequences: worded },
    isLess ? ['A stop sequence of white space was left out: this protocol does not take it.'] : [],
  ];
}

import { ChatRequest, ResponseFormat, Tool, ToolChoice } from '@longhaul/contract';
import { Fitted, fitted, Means } from '../../fitted-request';
import { JsonObject } from '../../json';
import { WireRequest } from '../../wire';
import { messageOf } from './messages';
import { Quirks } from './quirks';

/** Every compatible server has words for both forms, so the catalogue may say that a model takes them. */
function meansFor({ traits }: ChatRequest, { means }: Quirks): Means {
  const lists = (capability: 'json_mode' | 'json_schema'): boolean =>
    traits?.capabilities.includes(capability) ?? false;
  return {
    ...means,
    jsonObject: means.jsonObject || lists('json_mode'),
    jsonSchema: means.jsonSchema || lists('json_schema'),
  };
}

const speaksOfJson = ({ messages }: ChatRequest): boolean =>
  messages.some(({ content }) =>
    typeof content === 'string'
      ? /json/i.test(content)
      : content.some((part) => part.type === 'text' && /json/i.test(part.text)),
  );

/** Providers refuse json_object with 400 unless a message speaks of JSON. */
function withJsonWord({ request, adjustments }: Fitted): Fitted {
  if (request.responseFormat?.kind !== 'json_object' || speaksOfJson(request))
    return { request, adjustments };
  const note = 'response_format json_object was left out: it is refused unless a message speaks of JSON.';
  return { request: { ...request, responseFormat: undefined }, adjustments: [...adjustments, note] };
}

function temperatureOf({ temperature }: ChatRequest, { zeroIsNoSampling }: Quirks): JsonObject {
  if (temperature === undefined) return {};
  return zeroIsNoSampling && temperature === 0 ? { do_sample: false } : { temperature };
}

const isSwitch = ({ traits }: ChatRequest, { means }: Quirks): boolean =>
  (traits?.reasoningControl ?? means.reasoningControl) === 'switch';

function thinkingOf(request: ChatRequest, quirks: Quirks): JsonObject {
  const { reasoningEffort: effort } = request;
  if (effort === undefined) return {};
  const isOff = effort === 'none';
  if (quirks.thinking === 'nested')
    return { reasoning: isSwitch(request, quirks) ? { enabled: !isOff } : { effort } };
  if (isSwitch(request, quirks) || (isOff && quirks.thinking === 'switch'))
    return { thinking: { type: isOff ? 'disabled' : 'enabled' } };
  return { reasoning_effort: effort };
}

const toolOf = ({ name, description, parameters, strict }: Tool, quirks: Quirks): JsonObject => ({
  type: 'function',
  function: {
    name,
    ...(description === undefined ? {} : { description }),
    parameters,
    ...(strict !== undefined && quirks.strict ? { strict } : {}),
  },
});

const choiceOf = (choice: ToolChoice): unknown =>
  choice.kind === 'named' ? { type: 'function', function: { name: choice.name } } : choice.kind;

const formatOf = (format: ResponseFormat, quirks: Quirks): JsonObject => {
  if (format.kind === 'json_object') return { type: 'json_object' };
  const { name, schema, strict } = format;
  return {
    type: 'json_schema',
    json_schema: { name, schema, ...(strict !== undefined && quirks.strict ? { strict } : {}) },
  };
};

/** What this wire says otherwise than it was asked for, beyond what was fitted. */
function ownNotes({ tools = [], responseFormat, temperature }: ChatRequest, quirks: Quirks): string[] {
  const isStrict =
    tools.some(({ strict }) => strict === true) ||
    (responseFormat?.kind === 'json_schema' && responseFormat.strict === true);
  return [
    ...(temperature === 0 && quirks.zeroIsNoSampling ? ['temperature 0 was sent as do_sample=false.'] : []),
    ...(isStrict && !quirks.strict ? ['strict was left out: this provider does not take it.'] : []),
  ];
}

function bodyOf(request: ChatRequest, quirks: Quirks): JsonObject {
  const { model, messages, maxOutputTokens, topP, stop, tools, toolChoice, responseFormat } = request;
  const keepsThinking = request.reasoningEffort !== 'none';
  return {
    model,
    messages: messages.map((message) => messageOf(message, quirks, keepsThinking)),
    stream: true,
    stream_options: { include_usage: true },
    ...(maxOutputTokens === undefined ? {} : { [quirks.outputLimit]: maxOutputTokens }),
    ...temperatureOf(request, quirks),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
    ...(tools === undefined ? {} : { tools: tools.map((tool) => toolOf(tool, quirks)) }),
    ...(toolChoice === undefined ? {} : { tool_choice: choiceOf(toolChoice) }),
    ...(responseFormat === undefined ? {} : { response_format: formatOf(responseFormat, quirks) }),
    ...thinkingOf(request, quirks),
    ...quirks.always,
  };
}

/** POST /chat/completions. @throws GatewayError rejected_request for an image that this provider cannot be given */
export function wireRequest(asked: ChatRequest, quirks: Quirks): WireRequest {
  const { request, adjustments } = withJsonWord(fitted(asked, meansFor(asked, quirks)));
  return {
    path: '/chat/completions',
    body: bodyOf(request, quirks),
    adjustments: [...adjustments, ...ownNotes(request, quirks)],
  };
}

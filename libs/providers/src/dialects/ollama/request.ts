import { ChatRequest, ReasoningControl, ReasoningEffort, ResponseFormat, Tool } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { fitted, Means } from '../../fitted-request';
import { JsonObject } from '../../json';
import { WireRequest } from '../../wire';
import { wireMessages } from './messages';
import { windowOf } from './window';

const LEVELS: readonly ReasoningEffort[] = ['low', 'medium', 'high'];
/** They take a level where all others take true or false, and cannot be told not to think. */
const GPT_OSS = /(^|\/)gpt-oss\b/;

/** Null = it is not known whether the model thinks at all. */
function controlOf({ model, traits }: ChatRequest): ReasoningControl | null {
  const stated = traits?.reasoningControl ?? null;
  if (stated !== null) return stated;
  if (GPT_OSS.test(model)) return 'effort';
  return traits?.capabilities.includes('reasoning') === true ? 'switch' : null;
}

const meansFor = (request: ChatRequest, control: ReasoningControl | null): Means => ({
  toolChoices: [],
  temperature: { kind: 'any' },
  jsonObject: true,
  jsonSchema: true,
  reasoningEfforts: GPT_OSS.test(request.model) ? LEVELS : ['none', ...LEVELS],
  reasoningControl: control ?? 'switch',
});

/** POST /api/chat. https://docs.ollama.com/api/chat */
export function wireRequest(settings: ProviderSettings, asked: ChatRequest): WireRequest {
  const control = controlOf(asked);
  const { request: known, notes } = withoutUnknownEffort(asked, control);
  const { request, adjustments } = fitted(known, meansFor(known, control));
  const tools = request.tools ?? [];
  const strictNote = tools.some(({ strict }) => strict === true)
    ? ['strict was left out of the tools: Ollama does not know it.']
    : [];
  const body: JsonObject = {
    model: request.model,
    messages: wireMessages(request.messages),
    stream: true,
    // Servers that know these refuse a prompt that is too long instead of cutting it.
    truncate: false,
    shift: false,
    options: optionsOf(request, windowOf(settings, asked)),
    ...(tools.length === 0 ? {} : { tools: tools.map(wireTool) }),
    ...(request.responseFormat === undefined ? {} : { format: formatOf(request.responseFormat) }),
    ...(request.reasoningEffort === undefined ? {} : { think: thinkOf(request.reasoningEffort, control) }),
    ...(settings.keepAliveS === null ? {} : { keep_alive: settings.keepAliveS }),
  };
  return { path: '/api/chat', body, adjustments: [...notes, ...adjustments, ...strictNote] };
}

/** A model that cannot think refuses to be asked for it, and one that can does so unasked. */
function withoutUnknownEffort(
  request: ChatRequest,
  control: ReasoningControl | null,
): { readonly request: ChatRequest; readonly notes: readonly string[] } {
  const { reasoningEffort, ...rest } = request;
  const lists = (request.traits?.capabilities.length ?? 0) > 0;
  if (reasoningEffort === undefined || reasoningEffort === 'none' || control !== null || lists)
    return { request, notes: [] };
  const note = `reasoning_effort ${reasoningEffort} was left out: it is not known whether this model can think; one that can does.`;
  return { request: rest, notes: [note] };
}

const thinkOf = (effort: ReasoningEffort, control: ReasoningControl | null): boolean | string =>
  control === 'effort' && effort !== 'none' ? effort : effort !== 'none';

function optionsOf(request: ChatRequest, window: number | null): JsonObject {
  const { maxOutputTokens, temperature, topP, stop = [] } = request;
  return {
    ...(window === null ? {} : { num_ctx: window }),
    ...(maxOutputTokens === undefined ? {} : { num_predict: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(stop.length === 0 ? {} : { stop }),
  };
}

const formatOf = (format: ResponseFormat): unknown =>
  format.kind === 'json_object' ? 'json' : format.schema;

const wireTool = ({ name, description, parameters }: Tool): JsonObject => ({
  type: 'function',
  function: { name, ...(description === undefined ? {} : { description }), parameters },
});

import { ChatRequest } from '@longhaul/contract';
import { JsonObject } from '../../json';
import { Quirks } from './quirks';

function temperatureOf({ temperature, model }: ChatRequest, quirks: Quirks): JsonObject {
  if (temperature === undefined || quirks.temperature === 'omit') return {};
  if (quirks.fixedTemperature?.test(model)) return {};
  if (quirks.temperature === 'do_sample' && temperature === 0) return { do_sample: false };
  return { temperature };
}

/** Providers refuse json_object with 400 unless a message speaks of JSON. */
const speaksOfJson = ({ messages }: ChatRequest): boolean =>
  messages.some(({ content }) => typeof content === 'string' && /json/i.test(content));

/** The body of POST /chat/completions. */
export function requestBody(request: ChatRequest, quirks: Quirks): JsonObject {
  const { model, messages, maxOutputTokens, responseFormat } = request;
  const wantsJson = responseFormat !== undefined && quirks.jsonObject && speaksOfJson(request);
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    stream: true,
    stream_options: { include_usage: true },
    ...(maxOutputTokens === undefined ? {} : { [quirks.outputLimit]: maxOutputTokens }),
    ...temperatureOf(request, quirks),
    ...(wantsJson ? { response_format: { type: 'json_object' } } : {}),
  };
}

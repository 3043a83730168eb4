import { ChatRequest, Tool, ToolChoice } from '@longhaul/contract';
import { fitted } from '../../fitted-request';
import { JsonObject } from '../../json';
import { WireRequest } from '../../wire';
import { contentsOf } from './contents';
import { isOlder, meansOf } from './model-means';
import { thinkingOf } from './thinking';

const MODES: Readonly<Record<ToolChoice['kind'], string>> = {
  auto: 'AUTO',
  none: 'NONE',
  required: 'ANY',
  named: 'ANY',
};

/** `parameters` would take a part of OpenAPI's schemas alone and refuse the rest. */
const declarationOf = ({ name, description, parameters }: Tool): JsonObject => ({
  name,
  ...(description === undefined ? {} : { description }),
  parametersJsonSchema: parameters,
});

function toolsOf({ tools = [], toolChoice }: ChatRequest): JsonObject {
  if (tools.length === 0) return {};
  return {
    tools: [{ functionDeclarations: tools.map(declarationOf) }],
    ...(toolChoice === undefined
      ? {}
      : {
          toolConfig: {
            functionCallingConfig: {
              mode: MODES[toolChoice.kind],
              ...(toolChoice.kind === 'named' ? { allowedFunctionNames: [toolChoice.name] } : {}),
            },
          },
        }),
  };
}

function formatOf({ responseFormat: format }: ChatRequest): JsonObject {
  if (format === undefined) return {};
  return {
    responseMimeType: 'application/json',
    ...(format.kind === 'json_schema' ? { responseJsonSchema: format.schema } : {}),
  };
}

/** "Function calling with a response mime type: 'application/json' is unsupported", up to Gemini 2.5. */
const isRefusedFormat = (request: ChatRequest): boolean =>
  request.responseFormat !== undefined && (request.tools ?? []).length > 0 && isOlder(request);

function generationConfigOf(request: ChatRequest, thinkingConfig: JsonObject): JsonObject {
  const { maxOutputTokens, temperature, topP, stop = [] } = request;
  const config = {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(stop.length === 0 ? {} : { stopSequences: stop }),
    ...(isRefusedFormat(request) ? {} : formatOf(request)),
    ...(Object.keys(thinkingConfig).length === 0 ? {} : { thinkingConfig }),
  };
  return Object.keys(config).length === 0 ? {} : { generationConfig: config };
}

const notesOf = (request: ChatRequest): readonly string[] => {
  const strict = (request.tools ?? []).filter((tool) => tool.strict === true).length;
  return [
    ...(strict === 0
      ? []
      : [`strict was left out of ${String(strict)} of the tools: Gemini knows no such promise.`]),
    ...(isRefusedFormat(request)
      ? [
          `response_format ${request.responseFormat?.kind ?? ''} was left out: this model takes none beside tools.`,
        ]
      : []),
  ];
};

/** POST models/{model}:streamGenerateContent. Pure. */
export function requestOf(asked: ChatRequest): WireRequest {
  const { request, adjustments } = fitted(asked, meansOf(asked));
  const { contents, systemInstruction, notes } = contentsOf(request);
  const thinking = thinkingOf(request);
  return {
    // Encoded whole: an id can leave neither its segment nor the path. Without alt=sse the stream is one JSON list.
    path: `/models/${encodeURIComponent(request.model)}:streamGenerateContent?alt=sse`,
    body: {
      ...(systemInstruction === undefined ? {} : { systemInstruction }),
      contents,
      ...toolsOf(request),
      ...generationConfigOf(request, thinking.config),
    },
    adjustments: [...adjustments, ...notes, ...thinking.notes, ...notesOf(request)],
  };
}

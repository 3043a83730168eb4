import {
  ChatRequest,
  ReasoningControl,
  ReasoningEffort,
  ResponseFormat,
  TemperatureRule,
  ToolChoiceKind,
} from '@longhaul/contract';
import { fittedMessages } from './fitted-messages';
import { fittedDetail } from './fitted-detail';
import { nearestEffort } from './nearest-effort';

/** What a protocol can say, as its provider speaks it. The traits of the model beat it where they are known. */
export interface Means {
  readonly toolChoices: readonly ToolChoiceKind[];
  readonly temperature: TemperatureRule;
  /** A request may say how closely the model looks at an image. */
  readonly imageDetail?: boolean;
  readonly jsonObject: boolean;
  readonly jsonSchema: boolean;
  /** Null = a model cannot be told here how hard to think. */
  readonly reasoningEfforts: readonly ReasoningEffort[] | null;
  /** How a model is told, where the catalogue does not say it: `switch` = on or off, without degrees. */
  readonly reasoningControl?: ReasoningControl;
  /** Left out = it takes as many and as long ones as it is given. */
  readonly stops?: { readonly most: number; readonly longestBytes?: number };
}

export interface Fitted {
  readonly request: ChatRequest;
  readonly adjustments: readonly string[];
}

type Change = readonly [Partial<{ [Key in keyof ChatRequest]: ChatRequest[Key] | undefined }>, ...string[]];
type Rule = (request: ChatRequest, means: Means) => Change;

const AS_IT_IS: Change = [{}];

const fittingMessages: Rule = ({ messages: asked }) => {
  const { messages, notes } = fittedMessages(asked);
  return [{ messages }, ...notes];
};

const fittingDetail: Rule = ({ messages: asked }, { imageDetail = false }) => {
  if (imageDetail) return AS_IT_IS;
  const { messages, notes } = fittedDetail(asked);
  return [{ messages }, ...notes];
};

/** The same tool twice is a slip that Moonshot and Kimi refuse; two tools of one name are for the upstream to refuse. */
const withoutRepeatedTools: Rule = ({ tools = [] }) => {
  if (tools.length === 0) return [{ tools: undefined }];
  const seen = new Set<string>();
  const kept = tools.filter((tool) => {
    const text = JSON.stringify(tool);
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
  return kept.length === tools.length
    ? AS_IT_IS
    : [{ tools: kept }, 'A tool that stood in the list more than once was sent once.'];
};

/** `auto` is what everybody does without being told, so it needs no word when it cannot be said. */
const fittingToolChoice: Rule = ({ tools = [], toolChoice, traits }, means) => {
  if (toolChoice === undefined) return AS_IT_IS;
  const { kind } = toolChoice;
  const none = { toolChoice: undefined };
  if (tools.length === 0)
    return kind === 'none' || kind === 'auto'
      ? [none]
      : [none, `tool_choice ${kind} was left out: the request has no tools.`];
  if (toolChoice.kind === 'named' && !tools.some(({ name }) => name === toolChoice.name))
    return [none, 'tool_choice named was left out: no tool of the request has that name.'];
  const taken = traits?.toolChoices ?? means.toolChoices;
  if (taken.includes(kind)) return AS_IT_IS;
  if (kind === 'auto') return [none];
  if (kind === 'none')
    return [
      { ...none, tools: undefined },
      'The tools were left out: tool_choice none cannot be said to this model.',
    ];
  return [none, `tool_choice ${kind} was left out: this model does not take it and chooses by itself.`];
};

const fittingTemperature: Rule = ({ temperature, traits }, means) => {
  if (temperature === undefined) return AS_IT_IS;
  const rule = temperatureRuleOf(traits, means);
  const said = `temperature ${String(temperature)}`;
  switch (rule.kind) {
    case 'any':
      return AS_IT_IS;
    case 'omit':
      return [{ temperature: undefined }, `${said} was left out: this model sets it itself.`];
    case 'fixed':
      return temperature === rule.value
        ? AS_IT_IS
        : [{ temperature: undefined }, `${said} was left out: this model takes ${String(rule.value)} alone.`];
    case 'range': {
      const clamped = Math.min(Math.max(temperature, rule.min), rule.max);
      return clamped === temperature
        ? AS_IT_IS
        : [{ temperature: clamped }, `${said} was sent as ${String(clamped)}, the nearest this model takes.`];
    }
    default:
      return rule satisfies never;
  }
};

/** A row of the catalogue that says nothing of it leaves the protocol's rule in force. */
const temperatureRuleOf = (traits: ChatRequest['traits'], means: Means): TemperatureRule =>
  traits === undefined || traits === null || traits.temperature.kind === 'any'
    ? means.temperature
    : traits.temperature;

/** Who sets the temperature itself sets top_p too: OpenAI, Anthropic and Moonshot refuse both on the same models. */
const fittingTopP: Rule = ({ topP, traits }, means) => {
  const { kind } = temperatureRuleOf(traits, means);
  return topP === undefined || kind === 'any' || kind === 'range'
    ? AS_IT_IS
    : [{ topP: undefined }, `top_p ${String(topP)} was left out: this model sets it itself.`];
};

const fittingStops: Rule = ({ stop = [] }, { stops }) => {
  if (stops === undefined) return AS_IT_IS;
  const { most, longestBytes = Infinity } = stops;
  const kept = stop.filter((text) => Buffer.byteLength(text) <= longestBytes).slice(0, most);
  if (kept.length === stop.length) return AS_IT_IS;
  const limit = `at most ${String(most)}${longestBytes === Infinity ? '' : `, of ${String(longestBytes)} bytes`}`;
  return [
    { stop: kept.length === 0 ? undefined : kept },
    `${String(stop.length - kept.length)} of ${String(stop.length)} stop sequences were left out: this model takes ${limit}.`,
  ];
};

const fittingEffort: Rule = ({ reasoningEffort: wanted, traits }, means) => {
  if (wanted === undefined) return AS_IT_IS;
  const unsaid = { reasoningEffort: undefined };
  const thinksNever = isWithout(traits, 'reasoning');
  if (wanted === 'none' && thinksNever) return [unsaid];
  const control = traits?.reasoningControl ?? means.reasoningControl;
  const efforts = traits?.reasoningEfforts ?? means.reasoningEfforts;
  const isTold = control !== 'fixed' && !thinksNever;
  if (isTold && control === 'switch' && (traits?.reasoningEfforts ?? null) === null)
    return wanted === 'none'
      ? AS_IT_IS
      : [{}, `reasoning_effort ${wanted} only switches thinking on: this model knows no degrees of it.`];
  const taken = isTold ? (efforts ?? []) : [];
  if (taken.includes(wanted)) return AS_IT_IS;
  const nearest = nearestEffort(wanted, taken);
  return nearest === undefined
    ? [unsaid, `reasoning_effort ${wanted} was left out: this model cannot be told how hard to think.`]
    : [
        { reasoningEffort: nearest },
        `reasoning_effort ${wanted} was sent as ${nearest}, the nearest this model takes.`,
      ];
};

/** The catalogue lists what a model can do, and this is not among it. An empty list is a model that it does not know. */
const isWithout = (
  traits: ChatRequest['traits'],
  capability: 'reasoning' | 'json_mode' | 'json_schema',
): boolean =>
  traits !== undefined &&
  traits !== null &&
  traits.capabilities.length > 0 &&
  !traits.capabilities.includes(capability);

const fittingFormat: Rule = ({ responseFormat: wanted, traits }, means) => {
  if (wanted === undefined) return AS_IT_IS;
  const takesObject = means.jsonObject && !isWithout(traits, 'json_mode');
  const takesSchema = means.jsonSchema && !isWithout(traits, 'json_schema');
  const left: Change = [{ responseFormat: undefined }, formatNote(wanted, 'left out')];
  if (wanted.kind === 'json_object') return takesObject ? AS_IT_IS : left;
  if (takesSchema) return AS_IT_IS;
  return takesObject
    ? [{ responseFormat: { kind: 'json_object' } }, formatNote(wanted, 'sent as json_object')]
    : left;
};

const formatNote = ({ kind }: ResponseFormat, what: string): string =>
  `response_format ${kind} was ${what}: this model cannot promise it.`;

const RULES: readonly Rule[] = [
  fittingMessages,
  fittingDetail,
  withoutRepeatedTools,
  fittingToolChoice,
  fittingTemperature,
  fittingTopP,
  fittingStops,
  fittingEffort,
  fittingFormat,
];

/**
 * The request as this model takes it, and one sentence for each thing that is not sent as it was asked for. Pure.
 * @throws GatewayError rejected_request for messages that no upstream can be sent
 */
export function fitted(request: ChatRequest, means: Means): Fitted {
  const adjustments: string[] = [];
  const fitting = RULES.reduce((so, rule) => {
    const [change, ...notes] = rule(so, means);
    adjustments.push(...notes);
    return withChange(so, change);
  }, request);
  return { request: fitting, adjustments };
}

/** A member that is undefined is taken out. */
const withChange = (request: ChatRequest, change: Change[0]): ChatRequest =>
  Object.fromEntries(
    Object.entries({ ...request, ...change }).filter(([, value]) => value !== undefined),
  ) as unknown as ChatRequest;

import {
  ChatMessage,
  ChatRequest,
  ReasoningEffort,
  REASONING_EFFORTS,
  ResponseFormat,
  TemperatureRule,
  ToolChoiceKind,
} from '@longhaul/contract';

/** What a protocol can say, as its provider speaks it. The traits of the model beat it where they are known. */
export interface Means {
  readonly toolChoices: readonly ToolChoiceKind[];
  readonly temperature: TemperatureRule;
  readonly jsonObject: boolean;
  readonly jsonSchema: boolean;
  /** Null = a model cannot be told here how hard to think. */
  readonly reasoningEfforts: readonly ReasoningEffort[] | null;
}

export interface Fitted {
  readonly request: ChatRequest;
  readonly adjustments: readonly string[];
}

type Change = readonly [Partial<{ [Key in keyof ChatRequest]: ChatRequest[Key] | undefined }>, ...string[]];
type Rule = (request: ChatRequest, means: Means) => Change;

const AS_IT_IS: Change = [{}];

/** An upstream refuses a message that says nothing. A tool's empty result is an answer, and every call needs one. */
const saysNothing = ({ role, content, toolCalls = [] }: ChatMessage): boolean =>
  role !== 'tool' &&
  toolCalls.length === 0 &&
  (typeof content === 'string' ? content.trim() === '' : content.length === 0);

const withoutEmptyMessages: Rule = ({ messages }) => {
  const kept = messages.filter((message) => !saysNothing(message));
  const dropped = messages.length - kept.length;
  return dropped === 0
    ? AS_IT_IS
    : [{ messages: kept }, `${String(dropped)} empty message${dropped === 1 ? ' was' : 's were'} left out.`];
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
  const rule = narrower(traits?.temperature ?? means.temperature, means.temperature);
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
const narrower = (ofModel: TemperatureRule, ofProtocol: TemperatureRule): TemperatureRule =>
  ofModel.kind === 'any' ? ofProtocol : ofModel;

const fittingEffort: Rule = ({ reasoningEffort: wanted, traits }, means) => {
  if (wanted === undefined) return AS_IT_IS;
  const isFixed = traits?.reasoningControl === 'fixed' || isWithout(traits, 'reasoning');
  const taken = isFixed ? null : (traits?.reasoningEfforts ?? means.reasoningEfforts);
  if (taken === null || taken.length === 0)
    return [
      { reasoningEffort: undefined },
      `reasoning_effort ${wanted} was left out: this model cannot be told how hard to think.`,
    ];
  if (taken.includes(wanted)) return AS_IT_IS;
  const nearest = nearestEffort(wanted, taken);
  return [
    { reasoningEffort: nearest },
    `reasoning_effort ${wanted} was sent as ${nearest}, the nearest this model takes.`,
  ];
};

const placeOf = (effort: ReasoningEffort): number => REASONING_EFFORTS.indexOf(effort);

/** Of two that are as near the smaller one: thinking costs money. */
const nearestEffort = (wanted: ReasoningEffort, taken: readonly ReasoningEffort[]): ReasoningEffort =>
  [...taken].sort(
    (left, right) =>
      Math.abs(placeOf(left) - placeOf(wanted)) - Math.abs(placeOf(right) - placeOf(wanted)) ||
      placeOf(left) - placeOf(right),
  )[0] ?? wanted;

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
  withoutEmptyMessages,
  fittingToolChoice,
  fittingTemperature,
  fittingEffort,
  fittingFormat,
];

/** The request as this model takes it, and one sentence for each thing that is not sent as it was asked for. Pure. */
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

import { Means } from '../../fitted-request';
import { JsonObject } from '../../json';

/** How one provider departs from OpenAI's own wire. Sources: each provider's API reference. */
export interface Quirks {
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens';
  /** What a model takes of which the catalogue knows nothing. */
  readonly means: Means;
  /** 0 is refused as a temperature and spelt do_sample=false. */
  readonly zeroIsNoSampling: boolean;
  /** `nested`: OpenRouter's `reasoning` object. `switch`: thinking is switched off by `thinking.type`, whatever its degrees. */
  readonly thinking: 'effort' | 'switch' | 'nested';
  /** Tools and schemas may be `strict`. */
  readonly strict: boolean;
  /** False: an image must come as data. */
  readonly imageUrls: boolean;
  /** The member of an answer that belongs back into the conversation. */
  readonly echo: 'reasoning_content' | 'reasoning_details' | null;
  /** A tool call without its reasoning_content is refused while the model thinks. */
  readonly needsEcho: boolean;
  /** `usage.cost` is the price in USD. */
  readonly statesCost: boolean;
  /** The word that belongs to a status, where an error has none of its own. */
  readonly wordsOfStatus: Readonly<Record<number, string>>;
  /** Members of every body. */
  readonly always: JsonObject;
  /** For times without a zone in its messages, and for its days. */
  readonly utcOffsetHours: number;
}

const ANY_MEANS: Means = {
  toolChoices: ['auto', 'none', 'required', 'named'],
  temperature: { kind: 'any' },
  imageDetail: true,
  jsonObject: false,
  jsonSchema: false,
  // None and minimal are each refused by models of OpenAI that take the other.
  reasoningEfforts: ['low', 'medium', 'high'],
};

/** For whoever is not in the table: what most compatible servers take. */
const PLAIN: Quirks = {
  outputLimit: 'max_tokens',
  means: ANY_MEANS,
  zeroIsNoSampling: false,
  thinking: 'effort',
  strict: false,
  imageUrls: true,
  echo: null,
  needsEcho: false,
  statesCost: false,
  wordsOfStatus: {},
  always: {},
  utcOffsetHours: 0,
};

const MOONSHOT: Quirks = {
  ...PLAIN,
  outputLimit: 'max_completion_tokens',
  means: {
    ...ANY_MEANS,
    toolChoices: ['auto', 'none'],
    temperature: { kind: 'omit' },
    jsonObject: true,
    jsonSchema: true,
    reasoningControl: 'switch',
    stops: { most: 5, longestBytes: 32 },
  },
  thinking: 'switch',
  imageUrls: false,
  echo: 'reasoning_content',
  needsEcho: true,
  utcOffsetHours: 8,
};

const TABLE: Readonly<Record<string, Quirks>> = {
  openai: {
    ...PLAIN,
    outputLimit: 'max_completion_tokens',
    means: { ...ANY_MEANS, jsonObject: true, jsonSchema: true, stops: { most: 4 } },
    strict: true,
  },
  moonshot: MOONSHOT,
  kimi: {
    ...MOONSHOT,
    outputLimit: 'max_tokens',
    // What its models take differs by plan and by day, and a wrong word is a 400.
    means: { ...MOONSHOT.means, jsonObject: false, jsonSchema: false, reasoningControl: 'fixed' },
  },
  glm: {
    ...PLAIN,
    means: {
      ...ANY_MEANS,
      toolChoices: ['auto'],
      temperature: { kind: 'range', min: 0, max: 1 },
      jsonObject: true,
      reasoningControl: 'switch',
      stops: { most: 1 },
    },
    zeroIsNoSampling: true,
    thinking: 'switch',
    echo: 'reasoning_content',
    utcOffsetHours: 8,
  },
  openrouter: {
    ...PLAIN,
    means: {
      ...ANY_MEANS,
      jsonObject: true,
      jsonSchema: true,
      reasoningEfforts: ['none', 'minimal', 'low', 'medium', 'high', 'max'],
      stops: { most: 4 },
    },
    thinking: 'nested',
    strict: true,
    echo: 'reasoning_details',
    statesCost: true,
    // With a hint it is money that running calls hold, and that comes back with them.
    wordsOfStatus: { 402: 'payment_required' },
    // Another host of the same model is the same target. Another model is a rung of our own chain: `models` is never sent.
    always: { provider: { allow_fallbacks: true } },
  },
  ollama: { ...PLAIN, means: { ...ANY_MEANS, toolChoices: [], jsonObject: true }, imageUrls: false },
  ollama_cloud: { ...PLAIN, means: { ...ANY_MEANS, toolChoices: [], jsonObject: true }, imageUrls: false },
};

export const quirksOf = (provider: string): Quirks =>
  Object.hasOwn(TABLE, provider) ? (TABLE[provider] ?? PLAIN) : PLAIN;

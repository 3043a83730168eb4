/** How one provider departs from OpenAI's own wire. Sources: each provider's API reference. */
export interface Quirks {
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens';
  /** `omit`: fixed by the model, other values are refused. `do_sample`: 0 is refused and spelt do_sample=false. */
  readonly temperature: 'send' | 'omit' | 'do_sample';
  /** Models that refuse a temperature although their provider takes it. */
  readonly fixedTemperature?: RegExp;
  /** Takes response_format json_object. */
  readonly jsonObject: boolean;
  /** `usage.cost` is the price in USD. */
  readonly statesCost: boolean;
}

/** For whoever is not in the table: what most compatible servers take. */
const PLAIN: Quirks = {
  outputLimit: 'max_tokens',
  temperature: 'send',
  jsonObject: false,
  statesCost: false,
};

const TABLE: Readonly<Record<string, Quirks>> = {
  openai: {
    ...PLAIN,
    outputLimit: 'max_completion_tokens',
    fixedTemperature: /^(o\d|gpt-[56])/,
    jsonObject: true,
  },
  moonshot: { ...PLAIN, outputLimit: 'max_completion_tokens', temperature: 'omit', jsonObject: true },
  kimi: { ...PLAIN, temperature: 'omit' },
  glm: { ...PLAIN, temperature: 'do_sample', jsonObject: true },
  openrouter: { ...PLAIN, jsonObject: true, statesCost: true },
  ollama: { ...PLAIN, jsonObject: true },
  ollama_cloud: { ...PLAIN, jsonObject: true },
};

export const quirksOf = (provider: string): Quirks =>
  Object.hasOwn(TABLE, provider) ? (TABLE[provider] ?? PLAIN) : PLAIN;

import { BASE_URL_FORM, parseBaseUrl } from './base-url';
import { EnvironmentReader, Found } from './environment-reader';
import { LoadNotes } from './load-notes';
import { CAP, SOME_SECONDS } from './option';
import { OptionValues, Valued } from './option-values';
import { ProviderBlock } from './provider-blocks';
import { findKey, FoundKey } from './provider-key';
import { MAX_INFLIGHT_DEFAULT, OverridableKey, variablesFor } from './provider-options';
import { Origin, ProviderSettings } from './settings';

/** Fractions of a second are allowed; a clock that is on never becomes 0. */
export const msOf = (seconds: number): number =>
  seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000));

/** Where keys may lie, besides the environment. */
export interface KeyPlaces {
  readonly homeDir: string;
  readonly configDir: string;
}

/** Which model a family's variable means for each of its members. */
export type FamilyModels = (provider: string) => Found<string> | null;

/** Lays the environment over the blocks of providers.toml. */
export class ProviderOverlay {
  constructor(
    private readonly env: EnvironmentReader,
    private readonly options: OptionValues,
    private readonly notes: LoadNotes,
  ) {}

  settle(block: ProviderBlock, places: KeyPlaces, familyModels: FamilyModels): ProviderSettings {
    const found = this.key(block, places);
    this.warnOfSwappedKey(block.name, found);
    return {
      name: block.name,
      dialect: block.dialect,
      baseUrl: this.baseUrl(block),
      auth: block.auth,
      keyVariables: block.keyVariables,
      key: found?.key ?? null,
      keySource: found?.source ?? null,
      defaultModel: this.defaultModel(block, familyModels),
      prefixes: block.prefixes,
      family: block.family,
      ...this.clocks(block),
      maxInflight: this.maxInflight(block),
      explicitOnly: block.explicitOnly,
      acceptUnlistedModels: block.acceptUnlistedModels,
      priority: block.priority,
      fallbackOrder: this.fallbackOrder(block),
      allowedModels: null,
      preferredModels: [],
      speedModel: null,
      qualityModel: null,
      allowExpensiveFallback: null,
      description: block.description,
    };
  }

  private key(block: ProviderBlock, places: KeyPlaces): FoundKey | null {
    const question = { variables: block.keyVariables, fallbackFiles: block.keyFiles, ...places };
    return block.auth === 'none' ? null : findKey(question, this.env, this.notes);
  }

  private baseUrl(block: ProviderBlock): string {
    const stated = this.env.text(...variablesFor('base_url', block.name));
    this.origin('base_url', block.name, stated === null ? 'file' : 'environment');
    if (stated === null) return block.baseUrl;
    return parseBaseUrl(stated.value) ?? this.env.fail(stated.variable, BASE_URL_FORM);
  }

  private clocks(
    block: ProviderBlock,
  ): Pick<ProviderSettings, `${'connect' | 'firstToken' | 'idle' | 'total'}Ms`> {
    const total = this.seconds(block, 'timeout_s', block.timeoutS);
    const firstToken = this.seconds(
      block,
      'first_token_timeout_s',
      block.firstTokenS === 'total' ? total : block.firstTokenS,
    );
    return {
      connectMs: msOf(this.options.number('CONNECT_TIMEOUT_SECS')),
      firstTokenMs: msOf(firstToken),
      idleMs: msOf(this.seconds(block, 'idle_timeout_s', block.idleS)),
      totalMs: msOf(total),
    };
  }

  /** The provider's variable, else its block, else the setting without a prefix. */
  private seconds(block: ProviderBlock, key: keyof typeof INHERITED, stated: number | null): number {
    const own = this.env.number(SOME_SECONDS, ...variablesFor(key, block.name));
    const inherited = this.options.valuedNumber(INHERITED[key]);
    const valued: Valued<number | null> =
      own !== null
        ? { value: own.value, origin: 'environment' }
        : stated !== null
          ? { value: stated, origin: 'file' }
          : inherited;
    this.origin(key, block.name, valued.origin);
    return valued.value ?? 0;
  }

  private maxInflight(block: ProviderBlock): number {
    const own = this.env.number(CAP, ...variablesFor('max_inflight', block.name));
    this.origin('max_inflight', block.name, originOf(own, block.maxInflight));
    return own?.value ?? block.maxInflight ?? MAX_INFLIGHT_DEFAULT;
  }

  private defaultModel(block: ProviderBlock, familyModels: FamilyModels): string | null {
    // A provider that carries its family's word (kimi) has no variable of its own: the family's rule decides.
    const own =
      block.family === block.name ? null : this.env.text(...variablesFor('default_model', block.name));
    const stated = own ?? familyModels(block.name);
    this.origin('default_model', block.name, originOf(stated, block.defaultModel));
    return stated?.value ?? block.defaultModel;
  }

  private fallbackOrder(block: ProviderBlock): readonly string[] {
    const families = block.family === null ? [] : variablesFor('fallback_order', block.family);
    const stated = this.env.list(...variablesFor('fallback_order', block.name), ...families);
    this.origin('fallback_order', block.name, originOf(stated, block.fallbackOrder));
    return stated?.value ?? block.fallbackOrder ?? [];
  }

  private origin(key: OverridableKey, provider: string, origin: Origin): void {
    const [variable] = variablesFor(key, provider);
    if (variable !== undefined) this.notes.origin(variable, origin);
  }

  /** Two account systems with keys that look alike: a swapped one is refused upstream without saying why. */
  private warnOfSwappedKey(provider: string, found: FoundKey | null): void {
    if (found === null) return;
    const forCoding = found.key.reveal().startsWith('sk-kimi-');
    if (provider === 'moonshot' && forCoding) {
      this.notes.warn(
        `${found.source} holds a key of Kimi For Coding (sk-kimi-), which moonshot refuses; it belongs in KIMI_API_KEY.`,
      );
    }
    if (provider === 'kimi' && !forCoding) {
      this.notes.warn(
        `${found.source} holds no key of Kimi For Coding (they start with sk-kimi-); a key of the open platform belongs in MOONSHOT_API_KEY.`,
      );
    }
  }
}

const INHERITED = {
  timeout_s: 'TIMEOUT_SECS',
  first_token_timeout_s: 'FIRST_TOKEN_TIMEOUT_SECS',
  idle_timeout_s: 'IDLE_TIMEOUT_SECS',
} as const;

const originOf = (env: unknown, file: unknown): Origin =>
  env !== null ? 'environment' : file !== null ? 'file' : 'built-in';

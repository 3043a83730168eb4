import { ProviderSettings } from '@longhaul/settings';
import { dialectOf, DIALECTS } from './dialects';
import { HttpClient } from './http';
import { parseJson } from './json';
import { ModelListing } from './model-listing';

const MOST_CHARACTERS = 4_000_000;
const MOST_MODELS = 10_000;
const LONGEST_ID = 200;
const OK = 200;

/** What a provider itself says it has. Costs nothing: no model is asked. */
export class ModelLists {
  constructor(
    private readonly http: HttpClient,
    private readonly dialects = DIALECTS,
  ) {}

  /** The ids; null when it answers, but with no such list. Rejects when it does not answer in time. */
  async of(settings: ProviderSettings, timeoutMs: number): Promise<readonly string[] | null> {
    const { models } = dialectOf(settings, this.dialects);
    const signal = AbortSignal.timeout(timeoutMs);
    const { path, headers = {} } = models;
    const reply = await this.http.get({ settings, path, headers, signal });
    try {
      let text = '';
      for await (const part of reply.text()) {
        text += part;
        if (text.length > MOST_CHARACTERS) return null;
      }
      return reply.status === OK ? idsOf(text, models) : null;
    } finally {
      reply.destroy();
    }
  }
}

function idsOf(text: string, models: ModelListing): readonly string[] | null {
  const ids = models.read(parseJson(text))?.slice(0, MOST_MODELS) ?? null;
  return (
    ids?.filter((id): id is string => typeof id === 'string' && id !== '' && id.length <= LONGEST_ID) ?? null
  );
}

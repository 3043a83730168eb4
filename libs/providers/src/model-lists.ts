import { ProviderSettings } from '@longhaul/settings';
import { HttpClient } from './http';

const MOST_CHARACTERS = 4_000_000;
const MOST_MODELS = 10_000;
const LONGEST_ID = 200;
const OK = 200;

/** What a provider itself says it has. Costs nothing: no model is asked. */
export class ModelLists {
  constructor(private readonly http: HttpClient) {}

  /** The ids; null when it answers, but with no such list. Rejects when it does not answer in time. */
  async of(settings: ProviderSettings, timeoutMs: number): Promise<readonly string[] | null> {
    const reply = await this.http.get({ settings, path: '/models', signal: AbortSignal.timeout(timeoutMs) });
    try {
      let text = '';
      for await (const part of reply.text()) {
        text += part;
        if (text.length > MOST_CHARACTERS) return null;
      }
      return reply.status === OK ? idsOf(text) : null;
    } finally {
      reply.destroy();
    }
  }
}

/** The list as OpenAI and its imitators write it: `{data:[{id}]}`. */
function idsOf(text: string): readonly string[] | null {
  const data = (parsed(text) as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return null;
  const ids = data.slice(0, MOST_MODELS).map((row: unknown) => (row as { readonly id?: unknown } | null)?.id);
  return ids.filter((id): id is string => typeof id === 'string' && id !== '' && id.length <= LONGEST_ID);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

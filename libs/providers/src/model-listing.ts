import { isObject } from './json';

/** Where a provider lists its own models, and how that list reads. Asking costs nothing: no model runs. */
export interface ModelListing {
  /** Below the base URL, with its leading slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pure. What the parsed body says in place of ids; null when it is no such list. */
  read(body: unknown): readonly unknown[] | null;
}

/** Of a body like `{[list]: [{[id]: "…"}]}`. */
export const rowsOf =
  (list: string, id: string): ModelListing['read'] =>
  (body) => {
    const rows = isObject(body) ? body[list] : undefined;
    if (!Array.isArray(rows)) return null;
    return rows.map((row: unknown) => (isObject(row) ? row[id] : undefined));
  };

/** As OpenAI and its imitators have it. */
export const OPENAI_LISTING: ModelListing = { path: '/models', read: rowsOf('data', 'id') };

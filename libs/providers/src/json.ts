export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A member that is an object, else an empty one: upstreams send null and text where an object belongs. */
export const objectAt = (value: unknown, member: string): JsonObject => {
  const found = isObject(value) ? value[member] : undefined;
  return isObject(found) ? found : {};
};

/** Undefined for what is no JSON; null is JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

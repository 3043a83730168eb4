const MAX_DEPTH = 16;

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A value of the form that a JSON schema asks for, as far as its plain keywords tell: what is required and nothing more,
 * with `word` for every text. Null where it tells nothing.
 */
export function sampleOf(schema: unknown, word: string, depth = 0): unknown {
  if (!isSchema(schema) || depth > MAX_DEPTH) return null;
  const [choice] = [schema['enum'], schema['anyOf'], schema['oneOf']].filter(Array.isArray) as unknown[][];
  if (schema['const'] !== undefined) return schema['const'];
  if (choice !== undefined)
    return schema['enum'] === choice ? choice[0] : sampleOf(choice[0], word, depth + 1);
  const { type } = schema;
  switch (Array.isArray(type) ? (type as unknown[])[0] : type) {
    case 'string':
      return word;
    case 'integer':
    case 'number':
      return typeof schema['minimum'] === 'number' ? schema['minimum'] : 1;
    case 'boolean':
      return true;
    case 'array':
      return [sampleOf(schema['items'], word, depth + 1)];
    case 'object':
      return objectOf(schema, word, depth);
    default:
      return null;
  }
}

function objectOf({ properties, required }: Schema, word: string, depth: number): Schema {
  const names = Array.isArray(required) ? (required as unknown[]) : [];
  const held = isSchema(properties) ? Object.entries(properties) : [];
  const members = held.filter(([name]) => names.includes(name));
  return Object.fromEntries(members.map(([name, schema]) => [name, sampleOf(schema, word, depth + 1)]));
}

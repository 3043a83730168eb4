import { sampleOf } from './sample';
import { WantedCall } from './wire';

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** The tool call that a request leaves its model no choice about, with arguments of the right form; null = none. */
export function demandedCall(body: Fields, word: string): WantedCall | null {
  const tools = listOf(body['tools']).map((tool) => fieldsOf(fieldsOf(tool)['function']));
  const choice = body['tool_choice'];
  const name = fieldsOf(fieldsOf(choice)['function'])['name'];
  const tool = choice === 'required' ? tools[0] : tools.find((each) => each['name'] === name);
  if (tool === undefined || typeof tool['name'] !== 'string') return null;
  const sample = sampleOf(tool['parameters'], word);
  return { name: tool['name'], arguments: JSON.stringify(sample ?? {}) };
}

/** JSON of the schema that a request asks for; null = it asks for none. */
export function demandedJson(body: Fields, word: string): string | null {
  const format = fieldsOf(body['response_format']);
  if (format['type'] !== 'json_schema') return null;
  return JSON.stringify(sampleOf(fieldsOf(format['json_schema'])['schema'], word) ?? {});
}

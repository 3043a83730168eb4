import { GatewayError } from '@longhaul/contract';
import { parseChatInput } from './input';

export const user = { role: 'user', content: 'Hello' };
export const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
export const tool = (name: string, more: object = {}) => ({ type: 'function', function: { name, ...more } });
export const call = (id: string, name = 'look') => ({
  id,
  type: 'function',
  function: { name, arguments: '{}' },
});
export const asks = (...ids: string[]) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => call(id)),
});
export const answers = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'found' });
export const image = (url: unknown, more: object = {}) => ({
  type: 'image_url',
  image_url: { url, ...more },
});
export const format = (more: object) => ({
  type: 'json_schema',
  json_schema: { name: 'a', schema: {}, ...more },
});

export function nested(levels: number): object {
  let value = {};
  for (let level = 1; level < levels; level++) value = { a: value };
  return value;
}

export function faultsOf(input: unknown): string[] {
  try {
    parseChatInput(input);
  } catch (thrown) {
    return (GatewayError.from(thrown).detail.faults ?? []).map((fault) => `${fault.pointer} ${fault.detail}`);
  }
  return [];
}

/** How sentences about text end. */
export const TEXT = 'without NUL and without unpaired surrogates';

/**
 * Mends what models get wrong inside JSON strings, and nothing else: a backslash that starts no JSON escape is
 * doubled (`"\\d+"`, general repairers drop it and so destroy a quote), and a raw control character is escaped.
 */
export function mendStrings(json: string): string {
  let inString = false;
  let mended = '';
  for (let at = 0; at < json.length; at++) {
    const character = json.charAt(at);
    if (inString && character === '\\') {
      const escape = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(json.slice(at, at + 6))?.[0];
      mended += escape ?? '\\\\';
      at += (escape ?? '\\').length - 1;
      continue;
    }
    if (character === '"') inString = !inString;
    mended += inString && character < ' ' ? JSON.stringify(character).slice(1, -1) : character;
  }
  return mended;
}

/** The value, as it stands or mended; undefined when neither can be read. */
export function parseLoosely(json: string): unknown {
  for (const text of [json, mendStrings(json)]) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Not JSON in this reading; the next rung decides.
    }
  }
  return undefined;
}

/** The index after the `}` that closes the object at `start`, or null when the text ends first. */
export function endOfObject(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return null;
}

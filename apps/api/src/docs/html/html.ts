/** Markup that is safe to send: made by `markup` alone, which escapes whatever is put into it. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

/** A template of markup. Text that stands in it is escaped; what `markup` has made is not escaped again. */
export function markup(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const written = parts.map((part, index) => `${textOf(part)}${literals[index + 1] ?? ''}`);
  return new Html(`${literals[0] ?? ''}${written.join('')}`);
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  return part.map(({ text }) => text).join('');
}

export const NOTHING = new Html('');

/** Prose of ours: what stands between backticks is code. */
export const prose = (text: string): Html =>
  new Html(
    text
      .split('`')
      .map((part, index) => (index % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part)))
      .join(''),
  );

/** Parts with something between them. */
export const joined = (parts: readonly Html[], between: Html): Html =>
  new Html(parts.map(({ text }) => text).join(between.text));

/** A Markdown table in the form that Prettier gives it, so that generated pages pass the format check. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const escaped = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [first = [], ...rest] = escaped;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}

export const code = (text: string): string => `\`${text}\``;

/** Sections with an empty line between them, and a mark that says where the page comes from. */
export const markdownPage = (title: string, sections: readonly string[]): string =>
  `${[`# ${title}`, '<!-- Written by `npm run docs`; changes made here are lost. -->', ...sections].join('\n\n')}\n`;

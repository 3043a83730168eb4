import { SourceFile } from './fenced-source';
import { Finding } from './finding';

const collapse = (text: string): string => text.replace(/\s+/g, ' ');

/**
 * The one finding that is not true, so that a newcomer sees verification withhold it. Its quote is put together
 * from parts: the sandbox may be given its own source to review, and must not find it here.
 */
export function inventedFinding(files: readonly SourceFile[]): Finding | null {
  const file = files.find((one) => one.lines.length > 0);
  if (file === undefined) return null;
  const sources = files.map((one) => collapse(one.lines.map((line) => line.text).join('\n')));
  let quote = '';
  let attempt = 0;
  do {
    attempt += 1;
    quote = ['grant', 'Everything', 'To', `(visitor${attempt}, `, 'without', 'Asking)'].join('');
  } while (sources.some((source) => source.includes(quote)));
  const middle = file.lines[Math.floor(file.lines.length / 2)];
  return {
    file: file.path,
    line: middle?.number ?? 1,
    quote,
    title: 'Invented by the sandbox: rights granted without a check',
    severity: 'high',
    explanation:
      'This quote does not stand in the file. The sandbox makes one such claim in each review; verification must withhold it.',
  };
}

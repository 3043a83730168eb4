import { BLOCK_PATTERNS } from './block-patterns';
import { isProse, languageOf } from './code-text';
import { SourceFile } from './fenced-source';
import { Finding } from './finding';
import { inventedFinding } from './invented';
import { LINE_PATTERNS } from './line-patterns';
import { Pattern, Severity } from './pattern';

export interface Review {
  readonly findings: readonly Finding[];
  readonly note: string;
}

const PATTERNS: readonly Pattern[] = [...LINE_PATTERNS, ...BLOCK_PATTERNS];
const MOST_PER_PATTERN_AND_FILE = 5;
const MOST_FINDINGS = 60;
const SEVERITIES: readonly Severity[] = ['high', 'medium', 'low'];
/** The invented finding stands among the true ones, where a reader meets it. */
const INVENTED_PLACE = 2;

const NOTE =
  'Written by the pattern matcher of the Longhaul sandbox. It is no language model and understands nothing of the ' +
  'code. One finding is invented on purpose: its quote stands in no file, and verification must withhold it.';

function findingsIn(file: SourceFile): readonly Finding[] {
  if (isProse(file.path)) return [];
  const language = languageOf(file.path);
  return PATTERNS.filter(({ languages }) => languages === 'all' || languages.includes(language)).flatMap(
    ({ title, severity, explanation, ...pattern }) =>
      pattern
        .find(file, language)
        .slice(0, MOST_PER_PATTERN_AND_FILE)
        .map(({ line, quote }) => ({ file: file.path, line, quote, title, severity, explanation })),
  );
}

const rank = (finding: Finding): number => SEVERITIES.indexOf(finding.severity);

/** Takes findings while they fit the budget; a cut answer would be no JSON at all. */
function fitting(findings: readonly Finding[], charactersLeft: number): readonly Finding[] {
  let left = charactersLeft;
  const taken: Finding[] = [];
  for (const finding of findings) {
    left -= JSON.stringify(finding).length + 1;
    if (left < 0 || taken.length === MOST_FINDINGS) break;
    taken.push(finding);
  }
  return taken;
}

/** Reviews files by pattern, the worst first, within `maxCharacters` of JSON. */
export function reviewFiles(files: readonly SourceFile[], maxCharacters = Infinity): Review {
  const byRank = files.flatMap(findingsIn).sort((one, other) => rank(one) - rank(other));
  const invented = inventedFinding(files);
  const wished = invented === null ? byRank : byRank.toSpliced(INVENTED_PLACE, 0, invented);
  const frame = JSON.stringify({ findings: [], note: `${NOTE} 00000 more findings did not fit.` }).length;
  const findings = fitting(wished, maxCharacters - frame);
  const leftOut = wished.length - findings.length;
  const rest = leftOut === 0 ? '' : ` ${leftOut} more findings did not fit.`;
  return { findings, note: files.length === 0 ? `${NOTE} The prompt held no file.` : NOTE + rest };
}

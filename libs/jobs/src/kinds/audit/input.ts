import {
  Describe,
  Fault,
  fieldRule,
  invalidRequest,
  IsListOf,
  IsText,
  isStorableText,
  IsWholeNumber,
  validateShape,
} from '@longhaul/contract';
import { IsOptional } from 'class-validator';

const MAX_PATH_CHARACTERS = 400;
const MAX_FILES = 500;
const PATH_RULE =
  `must be a relative path of 1 to ${String(MAX_PATH_CHARACTERS)} characters with / between its parts, without` +
  ' empty parts, "." or "..", and without control characters, backslashes, double quotes, < or >.';

/** The path stands inside a fence line of the prompt, so nothing that could end or forge one may stand in it. */
function isAuditPath(path: unknown): boolean {
  if (typeof path !== 'string' || path.length > MAX_PATH_CHARACTERS || !isStorableText(path)) return false;
  if (/[\p{Cc}\p{Zl}\p{Zp}\\"<>]/u.test(path) || /^[A-Za-z]:/.test(path)) return false;
  return path.split('/').every((part) => part.trim() !== '' && part !== '.' && part !== '..');
}

const IsAuditPath = (): PropertyDecorator =>
  fieldRule({
    name: 'isAuditPath',
    expected: PATH_RULE,
    schema: { type: 'string', minLength: 1, maxLength: MAX_PATH_CHARACTERS },
    check: isAuditPath,
  });

export class AuditFileInput {
  @Describe('A relative path with `/` between its parts; each file of one audit has its own.')
  @IsAuditPath()
  path!: string;
  /** May be empty: an empty file is a fact about the code too. */
  @Describe('The text of the file.')
  @IsText({ min: 0 })
  content!: string;
}

/** `input` of an audit job. */
export class AuditInput {
  @Describe('What to look for.')
  @IsText({ max: 8000 })
  instruction!: string;

  @Describe('The files that are audited; at least one must not be blank.')
  @IsListOf(() => AuditFileInput, { min: 1, max: MAX_FILES })
  files!: AuditFileInput[];

  @Describe('The most tokens the answer may have; reasoning counts. Absent = by the size of the files.')
  @IsOptional()
  @IsWholeNumber({ min: 1, max: 1_000_000 })
  max_output_tokens?: number | null;
}

export function parseAuditInput(value: unknown): AuditInput {
  const input = validateShape(AuditInput, value, { pointer: '/input' });
  const faults = [...blankFaults(input), ...repeatedPaths(input)];
  if (faults.length > 0) throw invalidRequest(faults);
  return input;
}

function blankFaults({ instruction, files }: AuditInput): Fault[] {
  const faults: Fault[] = [];
  if (instruction.trim() === '')
    faults.push({ pointer: '/input/instruction', detail: 'must say what to look for, not only spaces.' });
  // An audit of nothing would end without findings and look like a clean one.
  if (files.every((file) => file.content.trim() === ''))
    faults.push({ pointer: '/input/files', detail: 'must hold at least one file that is not blank.' });
  return faults;
}

function repeatedPaths({ files }: AuditInput): Fault[] {
  const first = new Map<string, number>();
  return files.flatMap(({ path }, index) => {
    const earlier = first.get(path);
    if (earlier === undefined) {
      first.set(path, index);
      return [];
    }
    const detail = `must be unique, but /input/files/${String(earlier)}/path is the same.`;
    return [{ pointer: `/input/files/${String(index)}/path`, detail }];
  });
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrorCode, ErrorCode } from '@longhaul/contract';

/** What is read of a recorded reply here; test/contracts/dialect.contract.spec.ts proves that it gives this code. */
interface Recorded {
  readonly title: string;
  readonly documented?: boolean;
  readonly provider?: string;
  readonly fails?: string;
  /** Null = a hint was there that is not to be believed. */
  readonly retryAfterMs?: number | null;
  /** What cools is the model, not the key. */
  readonly isOfModel?: boolean;
}

/** One documented way to fail of one provider. */
export interface WireError {
  readonly says: string;
  readonly code: ErrorCode;
  readonly hintMs: number | null;
  readonly isOfModel: boolean;
}

const FIXTURES = ['test', 'fixtures', 'dialects'];
const KINDS = ['refusals', 'broken'];

/** By provider, in the order of their names; a dialect of one provider counts under its own. Empty without the fixtures. */
export function wireErrors(root: string): ReadonlyMap<string, readonly WireError[]> {
  const folder = join(root, ...FIXTURES);
  const dialects = existsSync(folder) ? readdirSync(folder).sort() : [];
  const found = dialects.flatMap((dialect) =>
    KINDS.flatMap((kind) => recordedIn(join(folder, dialect, `${kind}.json`))).flatMap((recorded) => {
      const provider = recorded.provider ?? dialect;
      const error = errorOf(recorded);
      return error === null
        ? []
        : [{ provider, error: { ...error, says: withoutName(error.says, provider) } }];
    }),
  );
  const providers = [...new Set(found.map(({ provider }) => provider))].sort();
  return new Map(
    providers.map((name) => [
      name,
      found.filter(({ provider }) => provider === name).map(({ error }) => error),
    ]),
  );
}

/** Each table has its provider's name above it. */
const withoutName = (says: string, provider: string): string => {
  const [name = '', ...rest] = says.split(': ');
  return rest.length > 0 && name.toLowerCase().startsWith(provider) ? rest.join(': ') : says;
};

/** Throws for a dialect without the file: its rows would be missing from the page, and nobody would notice. */
const recordedIn = (file: string): readonly Recorded[] =>
  JSON.parse(readFileSync(file, 'utf8')) as readonly Recorded[];

function errorOf({ title, documented, fails, retryAfterMs, isOfModel }: Recorded): WireError | null {
  if (documented !== true || fails === undefined || !isErrorCode(fails)) return null;
  return { says: title, code: fails, hintMs: retryAfterMs ?? null, isOfModel: isOfModel ?? false };
}

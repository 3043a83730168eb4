import {
  Describe,
  fieldRule,
  invalidRequest,
  IsText,
  IsWholeNumber,
  pointerTo,
  validateShape,
} from '@longhaul/contract';
import { ConfigChange } from '@longhaul/jobs';
import { IsBoolean, IsOptional } from 'class-validator';

const MAX_NAMES = 500;
const MAX_NAME = 256;
const MAX_LIST = 100;
const MAX_TEXT = 4096;
const MAX_REASON = 500;
const LARGEST_VERSION = Number.MAX_SAFE_INTEGER;

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const areNames = (names: readonly unknown[]): names is readonly string[] =>
  names.length <= MAX_NAMES &&
  names.every((name) => typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME);

const isWord = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_TEXT;

const isValue = (value: unknown): boolean =>
  isWord(value) ||
  typeof value === 'boolean' ||
  Number.isFinite(value) ||
  (Array.isArray(value) && value.length <= MAX_LIST && value.every(isWord));

const AreSettings = (): PropertyDecorator =>
  fieldRule({
    name: 'areSettings',
    expected: `must be an object of at most ${String(MAX_NAMES)} settings, each a string, a number, true or false, or a list of at most ${String(MAX_LIST)} strings.`,
    schema: {
      type: 'object',
      maxProperties: MAX_NAMES,
      additionalProperties: {
        anyOf: [
          { type: ['string', 'number', 'boolean'] },
          { type: 'array', maxItems: MAX_LIST, items: { type: 'string' } },
        ],
      },
    },
    check: (value) => isMap(value) && areNames(Object.keys(value)) && Object.values(value).every(isValue),
  });

const ArePrices = (): PropertyDecorator =>
  fieldRule({
    name: 'arePrices',
    expected: `must be an object of at most ${String(MAX_NAMES)} prices by \`<provider>/<model>\`, each an object in the words of models.toml, or null for unpriced.`,
    schema: {
      type: 'object',
      maxProperties: MAX_NAMES,
      additionalProperties: { type: ['object', 'null'] },
    },
    check: (value) =>
      isMap(value) &&
      areNames(Object.keys(value)) &&
      Object.values(value).every((price) => price === null || isMap(price)),
  });

const AreNames = (): PropertyDecorator =>
  fieldRule({
    name: 'areNames',
    expected: `must be a list of at most ${String(MAX_NAMES)} names, none of them twice.`,
    schema: {
      type: 'array',
      maxItems: MAX_NAMES,
      uniqueItems: true,
      items: { type: 'string', minLength: 1, maxLength: MAX_NAME },
    },
    check: (value) => Array.isArray(value) && areNames(value) && new Set(value).size === value.length,
  });

/** The body of `POST /v1/admin/config`. Names and values are judged by the configuration itself. */
export class ConfigChangeDto {
  @Describe('Settings by their names in docs/configuration.md, e.g. `{"TIER_FAST": ["glm/glm-4.5-flash"]}`.')
  @IsOptional()
  @AreSettings()
  set?: Record<string, never> | null;

  @Describe('Settings that are no longer to be overridden.')
  @IsOptional()
  @AreNames()
  unset?: string[] | null;

  @Describe(
    'Prices by `<provider>/<model>`: `input`, `output` and what else a price row of models.toml holds, USD per million tokens. Null = unpriced.',
  )
  @IsOptional()
  @ArePrices()
  prices?: Record<string, never> | null;

  @Describe('Models whose price is no longer to be overridden.')
  @IsOptional()
  @AreNames()
  unset_prices?: string[] | null;

  @Describe('Why; it stays in the history.')
  @IsText({ max: MAX_REASON })
  reason!: string;

  @Describe('The version that you have seen; the change is refused when it is no longer in force.')
  @IsOptional()
  @IsWholeNumber({ min: 0, max: LARGEST_VERSION })
  expected_version?: number | null;

  @Describe('True = check and answer, but write nothing.')
  @IsOptional()
  @IsBoolean({ message: 'must be true or false.' })
  dry_run?: boolean | null;
}

/** The body of `POST /v1/admin/config/rollback`. */
export class ConfigRollbackDto {
  @Describe('The version whose overrides are to hold again; 0 = none.')
  @IsWholeNumber({ min: 0, max: LARGEST_VERSION })
  version!: number;

  @Describe('Why; it stays in the history.')
  @IsText({ max: MAX_REASON })
  reason!: string;
}

/** The body of `POST /v1/admin/registry/reload`. */
export class RegistryReloadDto {
  @Describe('Why; it stays in the history.')
  @IsOptional()
  @IsText({ max: MAX_REASON })
  reason?: string | null;
}

export interface ConfigChangeRequest {
  readonly change: ConfigChange;
  readonly reason: string;
  readonly isDryRun: boolean;
}

/** Checks a body. @throws GatewayError invalid_request, with one fault per problem */
export function readConfigChange(body: unknown): ConfigChangeRequest {
  const dto = validateShape(ConfigChangeDto, body ?? {});
  const change: ConfigChange = {
    set: dto.set ?? {},
    unset: dto.unset ?? [],
    prices: dto.prices ?? {},
    unsetPrices: dto.unset_prices ?? [],
    expectedVersion: dto.expected_version ?? null,
  };
  refuseContradictions(change);
  return { change, reason: dto.reason, isDryRun: dto.dry_run === true };
}

function refuseContradictions({ set, unset, prices, unsetPrices }: ConfigChange): void {
  const both = (list: string, names: readonly string[], held: object) =>
    names.flatMap((name, index) =>
      Object.hasOwn(held, name)
        ? [{ pointer: pointerTo(`/${list}`, index), detail: 'is also set; leave it in one of the two.' }]
        : [],
    );
  const faults = [...both('unset', unset, set), ...both('unset_prices', unsetPrices, prices)];
  if (faults.length > 0) throw invalidRequest(faults);
  const wished = [...Object.keys(set), ...unset, ...Object.keys(prices), ...unsetPrices];
  if (wished.length > 0) return;
  throw invalidRequest([
    { pointer: '', detail: 'changes nothing; give `set`, `unset`, `prices` or `unset_prices`.' },
  ]);
}

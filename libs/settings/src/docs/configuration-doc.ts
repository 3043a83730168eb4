import { FACTORS } from '@longhaul/contract';
import { ALL_OPTIONS, AnyOption } from '../all-options';
import { FLAG_FORM } from '../environment-reader';
import { MOST_OVERRIDES } from '../overrides';
import { SECTIONS, Section } from '../option';
import { PREFER_KIMI } from '../policy-settings';
import {
  BLOCK_KEYS,
  BlockKey,
  isFamilyKey,
  isLive,
  OVERRIDABLE_KEYS,
  OverridableKey,
  settingName,
} from '../provider-options';
import { describeRange } from '../table-reader';
import { INTENT_WEIGHTS } from '../tier-settings';
import { code, markdownPage, markdownTable } from './markdown';

const PRECEDENCE = `A setting comes from the first of these that has it:

1. an override in the database, for what has a mark under Live: it holds in all processes without a restart
2. the variable in the environment; \`npm start\` and \`npm run demo\` also read \`.env\`, see \`.env.example\`
3. the file in \`config/\`; its key is the variable's name in lower case
4. the built-in value

A variable that is set but empty counts as not set. An unknown key, a wrong type or a wrong value stops the boot with
the file and line, or the variable, and the fix. Seconds may have fractions. \`GET /v1/config/effective\` shows each
setting with its value and where it comes from.

What may hold a password, \`DATABASE_URL\` and \`REDIS_URL\`, may stand in a file that \`DATABASE_URL_FILE\` or
\`REDIS_URL_FILE\` names. Files with secrets must be 0600 and belong to the user of Longhaul or to root.`;

const OVERRIDES = `An override is named as the setting is here, in capitals (\`GLM_PREFERRED_MODELS\`, \`TIER_FAST\`,
\`MAX_INFLIGHT_GLM\`), never by an older name. Its value is a string, a number, true or false, or a list of strings; an empty
list means nothing, where a variable that is empty means not set. A price is overridden per \`<provider>/<model>\`, with
the keys that it has in models.toml, or with null for unpriced; without \`effective_from\` it holds from today on. The same
checks apply as in the files. ${String(MOST_OVERRIDES)} overrides are the most. Keys, base URLs, dialects, lanes, stores, ports and clocks need a restart.`;

const INTENTS = `How much each factor of a step counts, by the intent that a caller declares. A table
\`[intent_weights.<intent>]\` in \`policy.toml\` with all six factors, which sum to 1, adds an intent or replaces one.`;

const KEYS = `The key of a provider comes from the first of these that has one:

1. the variables of \`auth_env\`, in order
2. the files that \`<VARIABLE>_FILE\` names, in order: such a file holds the key and nothing else
3. \`auth_fallback_files\`, in order: lines \`VARIABLE=value\`, or a JSON object with the variable's name as key

Files with keys must be regular files, no links, with mode 0600 or less, owned by the user of Longhaul or by root;
others stop the boot. A missing file of step 3 is passed over. What example files hold in place of a key
(\`your_...\`, \`changeme\`, \`<...>\`, \`xxx\`) counts as missing, with a warning. No key stands in \`config/\`.`;

const HEADERS = `A block may say \`headers = { "HTTP-Referer" = "https://example.org", "X-Title" = "Audits" }\`: such headers go out with
every call to that provider, and the boot log names them. Headers that carry keys or that Longhaul sets itself are refused,
but for \`User-Agent\`. **Longhaul names itself as \`longhaul/<version>\` and poses as nobody.** Whoever sends another
client's name breaks the terms of several providers and may lose the account; Kimi For Coding looks for it. That risk is
the operator's alone.`;

const FAMILIES = `Providers with the same \`family\` answer to its word in every list of providers and in the tiers: \`kimi\` means moonshot and
kimi. So do the variables with a mark under Family: of \`KIMI_PREFERRED_MODELS\` each of the two gets what it lists itself, by
id or alias, retired rows too, and nothing else of it; \`KIMI_ALLOW_EXPENSIVE_THINKING_FALLBACK\` holds for both. In a
\`FALLBACK_ORDER\` names with a prefix, and names that neither lists, go to both. \`MOONSHOT_PREFERRED_MODELS\` beats the family's
for moonshot alone. \`MAX_INFLIGHT_KIMI=0\` turns off the provider kimi alone. \`explicit_only\` holds whatever these lists
say. A word that is no provider and no family stops the boot, with the one that was meant.`;

/** docs/configuration.md. */
export function renderConfigurationDoc(): string {
  return markdownPage('Configuration', [
    PRECEDENCE,
    '## Overrides',
    OVERRIDES,
    ...SECTIONS.flatMap((section) => [`## ${section}`, sectionTable(section)]),
    '## Weights of intents',
    INTENTS,
    intentTable(),
    '## Providers',
    'One `[[provider]]` block each in `config/providers.toml`. In a variable, `<NAME>` is the name in capitals.',
    blockTable(),
    '## Keys',
    KEYS,
    '## Headers of your own',
    HEADERS,
    '## Families',
    FAMILIES,
    '## Older names',
    'These are still read where the variable itself is not set.',
    olderNames(),
  ]);
}

interface Line {
  readonly variable: string;
  readonly option: AnyOption;
  readonly builtIn: string;
  readonly accepts: string;
}

const LINES: readonly Line[] = Object.entries(ALL_OPTIONS).map(([variable, option]) => ({
  variable,
  option,
  builtIn: describeBuiltIn(option),
  accepts: describeForm(option),
}));

function describeBuiltIn(option: AnyOption): string {
  if (option.builtIn !== null) return code(String(option.builtIn));
  return 'otherwise' in option ? (option.otherwise ?? '') : '';
}

function describeForm(option: AnyOption): string {
  if ('range' in option) return `${describeRange(option.range)}${option.unit === 'USD' ? ' USD' : ''}`;
  return 'form' in option ? option.form : FLAG_FORM;
}

const mark = (isSet: boolean): string => (isSet ? 'yes' : '');

const sectionTable = (section: Section): string =>
  markdownTable(
    ['Variable', 'Built-in', 'Accepts', 'File', 'Live', 'Meaning'],
    LINES.filter((line) => line.option.section === section).map((line) => [
      code(line.variable),
      line.builtIn,
      line.accepts,
      line.option.file === null ? '' : code(line.option.file),
      mark(line.option.live === true),
      line.option.meaning,
    ]),
  );

const intentTable = (): string =>
  markdownTable(
    ['Intent', ...FACTORS],
    Object.entries(INTENT_WEIGHTS).map(([intent, weights]) => [
      code(intent),
      ...FACTORS.map((factor) => String(weights[factor])),
    ]),
  );

const isOverridable = (key: string): key is OverridableKey => OVERRIDABLE_KEYS.some((name) => name === key);

const blockTable = (): string =>
  markdownTable(
    ['Key', 'Accepts', 'Built-in', 'Variable', 'Live', 'Family', 'Meaning'],
    Object.entries<BlockKey>(BLOCK_KEYS).map(([key, row]) => [
      code(key),
      row.form,
      ['required', 'none', 'all', 'empty'].includes(row.builtIn) ? row.builtIn : code(row.builtIn),
      isOverridable(key) ? code(settingName(key, '<NAME>')) : '',
      mark(isOverridable(key) && isLive(key)),
      mark(isOverridable(key) && isFamilyKey(key)),
      row.meaning,
    ]),
  );

function olderNames(): string {
  const ofSettings = LINES.flatMap(({ variable, option }) =>
    (option.aliases ?? []).map((alias) => [code(alias), code(variable)]),
  );
  const ofProviders = [
    [code('GLM_API_URL'), code('GLM_BASE_URL')],
    [code('EXAI_WS_<NAME>_MAX_INFLIGHT'), code('MAX_INFLIGHT_<NAME>')],
    [code('<NAME>_FLASH_MODEL'), code('<NAME>_SPEED_MODEL')],
    [code(`${PREFER_KIMI}=true`), '`kimi` in `PREFERRED_PROVIDERS_CHAT` and in `PREFERRED_PROVIDERS_AUDIT`'],
  ];
  return markdownTable(['Older name', 'Now'], [...ofSettings, ...ofProviders]);
}

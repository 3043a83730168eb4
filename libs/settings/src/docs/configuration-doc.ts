import { NUMBER_OPTIONS } from '../number-options';
import { NumberOption, Option, Section, TextOption } from '../option';
import { BLOCK_KEYS, BlockKey, OVERRIDABLE_KEYS, OverridableKey, variablesFor } from '../provider-options';
import { describeRange } from '../table-reader';
import { LIST_OPTIONS, TEXT_OPTIONS } from '../text-options';
import { code, markdownPage, markdownTable } from './markdown';

const SECTIONS: readonly Section[] = [
  'Stores and places',
  'Server',
  'Clocks',
  'Limits',
  'Choice of providers',
];

const PRECEDENCE = `A setting comes from the first of these that has it:

1. the variable in the environment; \`npm start\` and \`npm run demo\` also read \`.env\`, see \`.env.example\`
2. the file in \`config/\`; its key is the variable's name in lower case
3. the built-in value

A variable that is set but empty counts as not set. An unknown key, a wrong type or a wrong value stops the boot with
the file and line, or the variable, and the fix. Seconds may have fractions.`;

const KEYS = `The key of a provider comes from the first of these that has one:

1. the variables of \`auth_env\`, in order
2. the files that \`<VARIABLE>_FILE\` names, in order: such a file holds the key and nothing else
3. \`auth_fallback_files\`, in order: lines \`VARIABLE=value\`, or a JSON object with the variable's name as key

Files with keys must be regular files, no links, with mode 0600 or less, owned by the user of Longhaul or by root;
others stop the boot. A missing file of step 3 is passed over. What example files hold in place of a key
(\`your_...\`, \`changeme\`, \`<...>\`, \`xxx\`) counts as missing, with a warning. No key stands in \`config/\`.`;

const FAMILIES = `Providers with the same \`family\` answer to its word in \`ALLOWED_PROVIDERS\`, \`DISABLED_PROVIDERS\` and
\`PROVIDER_PRIORITY_ORDER\`: \`kimi\` means moonshot and kimi. \`KIMI_FALLBACK_ORDER\` holds for both, and
\`KIMI_DEFAULT_MODEL\` for the one that lists the model. \`MAX_INFLIGHT_KIMI=0\` turns off the provider kimi alone.
\`explicit_only\` holds whatever these lists say.`;

/** docs/configuration.md. */
export function renderConfigurationDoc(): string {
  return markdownPage('Configuration', [
    PRECEDENCE,
    ...SECTIONS.flatMap((section) => [`## ${section}`, sectionTable(section)]),
    '## Providers',
    'One `[[provider]]` block each in `config/providers.toml`. In a variable, `<NAME>` is the name in capitals.',
    blockTable(),
    '## Keys',
    KEYS,
    '## Families',
    FAMILIES,
    '## Older names',
    'These are still read where the variable itself is not set.',
    olderNames(),
  ]);
}

interface Line {
  readonly variable: string;
  readonly option: Option;
  readonly builtIn: string;
  readonly accepts: string;
}

const numberLine = ([variable, option]: [string, NumberOption]): Line => ({
  variable,
  option,
  builtIn: describeBuiltIn(option),
  accepts: describeRange(option.range),
});

const textLine = ([variable, option]: [string, TextOption]): Line => ({
  variable,
  option,
  builtIn: describeBuiltIn(option),
  accepts: option.form,
});

const describeBuiltIn = (option: NumberOption | TextOption): string =>
  option.builtIn === null ? (option.otherwise ?? '') : code(String(option.builtIn));

const LINES: readonly Line[] = [
  ...Object.entries(TEXT_OPTIONS).map(textLine),
  ...Object.entries(NUMBER_OPTIONS).map(numberLine),
  ...Object.entries(LIST_OPTIONS).map(textLine),
];

const sectionTable = (section: Section): string =>
  markdownTable(
    ['Variable', 'Built-in', 'Accepts', 'File', 'Meaning'],
    LINES.filter((line) => line.option.section === section).map((line) => [
      code(line.variable),
      line.builtIn,
      line.accepts,
      line.option.file === null ? '' : code(line.option.file),
      line.option.meaning,
    ]),
  );

const isOverridable = (key: string): key is OverridableKey => OVERRIDABLE_KEYS.some((name) => name === key);

const blockTable = (): string =>
  markdownTable(
    ['Key', 'Accepts', 'Built-in', 'Variable', 'Meaning'],
    Object.entries<BlockKey>(BLOCK_KEYS).map(([key, row]) => [
      code(key),
      row.form,
      ['required', 'none', 'empty'].includes(row.builtIn) ? row.builtIn : code(row.builtIn),
      isOverridable(key) ? code(variablesFor(key, '<NAME>')[0] ?? '') : '',
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
  ];
  return markdownTable(['Older name', 'Now'], [...ofSettings, ...ofProviders]);
}

import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';

/** The size limits of CONTRIBUTING.md. An exception is one line in `LONGER`, with its reason. */
const LONGER = [
  // Example: { file: 'libs/x/src/y.ts', reason: 'one table' },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.longhaul/**', 'libs/records/src/migrations/**'] },
  ...tseslint.configs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', { max: 3 }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // A describe() block is a list of behaviours, not a function with a flow. Constructors take what Nest injects.
    files: ['**/*.spec.ts', '**/*.int-spec.ts', '**/*.e2e-spec.ts', '**/*.fault-spec.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['scripts/**/*.mjs', 'test/faults/**/*.mjs', '*.mjs', '*.js'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      'max-lines': ['error', { max: 250 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
    },
  },
  ...LONGER.map(({ file }) => ({
    files: [file],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' },
  })),
  prettier,
);

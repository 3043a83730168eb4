/**
 * One Jest project per tier. `npm test` (scripts/test.mjs) runs them in this order, brings the stores up
 * first, and names every suite that this machine cannot serve.
 */
const shared = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleFileExtensions: ['ts', 'js', 'json'],
  moduleNameMapper: { '^@longhaul/(.*)$': '<rootDir>/libs/$1/src' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.longhaul'],
  setupFiles: ['reflect-metadata'],
};

const tier = (displayName, testMatch) => ({ ...shared, displayName, testMatch });

module.exports = {
  projects: [
    tier('unit', ['<rootDir>/{apps,libs,scripts,test/support,test/model}/**/*.spec.ts']),
    tier('contracts', ['<rootDir>/test/contracts/**/*.spec.ts']),
    tier('architecture', ['<rootDir>/test/architecture/**/*.spec.ts']),
    tier('integration', ['<rootDir>/test/integration/**/*.int-spec.ts']),
    tier('e2e', ['<rootDir>/test/e2e/**/*.e2e-spec.ts']),
    tier('faults', ['<rootDir>/test/faults/**/*.fault-spec.ts']),
  ],
};

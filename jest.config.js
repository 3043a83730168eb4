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
/** Over real stores: five seconds, Jest's own limit, are a loaded machine's pause and no verdict. */
const storeTier = (displayName, testMatch) => ({
  ...tier(displayName, testMatch),
  setupFilesAfterEnv: ['<rootDir>/test/support/patience.ts'],
});

module.exports = {
  projects: [
    tier('unit', ['<rootDir>/{apps,libs,scripts,test/support,test/model}/**/*.spec.ts']),
    tier('contracts', ['<rootDir>/test/contracts/**/*.spec.ts']),
    tier('architecture', ['<rootDir>/test/architecture/**/*.spec.ts']),
    storeTier('integration', ['<rootDir>/test/integration/**/*.int-spec.ts']),
    storeTier('e2e', ['<rootDir>/test/e2e/**/*.e2e-spec.ts']),
    storeTier('faults', ['<rootDir>/test/faults/**/*.fault-spec.ts']),
  ],
};

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // TypeScript 7 has no compiler API for a transformer to call; swc only strips the types, and `npm run verify` checks them.
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  extensionsToTreatAsEsm: ['.ts'],
  // The sources import `./x.js`, which is what the compiler makes of `./x.ts`.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/\\.carillon', '<rootDir>/\\.cache'],
  cacheDirectory: '<rootDir>/.cache/jest',
  // Starts nothing by itself: test files ask for what they need (test/support).
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testTimeout: 30_000,
  // Two, and the services beside them: what a machine of two cores carries.
  maxWorkers: 2,
};

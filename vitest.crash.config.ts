import { defineConfig } from 'vitest/config';

/** Every failpoint with every way to die, and the whole matrix of damage: `npm run test:crash`. */
export default defineConfig({
  test: {
    include: ['test/crash/**/*.test.ts'],
    env: { CLADE_CRASH: 'all' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});

import { defineConfig } from 'vitest/config';

/** The tensorflow engine itself, on what `clade engine install` has left: `npm run test:tensorflow`. */
export default defineConfig({
  test: {
    include: ['test/tensorflow/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
});

import { defineConfig } from 'vitest/config';

/** The study's numbers on its real slices: minutes to an hour, so a command of its own (`npm run test:study`). */
export default defineConfig({
  test: {
    include: ['test/study/**/*.test.ts'],
    testTimeout: 3 * 3600_000,
    hookTimeout: 3 * 3600_000,
    pool: 'forks',
  },
});

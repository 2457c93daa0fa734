import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // Commands of their own: npm run test:study (minutes to hours), npm run test:webgpu (needs a GPU).
    exclude: ['test/study/**', 'test/webgpu/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});

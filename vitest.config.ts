import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Commands of their own: npm run test:study (minutes to hours), test:webgpu (a GPU), test:tensorflow (TensorFlow).
    exclude: ['test/study/**', 'test/webgpu/**', 'test/tensorflow/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
  },
});

import { defineConfig } from 'vitest/config';

/** What needs a GPU, or SwiftShader in its place: `npm run test:webgpu`. */
export default defineConfig({
  test: {
    include: ['test/webgpu/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
});

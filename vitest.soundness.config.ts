import { defineConfig } from 'vitest/config';

/** The figures of docs/threat-model.md that attack circuits: `npm run test:soundness`. */
export default defineConfig({
  test: { include: ['test/soundness/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000, pool: 'forks', maxWorkers: 2 },
});

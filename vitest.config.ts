import { defineConfig } from 'vitest/config';

/** Workspaces are loaded from their TypeScript sources, so nothing has to be built before a test runs. */
const conditions = ['@helix-agents/source', 'module', 'node', 'development|production'];

const everywhere = (suffix: string) => [`{packages,examples,tests,tooling,bench}/**/*${suffix}.{ts,tsx}`];
const never = ['**/node_modules/**', '**/dist/**'];
const integration = everywhere('.integration.test');
const e2e = everywhere('.e2e.test');

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Limits say that something hangs: on a busy machine all of it takes ten times as long. A promise of time is a test's own assertion.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: everywhere('.test'),
          exclude: [...never, ...integration, ...e2e],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: integration, exclude: never, testTimeout: 180_000, hookTimeout: 180_000 },
      },
      {
        extends: true,
        test: { name: 'e2e', include: e2e, exclude: never, testTimeout: 300_000, hookTimeout: 300_000 },
      },
    ],
  },
});

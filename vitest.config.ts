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
    projects: [
      {
        extends: true,
        // A property over hundreds of cases outlasts the default of 5 s on a busy machine, and nothing is wrong.
        test: {
          name: 'unit',
          include: everywhere('.test'),
          exclude: [...never, ...integration, ...e2e],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: integration, exclude: never, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'e2e', include: e2e, exclude: never, testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});

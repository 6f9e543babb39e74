import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // Packages of this repository are taken from their sources, so nothing has to be built first.
  resolve: { conditions: ['@helix-agents/source', 'module', 'browser', 'production'] },
  // The page is built for users, also where the environment is one of tests or of development.
  define: { 'process.env.NODE_ENV': '"production"' },
  oxc: { jsx: { development: false } },
  // Which plugin took how long is nobody's business who starts the chat: a slow machine printed it between the lines of a failure.
  build: { rolldownOptions: { checks: { bundlerTimings: false } } },
});

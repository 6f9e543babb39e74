export { VercelAIAdapter } from './vercel-ai-adapter.ts';
export type { ModelWarning, VercelAIAdapterOptions } from './adapter-options.ts';
export { mapVercelError } from './map-vercel-error.ts';
export type { VercelModel } from './vercel-model.ts';

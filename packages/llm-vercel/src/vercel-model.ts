import type { LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider';

/** A language model of the AI SDK: specification v4, or v3. */
export type VercelModel = LanguageModelV4 | LanguageModelV3;

import type { LanguageModelV4, LanguageModelV4CallOptions, SharedV4ProviderOptions } from '@ai-sdk/provider';
import type { JsonObject, LLMConfig, LLMGenerateInput } from '@helix-agents/core';
import { traitsOf } from './model-traits.ts';
import { readFiles, type FileSource } from './file-data.ts';
import { toPrompt } from './prompt.ts';
import { toToolOptions } from './tool-specs.ts';

/** The request to a model, in the AI SDK's terms. */
export async function toCallOptions(
  input: LLMGenerateInput,
  model: LanguageModelV4,
  abortSignal: AbortSignal,
  { loadFile, warn }: Pick<FileSource, 'loadFile' | 'warn'>,
): Promise<LanguageModelV4CallOptions> {
  const traits = traitsOf(model);
  const files = await readFiles(input.messages, { model, abortSignal, loadFile, warn });
  return {
    prompt: toPrompt(input, { traits, files }),
    ...toToolOptions(input, traits),
    ...settingsOf(input.config),
    providerOptions: mergeOptions(traits.defaults, input.config.providerOptions ?? {}),
    abortSignal,
  };
}

const settingNames = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
] as const satisfies (keyof LLMConfig)[];

function settingsOf(config: LLMConfig): Partial<LanguageModelV4CallOptions> {
  const settings: Partial<Record<(typeof settingNames)[number], number>> = {};
  for (const name of settingNames) {
    const value = config[name];
    if (value !== undefined) settings[name] = value;
  }
  return { ...settings, ...(config.stopSequences && { stopSequences: [...config.stopSequences] }) };
}

function mergeOptions(defaults: JsonObject, given: JsonObject): SharedV4ProviderOptions {
  const merged: JsonObject = { ...given };
  for (const [provider, options] of Object.entries(defaults)) {
    merged[provider] = { ...(options as JsonObject), ...(given[provider] as JsonObject | undefined) };
  }
  return merged as SharedV4ProviderOptions;
}

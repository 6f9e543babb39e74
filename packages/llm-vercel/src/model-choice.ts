import type { LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider';
import { HelixError, type LLMConfig } from '@helix-agents/core';
import type { ResolvedAdapterOptions } from './adapter-options.ts';
import { mapVercelError } from './map-vercel-error.ts';
import { fromV3 } from './v3-model.ts';
import type { VercelModel } from './vercel-model.ts';

/**
 * The model that a call goes to: `llmConfig.model`, else the adapter's.
 *
 * @throws HelixError `agent_invalid` without a model or for an id that nothing resolves, `provider_model_not_found` for an id
 * that the resolver does not know, `framework_not_supported` for a model of an older specification
 */
export function chooseModel(
  config: LLMConfig,
  options: Pick<ResolvedAdapterOptions, 'model' | 'resolveModel'>,
): LanguageModelV4 {
  const asked = config.model ?? options.model;
  if (asked === undefined) {
    throw new HelixError(
      'agent_invalid',
      'llmConfig.model is missing: set it to an AI SDK model, or give new VercelAIAdapter({ model }) a default',
    );
  }
  return asV4(typeof asked === 'string' ? modelOfId(asked, options.resolveModel) : asked);
}

function modelOfId(id: string, resolve: ResolvedAdapterOptions['resolveModel']): VercelModel {
  if (!resolve) {
    throw new HelixError(
      'agent_invalid',
      `llmConfig.model is the id ${JSON.stringify(id)}: give new VercelAIAdapter({ resolveModel }) a way to find models by id`,
    );
  }
  const model = resolveOrThrow(id, resolve);
  if (model) return model;
  throw new HelixError('provider_model_not_found', `resolveModel knows no model ${JSON.stringify(id)}`);
}

function resolveOrThrow(id: string, resolve: (id: string) => VercelModel | undefined): VercelModel | undefined {
  try {
    return resolve(id);
  } catch (error) {
    throw mapVercelError(error);
  }
}

function asV4(asked: unknown): LanguageModelV4 {
  const version = (asked as { specificationVersion?: string } | null)?.specificationVersion;
  if (version === 'v4') return asked as LanguageModelV4;
  if (version === 'v3') return fromV3(asked as LanguageModelV3);
  if (typeof version === 'string') {
    throw new HelixError(
      'framework_not_supported',
      `llmConfig.model speaks specification ${version}; VercelAIAdapter takes v4 and v3: update the provider's package`,
    );
  }
  throw new HelixError('agent_invalid', 'llmConfig.model must be an AI SDK language model or the id of one');
}

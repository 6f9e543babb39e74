import { connectModel, type ModelSettings } from '@helix-agents/example-environment';
import type { LLMAdapter } from '@helix-agents/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import { OfflineModel, offlineModelName } from './offline-model.ts';

/** A model, and what to call it. */
export interface ChosenModel {
  readonly name: string;
  readonly llm: LLMAdapter;
}

export function chooseModel(settings: ModelSettings): ChosenModel {
  if (settings.kind === 'offline')
    return { name: offlineModelName, llm: new OfflineModel((ms, signal) => sleep(ms, undefined, { signal })) };
  const { kind, modelId, baseUrl } = settings;
  const name = kind === 'compatible' ? `${modelId} at ${baseUrl}` : `${kind}:${modelId}`;
  return { name, llm: connectModel(settings) };
}

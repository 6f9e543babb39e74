import { connectModel } from '@helix-agents/example-environment';
import type { LLMAdapter } from '@helix-agents/sdk';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from './config.ts';
import { OfflineModel } from './offline-model.ts';

/** A model, and what the page says of it. */
export interface ChosenModel {
  readonly name: string;
  readonly isOffline: boolean;
  readonly llm: LLMAdapter;
}

export function chooseModel({ model, wordMs }: Pick<Settings, 'model' | 'wordMs'>): ChosenModel {
  if (model.kind !== 'offline') return { name: model.modelId, isOffline: false, llm: connectModel(model) };
  const llm = new OfflineModel((signal) => sleep(wordMs, undefined, { signal }));
  return { name: 'Offline rules', isOffline: true, llm };
}

import type { SharedV4Warning } from '@ai-sdk/provider';
import { HelixError, refuseUnknown, resolvePorts, type Clock, type Filled } from '@helix-agents/core';
import type { VercelModel } from './vercel-model.ts';

/** What {@link VercelAIAdapter} takes. */
export interface VercelAIAdapterOptions {
  /** The model of agents whose `llmConfig` names none. */
  readonly model?: VercelModel | undefined;
  /** Finds the model of an id in `llmConfig.model`, for instance `(id) => registry.languageModel(id)`. */
  readonly resolveModel?: ((id: string) => VercelModel | undefined) | undefined;
  /** Milliseconds without a chunk after which a reply that has begun is given up. Default 120,000. */
  readonly idleTimeoutMs?: number | undefined;
  /** The same before the first output and while the model thinks, when many models are silent. Default 300,000. */
  readonly thinkingTimeoutMs?: number | undefined;
  /** Whether replies are streamed. Default true; turn it off for a model or gateway that cannot. */
  readonly streaming?: boolean | undefined;
  /**
   * Reads a file that the model cannot fetch itself: a stored body, or a URL that its provider does not take. Where it throws for a file
   * of the newest user message, the call fails; in place of an earlier one, the model is told that it cannot be read, and `onWarning` why.
   */
  readonly loadFile?: ((url: string, abortSignal: AbortSignal) => Promise<Uint8Array>) | undefined;
  /** Told what was left out or changed of a request or reply: by a provider, or a file that cannot be read; never throws. */
  readonly onWarning?: ((warning: ModelWarning) => void) | undefined;
  /** Where time-outs come from. Default: the system's. */
  readonly clock?: Pick<Clock, 'now' | 'monotonic' | 'after'> | undefined;
}

/** A setting that a model did not follow, a part of a reply that has no place in a transcript, or a file that was left out. */
export interface ModelWarning {
  readonly provider: string;
  readonly modelId: string;
  readonly warning: SharedV4Warning;
}

export type ResolvedAdapterOptions = Filled<Omit<VercelAIAdapterOptions, 'model' | 'resolveModel' | 'loadFile'>> &
  Pick<VercelAIAdapterOptions, 'model' | 'resolveModel' | 'loadFile'>;

const options = {
  known: [
    'model',
    'resolveModel',
    'idleTimeoutMs',
    'thinkingTimeoutMs',
    'streaming',
    'loadFile',
    'onWarning',
    'clock',
  ] satisfies (keyof VercelAIAdapterOptions)[],
};

/** Fills defaults; an unknown option and a time-out that is no positive number are refused with `input_invalid`. */
export function resolveAdapterOptions(given: VercelAIAdapterOptions): ResolvedAdapterOptions {
  refuseUnknown('VercelAIAdapter: ', given, options);
  return {
    ...given,
    idleTimeoutMs: positive('idleTimeoutMs', given.idleTimeoutMs ?? 120_000),
    thinkingTimeoutMs: positive('thinkingTimeoutMs', given.thinkingTimeoutMs ?? 300_000),
    streaming: given.streaming ?? true,
    onWarning: given.onWarning ?? (() => {}),
    clock: given.clock ?? resolvePorts().clock,
  };
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new HelixError('input_invalid', `${name} of VercelAIAdapter must be a number above 0, got ${String(value)}`);
}

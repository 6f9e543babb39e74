import { InvalidResponseDataError, type LanguageModelV4, type SharedV4Warning } from '@ai-sdk/provider';
import {
  HelixError,
  type LLMAdapter,
  type LLMConfig,
  type LLMGenerateInput,
  type StepResult,
} from '@helix-agents/core';
import { resolveAdapterOptions, type ResolvedAdapterOptions, type VercelAIAdapterOptions } from './adapter-options.ts';
import { toCallOptions } from './call-options.ts';
import { CallWatch } from './call-watch.ts';
import { mapVercelError } from './map-vercel-error.ts';
import { chooseModel } from './model-choice.ts';
import { traitsOf } from './model-traits.ts';
import { refuseOtherProtocol } from './other-protocol.ts';
import { partsOf, readReply } from './read-reply.ts';
import { Reply } from './reply.ts';
import { toStepResult } from './step-result.ts';
import { ToolChoices } from './tool-choices.ts';

/**
 * Calls models of the AI SDK through their provider interface. A step is one request: neither this adapter nor the AI SDK below
 * it retries.
 */
export class VercelAIAdapter implements LLMAdapter {
  readonly contract = 'helix.llm-adapter/1';
  readonly #options: ResolvedAdapterOptions;
  readonly #choices = new ToolChoices();

  /** @throws HelixError `input_invalid` for a time-out that is no positive number */
  constructor(options: VercelAIAdapterOptions = {}) {
    this.#options = resolveAdapterOptions(options);
  }

  /**
   * One reply of the model. What goes wrong is a result of type `error` with a `HelixError`; the promise rejects only when
   * `abortSignal` is aborted, at once and with its reason.
   */
  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    input.abortSignal.throwIfAborted();
    let model: LanguageModelV4 | undefined;
    let asked = input;
    const watch = this.#watch(input);
    try {
      model = chooseModel(input.config, this.#options);
      asked = { ...input, toolChoice: this.#choices.sentTo(model, input.toolChoice) };
      return await watch.race(this.#ask(model, asked, watch));
    } catch (error) {
      input.abortSignal.throwIfAborted();
      const cause: unknown = watch.signal.aborted ? watch.signal.reason : error;
      return { type: 'error', error: this.#explain(cause, model, asked) };
    } finally {
      watch.close();
    }
  }

  /** Whether a typed output can be had of the model: it is known here, and calls tools. */
  checkCompletionSupport(config: LLMConfig): ReturnType<NonNullable<LLMAdapter['checkCompletionSupport']>> {
    try {
      const model = chooseModel(config, this.#options);
      if (traitsOf(model).callsTools) return { supported: true };
      return { supported: false, reason: `${model.provider} model ${model.modelId} does not call tools` };
    } catch (error) {
      return { supported: false, reason: HelixError.from(error, 'agent_invalid').message };
    }
  }

  #watch({ abortSignal, config }: LLMGenerateInput): CallWatch {
    const { streaming, thinkingTimeoutMs, clock } = this.#options;
    const quietMs = streaming ? thinkingTimeoutMs : Number.POSITIVE_INFINITY;
    return new CallWatch(abortSignal, { totalMs: config.timeoutMs ?? 600_000, quietMs }, clock);
  }

  async #ask(model: LanguageModelV4, input: LLMGenerateInput, watch: CallWatch): Promise<StepResult> {
    const { streaming, idleTimeoutMs, thinkingTimeoutMs, loadFile, onWarning } = this.#options;
    const { provider, modelId } = model;
    const warn = (warning: SharedV4Warning) => onWarning({ provider, modelId, warning });
    const reply = new Reply(input.callbacks, warn);
    const request = await toCallOptions(input, model, watch.signal, { loadFile, warn });
    if (!streaming) {
      for (const part of partsOf(await model.doGenerate(request))) reply.take(part);
      return toStepResult(reply);
    }
    const { stream, response } = await model.doStream(request);
    const heard = () => watch.heard(reply.isThinking ? thinkingTimeoutMs : idleTimeoutMs);
    try {
      watch.release(await readReply(stream, reply, heard, watch.signal));
      return toStepResult(reply);
    } catch (error) {
      const isUnheard =
        reply.blocks.length === 0 && (HelixError.is(error) || InvalidResponseDataError.isInstance(error));
      throw (isUnheard ? refuseOtherProtocol(response?.headers) : undefined) ?? error;
    }
  }

  /** The error in our terms; where it is the provider's, with the model that it came from. */
  #explain(thrown: unknown, model: LanguageModelV4 | undefined, { toolChoice }: LLMGenerateInput): HelixError {
    const error = mapVercelError(thrown, this.#options.clock.now());
    if (!model || error.category !== 'provider') return error;
    const { code, message, cause } = error;
    const retryable = this.#choices.learn(model, toolChoice, error) || error.retryable;
    const details = { provider: model.provider, model: model.modelId, ...error.details };
    return new HelixError(code, message, { retryable, details, cause });
  }
}

import type { LLMAdapter, LLMGenerateInput, LLMStreamCallbacks, StepResult } from '../contracts/llm-adapter.ts';
import { HelixError } from '../errors/helix-error.ts';
import { replyParts } from '../loop/model/reply-parts.ts';
import type { MessagePart } from '../session/message.ts';

/** A scripted reply: a result, or a function of the request that gives one. */
export type MockStep = StepResult | ((input: LLMGenerateInput) => StepResult | Promise<StepResult>);

/**
 * A model that answers from a script, in order, and streams its reply, text in words, unless a function streamed some of it itself. It
 * keeps the requests that it saw. An assertion that fails in a function fails the run, with its message.
 */
export class MockLLMAdapter implements LLMAdapter {
  readonly contract = 'helix.llm-adapter/1';
  readonly requests: LLMGenerateInput[] = [];
  readonly #script: MockStep[];

  /** @throws HelixError `input_invalid` for what is no list */
  constructor(script: readonly MockStep[]) {
    if (!Array.isArray(script)) throw invalid('MockLLMAdapter takes a list of replies');
    this.#script = [...script];
  }

  /** Replies that are left. */
  get remaining(): number {
    return this.#script.length;
  }

  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    // The messages are valid during the call only; a test reads them afterwards.
    this.requests.push({ ...input, messages: [...input.messages] });
    const step = this.#script.shift();
    if (!step)
      throw new HelixError('provider_error', 'the script of the mock model is at its end', { retryable: false });
    if (typeof step !== 'function') return spoken(step, input);
    let silent = true;
    const result = await step({ ...input, callbacks: heard(input.callbacks, () => (silent = false)) });
    return silent ? spoken(result, input) : result;
  }
}

/** A mock model for several agents at once: each answers from its own script. */
export class RoutingMockLLMAdapter implements LLMAdapter {
  readonly contract = 'helix.llm-adapter/1';
  readonly #adapters: ReadonlyMap<string, MockLLMAdapter>;

  /** @throws HelixError `input_invalid` for what are no lists by names */
  constructor(scripts: Readonly<Record<string, readonly MockStep[]>>) {
    if (typeof scripts !== 'object' || scripts === null)
      throw invalid('RoutingMockLLMAdapter takes lists of replies, by the names of their agents');
    this.#adapters = new Map(
      Object.entries(scripts).map(([agentType, script]) => [agentType, new MockLLMAdapter(script)]),
    );
  }

  /** The mock model of one agent. */
  for(agentType: string): MockLLMAdapter {
    const adapter = this.#adapters.get(agentType);
    if (!adapter) throw new HelixError('agent_not_found', `the mock model has no script for ${agentType}`);
    return adapter;
  }

  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    return this.for(input.agentType).generateStep(input);
  }
}

function invalid(message: string): HelixError {
  return new HelixError('input_invalid', message);
}

function spoken(result: StepResult, { callbacks }: LLMGenerateInput): StepResult {
  if (result.type !== 'error') for (const part of replyParts(result)) say(part, callbacks);
  return result;
}

function say(part: MessagePart, callbacks: LLMStreamCallbacks): void {
  if (part.type === 'reasoning') callbacks.onThinking?.(part.text, true);
  else if (part.type === 'file') callbacks.onFile?.(part);
  else if (part.type === 'source') callbacks.onSource?.(part);
  else if (part.type === 'text')
    for (const delta of part.text.match(/\S+\s*|\s+/g) ?? []) callbacks.onTextDelta?.(delta);
}

/** The same callbacks; `onSaid` is called where text, thoughts, files or sources go through them. */
function heard(callbacks: LLMStreamCallbacks, onSaid: () => void): LLMStreamCallbacks {
  return {
    ...callbacks,
    onTextDelta: (delta) => {
      onSaid();
      callbacks.onTextDelta?.(delta);
    },
    onThinking: (content, isComplete) => {
      onSaid();
      callbacks.onThinking?.(content, isComplete);
    },
    onFile: (file) => {
      onSaid();
      callbacks.onFile?.(file);
    },
    onSource: (source) => {
      onSaid();
      callbacks.onSource?.(source);
    },
  };
}

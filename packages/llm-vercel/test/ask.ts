import type { LanguageModelV4 } from '@ai-sdk/provider';
import type {
  LLMGenerateInput,
  LLMStreamCallbacks,
  MessagePart,
  MessageRecord,
  MessageRole,
  StepResult,
  ToolOutcome,
  ToolSpec,
} from '@helix-agents/core';
import type { VercelAIAdapterOptions } from '../src/adapter-options.ts';
import { VercelAIAdapter } from '../src/vercel-ai-adapter.ts';

export const weather: ToolSpec = {
  name: 'weather',
  description: 'The weather of a city',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

export interface Asked extends Partial<LLMGenerateInput> {
  readonly adapter?: VercelAIAdapterOptions;
}

/** One step of an adapter for the model. */
export function ask(model: LanguageModelV4, { adapter, ...input }: Asked): Promise<StepResult> {
  return new VercelAIAdapter({ model, ...adapter }).generateStep(inputOf(input));
}

/** A call for the weather, with what is given in place of its fields. */
export function inputOf(input: Partial<LLMGenerateInput> = {}): LLMGenerateInput {
  return {
    system: 'You know the weather.',
    messages: [user('Weather?')],
    tools: [weather],
    toolChoice: 'auto',
    config: {},
    abortSignal: new AbortController().signal,
    callbacks: {},
    agentId: 'ses_1',
    agentType: 'weather',
    ...input,
  };
}

export function record(role: MessageRole, ...parts: MessagePart[]): MessageRecord {
  return { v: 1, id: 'msg_1', seq: 1, role, parts, runId: 'run_1', createdAt: 0 };
}

export function user(text: string): MessageRecord {
  return record('user', { type: 'text', text });
}

/** The message that a reply leaves in the transcript. */
export function assistant(result: StepResult): MessageRecord {
  return record('assistant', ...('parts' in result ? (result.parts ?? []) : []));
}

export function toolResults(outcomes: Record<string, ToolOutcome>): MessageRecord {
  const parts = Object.entries(outcomes).map(
    ([toolCallId, outcome]) => ({ type: 'tool-result', toolCallId, toolName: 'weather', outcome }) as const,
  );
  return record('tool', ...parts);
}

/** What the callbacks were told. */
export function callbacksLog() {
  const heard: { kind: string; id: string; text: string }[] = [];
  const of = (kind: string) => heard.filter((entry) => entry.kind === kind);
  const joined = (kind: string, id: string) =>
    of(kind)
      .flatMap((entry) => (entry.id === id ? [entry.text] : []))
      .join('');
  const callbacks: LLMStreamCallbacks = {
    onTextDelta: (text) => heard.push({ kind: 'text', id: '', text }),
    onThinking: (text, isComplete) => heard.push({ kind: isComplete ? 'thought' : 'thinking', id: '', text }),
    onFile: ({ url }) => heard.push({ kind: 'file', id: '', text: url }),
    onSource: (source) =>
      heard.push({ kind: 'source', id: '', text: source.sourceType === 'url' ? source.url : source.title }),
    onToolInputStart: (id, text) => heard.push({ kind: 'start', id, text }),
    onToolInputDelta: (id, text) => heard.push({ kind: 'delta', id, text }),
  };
  return {
    callbacks,
    heard: heard as readonly { readonly kind: string; readonly id: string; readonly text: string }[],
    count: (kind: string) => of(kind).length,
    text: () => joined('text', ''),
    thinking: () => [joined('thinking', ''), of('thought').length === 1],
    inputs: () => Object.fromEntries(of('start').map(({ id }) => [id, joined('delta', id)])),
  };
}

import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { Answer, SeenRequest } from './fake-provider.ts';

/** A reply, in no provider's terms. */
export interface ScriptedReply {
  readonly blocks: readonly ScriptedBlock[];
  readonly stop: 'end' | 'calls' | 'length' | 'refusal';
  readonly usage: {
    readonly input: number;
    readonly cached: number;
    readonly output: number;
    readonly reasoning: number;
  };
}

export type ScriptedBlock =
  | { readonly thinking: string; readonly signature: string }
  | { readonly text: string; readonly cites?: ScriptedSource }
  | { readonly call: { readonly id: string; readonly name: string; readonly arguments: string } };

/** A page that a text names. */
export interface ScriptedSource {
  readonly url: string;
  readonly title: string;
}

export type ScriptedError = 'rate-limit' | 'overloaded' | 'server' | 'auth' | 'model' | 'context' | 'bad-request';

/** How one provider speaks on the wire, seen from its server. */
export interface Protocol {
  readonly name: string;
  readonly knownModel: string;
  model(baseURL: string, options?: { apiKey?: string; modelId?: string }): LanguageModelV4;
  keyOf(request: SeenRequest): string | undefined;
  /** The events of a reply; without `isWhole`, those before its end. */
  events(reply: ScriptedReply, isWhole?: boolean): string[];
  /** An error that comes in the stream after a 200. */
  streamError(kind: ScriptedError): string;
  error(kind: ScriptedError): Extract<Answer, { status: number }>;
}

export const rightKey = 'sk-right-key';

/** Refuses what the real server refuses before it looks at anything else. */
export function gateOf(protocol: Protocol): (request: SeenRequest) => Answer | undefined {
  return (request) => {
    if (protocol.keyOf(request) !== rightKey) return protocol.error('auth');
    return request.body['model'] === protocol.knownModel ? undefined : protocol.error('model');
  };
}

export const httpStatus: Record<ScriptedError, number> = {
  'rate-limit': 429,
  overloaded: 503,
  server: 500,
  auth: 401,
  model: 404,
  context: 400,
  'bad-request': 400,
};

/** Cuts a text in pieces of at most seven characters, as models do. */
export function pieces(text: string): string[] {
  return text.match(/.{1,7}/gs) ?? [];
}

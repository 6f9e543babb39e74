import type { Answer } from './fake-provider.ts';
import { httpStatus, type ScriptedError } from './protocol.ts';

const bodies: Record<ScriptedError, { readonly message: string; readonly type: string; readonly code: string | null }> =
  {
    'rate-limit': { message: 'Rate limit reached for requests', type: 'requests', code: 'rate_limit_exceeded' },
    overloaded: { message: 'The engine is currently overloaded', type: 'server_error', code: null },
    server: { message: 'The server had an error', type: 'server_error', code: null },
    auth: {
      message: 'Incorrect API key provided: sk-wrong-key-1234567890',
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    },
    model: { message: 'The model `nope` does not exist', type: 'invalid_request_error', code: 'model_not_found' },
    context: {
      message: "This model's maximum context length is 128000 tokens, however you requested 130000 tokens",
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    },
    'bad-request': { message: 'Invalid value for temperature', type: 'invalid_request_error', code: null },
  };

/** The bodies that both of OpenAI's protocols share. */
export function openaiError(kind: ScriptedError): Extract<Answer, { status: number }> {
  return { status: httpStatus[kind], body: { error: { ...bodies[kind], param: null } } };
}

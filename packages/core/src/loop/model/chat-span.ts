import type { StepResult } from '../../contracts/llm-adapter.ts';
import type { Span } from '../../ports/ports.ts';
import { startSpan } from '../../ports/spans.ts';
import type { Owner } from '../owner/owner.ts';
import { placeOfSpan } from '../owner/place-of-span.ts';
import { countedTokens } from './counted-tokens.ts';
import type { ModelCall } from './plan-reply.ts';

/** The span around a model call. Whoever starts it ends it, however. */
export function chatSpan(owner: Owner, { attempt }: ModelCall): Span {
  const { agent, ports } = owner.parts;
  const { model } = agent.llmConfig;
  return startSpan(ports, 'chat', () => ({
    'gen_ai.operation.name': 'chat',
    ...placeOfSpan(owner),
    'helix.attempt': attempt,
    ...(typeof model === 'string' && { 'gen_ai.request.model': model }),
  }));
}

/** What the model said of its call, for the span around it. Tokens that it did not count are left out. */
export function saidOf(result: StepResult): Readonly<Record<string, string | number>> {
  const { input, output, cachedInput, cacheWrite } = countedTokens(result.usage).tokens;
  return {
    ...('model' in result && typeof result.model === 'string' && { 'gen_ai.response.model': result.model }),
    ...(result.usage && {
      'gen_ai.usage.input_tokens': input,
      'gen_ai.usage.output_tokens': output,
      // Parts of the input that have a price of their own.
      ...(cachedInput !== undefined && { 'gen_ai.usage.cache_read.input_tokens': cachedInput }),
      ...(cacheWrite !== undefined && { 'gen_ai.usage.cache_creation.input_tokens': cacheWrite }),
    }),
  };
}

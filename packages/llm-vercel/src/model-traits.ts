import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { JsonObject } from '@helix-agents/core';
import type { StrictRules } from './strict-schema.ts';

/** What a request to a model must mind and the AI SDK does not hide. */
export interface ModelTraits {
  /** What a schema needs so that the provider can constrain decoding to it; absent where it cannot. */
  readonly strict?: StrictRules;
  /**
   * Whether a system message may stand anywhere. Elsewhere packages throw for it, chat templates of open models refuse it, and Claude takes
   * it behind a user alone, where a reply follows.
   */
  readonly lateSystem: boolean;
  /** The ids of calls that it takes back. */
  readonly callId: RegExp;
  /** The names in metadata under which it keeps what an empty text stands for. */
  readonly emptyText: readonly string[];
  /** Whether it refuses whatever is no reply behind the results of tools. */
  readonly repliesToResults: boolean;
  /** Whether the model calls tools at all. */
  readonly callsTools: boolean;
  /** Provider options that hold unless the agent's `providerOptions` say otherwise. */
  readonly defaults: JsonObject;
}

export function traitsOf({ provider }: Pick<LanguageModelV4, 'provider'>): ModelTraits {
  const anthropic = provider.includes('anthropic');
  const openai = !anthropic && /^(?:openai\.|azure)/.test(provider);
  return {
    ...(openai && { strict: openaiStrict }),
    ...(anthropic && { strict: claudeStrict }),
    lateSystem: openai,
    callId: callIdOf(provider, { anthropic, openai }),
    emptyText: anthropic ? [] : emptyTextOf(provider),
    repliesToResults: provider.startsWith('mistral'),
    callsTools: !provider.endsWith('.completion') && !provider.startsWith('perplexity'),
    defaults: providerDefaults(provider, anthropic),
  };
}

/** What a text may be where decoding is strict. */
const formats = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'];

const openaiStrict: StrictRules = { optionalFields: false, bounds: true, references: true, lookaround: true, formats };
const claudeStrict: StrictRules = {
  optionalFields: true,
  bounds: false,
  references: false,
  lookaround: false,
  formats: [...formats, 'uri'],
};

function callIdOf(provider: string, { anthropic, openai }: { anthropic: boolean; openai: boolean }): RegExp {
  if (provider.startsWith('mistral')) return /^[A-Za-z0-9]{9}$/;
  if (provider.startsWith('amazon-bedrock')) return /^[A-Za-z0-9_-]{1,64}$/;
  if (anthropic) return /^[A-Za-z0-9_-]+$/;
  // Chat completions take 40 characters, but proxies that pass for OpenAI there keep a thought's signature in the id.
  return openai && provider.endsWith('.responses') ? /^.{1,64}$/ : /^/;
}

function emptyTextOf(provider: string): readonly string[] {
  if (provider.startsWith('google')) return ['google', 'googleVertex', 'vertex'];
  return provider.endsWith('.responses') ? ['openai', 'azure'] : [];
}

function providerDefaults(provider: string, anthropic: boolean): JsonObject {
  // Pings are all that is heard while Claude thinks unseen; without them that looks like a dead connection.
  if (anthropic) return { anthropic: { includePings: true } };
  // The transcript is the only truth: replies kept at the provider expire, and belong to one key.
  if (provider.endsWith('.responses')) return { [/^(?:azure|xai)/.exec(provider)?.[0] ?? 'openai']: { store: false } };
  return {};
}

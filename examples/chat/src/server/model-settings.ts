import { z } from 'zod';
import { Problem } from './problem.ts';

/** Which model answers, where, and with which key. */
export type ModelSettings =
  | { readonly kind: 'offline'; readonly wordMs: number }
  | {
      readonly kind: 'anthropic' | 'openai';
      readonly modelId: string;
      readonly apiKey: string;
      readonly baseUrl: string | null;
    }
  | { readonly kind: 'compatible'; readonly modelId: string; readonly apiKey: string | null; readonly baseUrl: string };

/** What of the environment names a model. */
export const modelVariables = z.object({
  HELIX_MODEL: z.string().optional(),
  HELIX_API_KEY: z.string().optional(),
  ANTHROPIC_API_KEY: z.string().optional(),
  ANTHROPIC_BASE_URL: z.string().optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.string().optional(),
});

const keyVariables = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY' } as const;

/** The model that the variables name. Throws a {@link Problem} that names the variable and the fix. */
export function readModel(env: z.infer<typeof modelVariables>): ModelSettings {
  const wanted = env.HELIX_MODEL;
  if (!wanted) return { kind: 'offline', wordMs: 28 };
  if (/^https?:/i.test(wanted)) return readCompatible(wanted, env.HELIX_API_KEY ?? null);
  const [, kind, modelId] = /^(anthropic|openai):(.+)$/.exec(wanted) ?? [];
  if ((kind !== 'anthropic' && kind !== 'openai') || !modelId)
    throw new Problem(
      `HELIX_MODEL is ${JSON.stringify(wanted)}`,
      'set it to anthropic:MODEL, openai:MODEL or http://host/v1#MODEL',
    );
  const apiKey = env[keyVariables[kind]];
  if (!apiKey)
    throw new Problem(`${keyVariables[kind]} is not set`, 'set it to your key, or unset HELIX_MODEL to work offline');
  const baseUrl = (kind === 'anthropic' ? env.ANTHROPIC_BASE_URL : env.OPENAI_BASE_URL) ?? null;
  return { kind, modelId, apiKey, baseUrl };
}

/** A server that speaks as OpenAI does, and the name of its model behind `#`. What is refused is not shown: it may hold a password. */
function readCompatible(wanted: string, apiKey: string | null): ModelSettings {
  const example = 'write it as in http://localhost:11434/v1#llama3.2';
  const [baseUrl = '', modelId] = wanted.split('#');
  const url = URL.parse(baseUrl);
  if (!url?.host) throw new Problem('HELIX_MODEL holds no usable URL', example);
  if (url.username || url.password)
    throw new Problem('HELIX_MODEL holds a user or a password, which no request may carry', example);
  if (!modelId) throw new Problem(`HELIX_MODEL names no model: ${wanted}`, example);
  return { kind: 'compatible', baseUrl, modelId, apiKey };
}

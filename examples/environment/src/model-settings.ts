import { z } from 'zod';
import { misuse, Problem } from './problem.ts';

/** Which model is asked; offline none is, and rules of the example answer. */
export type ModelSettings = { readonly kind: 'offline' } | RealModel;

/** A model, where it is asked, and with which key. */
export type RealModel =
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
  if (!wanted) return { kind: 'offline' };
  if (/^https?:/i.test(wanted)) return readCompatible(wanted, env.HELIX_API_KEY ?? null);
  const [, kind, modelId] = /^(anthropic|openai):(.+)$/.exec(wanted) ?? [];
  if ((kind !== 'anthropic' && kind !== 'openai') || !modelId)
    throw misuse(
      `HELIX_MODEL is ${JSON.stringify(wanted)}`,
      'set it to anthropic:MODEL, openai:MODEL or http://host/v1#MODEL',
    );
  const apiKey = env[keyVariables[kind]];
  if (!apiKey) throw keyProblem(keyVariables[kind], 'is not set');
  const url = kind === 'anthropic' ? 'ANTHROPIC_BASE_URL' : 'OPENAI_BASE_URL';
  const baseUrl = env[url] ? readBaseUrl(url, env[url], 'set it to https://host/v1, or unset it') : null;
  return { kind, modelId, apiKey: readKey(keyVariables[kind], apiKey), baseUrl };
}

/** A server that speaks as OpenAI does, and the name of its model behind `#`. */
function readCompatible(wanted: string, apiKey: string | null): ModelSettings {
  const example = 'write it as in http://localhost:11434/v1#llama3.2';
  const [url = '', modelId] = wanted.split('#');
  const baseUrl = readBaseUrl('HELIX_MODEL', url, example);
  if (!modelId) throw misuse(`HELIX_MODEL names no model: ${wanted}`, example);
  return { kind: 'compatible', baseUrl, modelId, apiKey: apiKey && readKey('HELIX_API_KEY', apiKey) };
}

/** What is refused is not shown: it may hold a password. */
function readBaseUrl(variable: string, url: string, nextStep: string): string {
  const parsed = URL.parse(url);
  if (!parsed?.host || !/^https?:$/.test(parsed.protocol)) throw misuse(`${variable} holds no usable URL`, nextStep);
  if (parsed.username || parsed.password)
    throw misuse(`${variable} holds a user or a password, which no request may carry`, nextStep);
  return url;
}

/** What no header can carry: it was copied with a line break or with quotes that a word processor made. */
function readKey(variable: string, key: string): string {
  if (/^[\x21-\x7E]+$/.test(key)) return key;
  throw keyProblem(variable, 'holds characters that no key has: a space, a line break or a typographic quote');
}

function keyProblem(variable: string, what: string): Problem {
  const nextStep = 'set it to your key as you got it, or unset HELIX_MODEL to work offline';
  return new Problem('provider_auth_failed', `${variable} ${what}`, nextStep, { exitCode: 2 });
}

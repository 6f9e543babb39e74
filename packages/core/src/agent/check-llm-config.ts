import type { LLMConfig } from '../contracts/llm-adapter.ts';
import { refuseUnknown, type Members } from '../refuse-unknown.ts';
import { shown } from './shown.ts';

/** Throws with the field and what is wrong with it. */
export type Refuse = (field: string, problem: string) => never;
type Kind = readonly [must: string, holds: (value: unknown) => boolean];

const anything: Kind = ['', () => true];
const number: Kind = ['must be a number', Number.isFinite];
const whole: Kind = ['must be a whole number', Number.isInteger];
const from = (least: number): Kind => [
  `must be a whole number of at least ${least}`,
  (value) => Number.isInteger(value) && Number(value) >= least,
];
const texts: Kind = [
  'must be a list of texts',
  (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
];

/** What each field must be; what is sensible for a model, its provider says. */
const kinds: { readonly [Field in keyof Required<LLMConfig>]: Kind } = {
  // Opaque here: the adapter says what it takes.
  model: anything,
  maxOutputTokens: from(1),
  temperature: number,
  topP: number,
  topK: number,
  presencePenalty: number,
  frequencyPenalty: number,
  stopSequences: texts,
  seed: whole,
  maxRetries: from(0),
  timeoutMs: ['must be a number above 0', (value) => Number(value) > 0 && typeof value === 'number'],
  strictOutput: ['must be true or false', (value) => typeof value === 'boolean'],
  providerOptions: ['must be an object', (value) => typeof value === 'object' && value !== null],
};

const fields: Members = { code: 'agent_invalid', known: Object.keys(kinds), later: ['cache'] };

/** Refuses, by `refuse`, a field of `llmConfig` that no adapter could use. */
export function checkLLMConfig(agent: string, config: LLMConfig, refuse: Refuse): void {
  if (typeof config !== 'object' || config === null) refuse('llmConfig', 'must be an object');
  refuseUnknown(`agent ${agent}: llmConfig.`, config, fields);
  for (const [field, value] of Object.entries(config)) {
    const [must, holds] = kinds[field as keyof LLMConfig] ?? anything;
    if (value !== undefined && !holds(value)) refuse(`llmConfig.${field}`, `${must}, got ${shown(value)}`);
  }
}

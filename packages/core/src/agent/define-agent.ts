import type { LLMConfig } from '../contracts/llm-adapter.ts';
import type { ReducersOf, StateReducers } from '../state/merge-writes.ts';
import type { Agent, StopWhenContext } from './agent.ts';
import { checkAgentConfig } from './check-agent-config.ts';
import type { AgentHooks } from './hooks.ts';
import { objectSchema } from './object-schema.ts';
import type { Schema, SchemaOutput } from './schema.ts';
import type { Tool } from './tool.ts';

/** What `defineAgent` takes. */
export interface AgentConfig<
  TStateSchema extends Schema = Schema,
  TOutputSchema extends Schema = Schema<unknown, string>,
> {
  /** 1 to 64 of A-Z a-z 0-9 _ -; unique in the application. */
  readonly name: string;
  readonly description?: string;
  /** What the model is told first. A function of the custom state is asked once, when the session is made. */
  readonly systemPrompt: string | ((state: SchemaOutput<TStateSchema>) => string);
  /**
   * The custom state of a new session is what this makes of the fields that its first turn gives: give each field a default. A later
   * turn that sets fields is refused where the state would not fit; they are kept as the schema reads them, which must be JSON. What tools and hooks write is stored unchecked.
   */
  readonly stateSchema?: TStateSchema;
  /** How writes of tools that ran side by side are merged, by field. Default `'replace'`: the later call wins. */
  readonly reducers?: ReducersOf<NoInfer<SchemaOutput<TStateSchema>>>;
  /** What the agent owes. Without it the agent ends with its first reply without calls, and gives the text. */
  readonly outputSchema?: TOutputSchema;
  readonly tools?: readonly Tool[];
  readonly llmConfig?: LLMConfig;
  /** Model calls that one run may make. Default 50; `Infinity` for no cap. */
  readonly maxSteps?: number;
  /** `'sequential'`: every call runs alone, in order, and sees the writes before it. Default `'parallel'`. */
  readonly toolExecution?: 'parallel' | 'sequential';
  /** Ends the run after a step, without a further model call. Judged after the tools of the step. */
  stopWhen?(this: void, context: StopWhenContext<SchemaOutput<TStateSchema>>): boolean | Promise<boolean>;
  readonly hooks?: AgentHooks<SchemaOutput<TStateSchema>, SchemaOutput<TOutputSchema>>;
}

/** Model calls that a run may make where the agent does not say. */
export const defaultMaxSteps = 50;

/**
 * Defines an agent. Nothing runs until a runtime executes it.
 *
 * @throws HelixError `agent_invalid` or `schema_not_representable`, naming the field; `framework_not_supported` for a feature
 *   that this release does not have; `agent_invalid` also for a field that does not exist
 */
export function defineAgent<
  TStateSchema extends Schema = Schema,
  TOutputSchema extends Schema = Schema<unknown, string>,
>(config: AgentConfig<TStateSchema, TOutputSchema>): Agent<SchemaOutput<TStateSchema>, SchemaOutput<TOutputSchema>> {
  checkAgentConfig(config);
  const { outputSchema = null, tools = [] } = config;
  return Object.freeze({
    name: config.name,
    description: config.description ?? '',
    systemPrompt: config.systemPrompt,
    stateSchema: config.stateSchema ?? null,
    reducers: (config.reducers ?? {}) as StateReducers,
    outputSchema,
    outputJsonSchema: outputSchema && objectSchema('agent_invalid', `agent ${config.name}: outputSchema`, outputSchema),
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    llmConfig: config.llmConfig ?? {},
    hooks: config.hooks ?? {},
    policy: {
      maxSteps: config.maxSteps ?? defaultMaxSteps,
      owesOutput: outputSchema !== null,
      sequential: config.toolExecution === 'sequential',
      maxMisses: 3,
      maxTakeovers: 5,
      tokenBudget: null,
      compactAboveTokens: null,
    },
    ...(config.stopWhen && { stopWhen: config.stopWhen }),
  });
}

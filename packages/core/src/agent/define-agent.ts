import type { StateReducers } from '../state/merge-writes.ts';
import type { AgentConfig } from './agent-config.ts';
import type { Agent } from './agent.ts';
import { checkAgentConfig } from './check-agent-config.ts';
import { objectSchema } from './object-schema.ts';
import type { Schema, SchemaOutput } from './schema.ts';

/** Model calls that a run may make where the agent does not say. */
const defaultMaxSteps = 50;

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

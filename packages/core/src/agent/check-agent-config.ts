import { HelixError } from '../errors/helix-error.ts';
import { refuseUnknown, type Members } from '../refuse-unknown.ts';
import type { StateReducers } from '../state/merge-writes.ts';
import type { JsonObject } from '../values/json.ts';
import type { AgentConfig } from './agent-config.ts';
import { checkLLMConfig, type Refuse } from './check-llm-config.ts';
import { checkName } from './check-name.ts';
import { checkReducers } from './check-reducers.ts';
import type { AgentHooks } from './hooks.ts';
import { isSchema, mustBeSchema, toJsonSchema, type Schema } from './schema.ts';
import { shown } from './shown.ts';
import type { Tool } from './tool.ts';

/** A definition whose members are not believed to be what the compiler says. */
type Unchecked = Omit<AgentConfig, 'systemPrompt' | 'reducers' | 'outputSchema' | 'hooks' | 'stopWhen'> & {
  readonly systemPrompt: unknown;
  readonly reducers?: object | undefined;
  readonly outputSchema?: unknown;
  readonly hooks?: object | undefined;
  readonly stopWhen?: unknown;
};

/** @throws HelixError as `defineAgent` does, naming the field */
export function checkAgentConfig(config: Unchecked): void {
  if (typeof config !== 'object' || config === null)
    throw new HelixError('agent_invalid', 'defineAgent takes { name, systemPrompt, … }');
  const { name, systemPrompt, maxSteps = 1, stateSchema, outputSchema, toolExecution } = config;
  checkName('agent_invalid', name);
  const refuse = (field: string, problem: string): never => {
    throw new HelixError('agent_invalid', `agent ${name}: ${field} ${problem}`);
  };
  // Nothing that a definition asks for is silently left out.
  refuseUnknown(`agent ${name}: `, config, fields);
  if (typeof systemPrompt !== 'string' && typeof systemPrompt !== 'function')
    refuse('systemPrompt', 'must be a string or a function');
  if (!(maxSteps >= 1) || (maxSteps !== Infinity && !Number.isInteger(maxSteps))) {
    refuse('maxSteps', `must be a whole number of at least 1, or Infinity, got ${shown(maxSteps)}`);
  }
  if (stateSchema !== undefined) checkState(stateSchema, refuse);
  if (outputSchema !== undefined && !isSchema(outputSchema)) refuse('outputSchema', mustBeSchema);
  if (toolExecution !== undefined && toolExecution !== 'parallel' && toolExecution !== 'sequential')
    refuse('toolExecution', `must be 'parallel' or 'sequential', got ${shown(toolExecution)}`);
  if (config.stopWhen !== undefined && typeof config.stopWhen !== 'function') refuse('stopWhen', 'must be a function');
  checkLLMConfig(name, config.llmConfig ?? {}, refuse);
  checkHooks(name, config.hooks ?? {}, refuse);
  checkTools(config.tools ?? [], refuse);
  if (config.reducers && !stateSchema) refuse('reducers', 'need a stateSchema, whose fields they merge');
  // What the state holds is what its schema gives.
  if (config.reducers && stateSchema)
    checkReducers(name, config.reducers as StateReducers, jsonSchemaOf(stateSchema, 'output'));
}

function checkHooks(agent: string, hooks: object, refuse: Refuse): void {
  refuseUnknown(`agent ${agent}: hooks.`, hooks, hookFields);
  for (const [hook, given] of Object.entries(hooks))
    if (given !== undefined && typeof given !== 'function') refuse(`hooks.${hook}`, 'must be a function');
}

function checkTools(tools: readonly Tool[], refuse: Refuse): void {
  if (!Array.isArray(tools)) refuse('tools', 'must be a list of tools');
  const names = new Set<string>();
  for (const [index, tool] of tools.entries()) {
    if (typeof tool?.execute !== 'function' || typeof tool.inputJsonSchema !== 'object')
      refuse(`tools[${index}]`, 'is no tool; make it with defineTool');
    if (names.has(tool.name)) refuse('tools', `has two tools named ${tool.name}`);
    names.add(tool.name);
  }
}

/** A state is made of fields: any other would be refused by its schema at the first run. */
function checkState(schema: Schema, refuse: Refuse): void {
  if (!isSchema(schema)) refuse('stateSchema', mustBeSchema);
  const type = jsonSchemaOf(schema, 'input')?.['type'];
  if (typeof type === 'string' && type !== 'object')
    refuse('stateSchema', `must describe an object, not ${JSON.stringify(type)}; wrap it in one`);
}

/** Null where the schema gives none: no model is told of a state. */
function jsonSchemaOf(schema: Schema, of: 'input' | 'output'): JsonObject | null {
  try {
    return toJsonSchema('stateSchema', schema, of);
  } catch {
    return null;
  }
}

const fields: Members = {
  code: 'agent_invalid',
  known: [
    'name',
    'description',
    'systemPrompt',
    'stateSchema',
    'reducers',
    'outputSchema',
    'tools',
    'llmConfig',
    'maxSteps',
    'toolExecution',
    'stopWhen',
    'hooks',
  ] satisfies (keyof AgentConfig)[],
  later: [
    'persistentAgents',
    'workspace',
    'memory',
    'skills',
    'completionGuard',
    'stepContext',
    'stopGuard',
    'finishWithTransform',
  ],
  called: {
    instructions: 'systemPrompt',
    system: 'systemPrompt',
    model: 'llmConfig.model',
  },
};

const hookFields: Members = {
  code: 'agent_invalid',
  known: [
    'onAgentStart',
    'onAgentComplete',
    'onAgentFail',
    'onStepStart',
    'onStepEnd',
    'beforeLLMCall',
    'afterLLMCall',
    'beforeTool',
    'afterTool',
    'onStateChange',
    'onMessage',
  ] satisfies (keyof AgentHooks)[],
  later: [
    'onAgentSuspended',
    'onAgentResumed',
    'beforeSubAgent',
    'afterSubAgent',
    'stepContext',
    'onTextDelta',
    'onThinking',
  ],
};

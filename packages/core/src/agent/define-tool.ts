import { HelixError } from '../errors/helix-error.ts';
import { refuseUnknown, type Members } from '../refuse-unknown.ts';
import { checkName } from './check-name.ts';
import { objectSchema } from './object-schema.ts';
import { isSchema, mustBeSchema, type Schema, type SchemaOutput } from './schema.ts';
import type { Replay, Tool, ToolContext } from './tool.ts';

/** What `defineTool` takes. */
export interface ToolConfig<TInputSchema extends Schema, TOutput> {
  /** 1 to 64 of A-Z a-z 0-9 _ -; unique in the agent; snake_case by convention. */
  readonly name: string;
  /** Tells the model what the tool does and when to use it. */
  readonly description: string;
  /** Checks the model's arguments before the body sees them. Asynchronous ones of one reply's calls are asked side by side. */
  readonly inputSchema: TInputSchema;
  /** Checks what the body returns. */
  readonly outputSchema?: Schema<unknown, TOutput> | undefined;
  execute(this: void, input: SchemaOutput<TInputSchema>, context: ToolContext): TOutput | Promise<TOutput>;
  /** Asks the provider to constrain the arguments to the schema, where it can. Default false. */
  readonly strict?: boolean | undefined;
  /** A successful call completes the run with its result. Default false. */
  readonly finishWith?: boolean | undefined;
  /**
   * Runs with no other call beside it: after those before it in the reply, whose state writes it sees, and before the others.
   * Default false.
   */
  readonly sequential?: boolean | undefined;
  /** What recovery may do with a body that was in flight at a crash. Default `'never'`. */
  readonly replay?: Replay<SchemaOutput<TInputSchema>> | undefined;
}

const fields: Members = {
  code: 'tool_invalid',
  known: [
    'name',
    'description',
    'inputSchema',
    'outputSchema',
    'execute',
    'strict',
    'finishWith',
    'sequential',
    'replay',
  ] satisfies (keyof ToolConfig<Schema, unknown>)[],
  later: ['requireApproval', 'dedupeKey'],
  called: { parameters: 'inputSchema' },
};

/**
 * Defines a tool that runs on the server.
 *
 * @throws HelixError `tool_invalid` or `schema_not_representable`, naming the field; `framework_not_supported` for a feature
 *   that this release does not have (`execute: 'client'`, `requireApproval`); `tool_invalid` also for a field that does not exist
 */
export function defineTool<TInputSchema extends Schema, TOutput>(
  config: ToolConfig<TInputSchema, TOutput>,
): Tool<SchemaOutput<TInputSchema>, TOutput> {
  check(config);
  const {
    name,
    description,
    inputSchema,
    outputSchema = null,
    strict = false,
    finishWith = false,
    sequential = false,
  } = config;
  return Object.freeze({
    name,
    description,
    inputSchema,
    inputJsonSchema: objectSchema('tool_invalid', `tool ${name}: inputSchema`, inputSchema),
    outputSchema,
    strict,
    finishWith,
    sequential,
    replay: config.replay ?? 'never',
    execute: config.execute,
  });
}

function check(config: ToolConfig<Schema, unknown>): void {
  if (typeof config !== 'object' || config === null)
    throw new HelixError('tool_invalid', 'defineTool takes { name, description, inputSchema, execute }');
  checkName('tool_invalid', config.name);
  const refuse = (name: string, problem: string): never => {
    throw new HelixError('tool_invalid', `tool ${config.name}: ${name} ${problem}`);
  };
  const { name, description, inputSchema, outputSchema, replay } = config;
  const execute: unknown = config.execute;
  if (name.startsWith('__')) refuse('name', 'must not begin with __');
  if (typeof description !== 'string' || description === '') refuse('description', 'must not be empty');
  // Of a defined tool from which another is derived; it is made anew.
  refuseUnknown(`tool ${name}: `, { ...config, inputJsonSchema: undefined }, fields);
  if (execute === 'client')
    throw new HelixError('framework_not_supported', `tool ${name}: execute: 'client' is not supported by this release`);
  if (typeof execute !== 'function') refuse('execute', 'must be a function');
  if (!isSchema(inputSchema)) refuse('inputSchema', mustBeSchema);
  if (outputSchema && !isSchema(outputSchema)) refuse('outputSchema', mustBeSchema);
  for (const flag of ['strict', 'finishWith', 'sequential'] as const)
    if (!['boolean', 'undefined'].includes(typeof config[flag])) refuse(flag, 'must be true or false');
  if (!isReplay(replay)) refuse('replay', "must be 'never', 'safe' or { verify }");
}

function isReplay(replay: unknown): boolean {
  if (replay === undefined || replay === 'never' || replay === 'safe') return true;
  return typeof replay === 'object' && replay !== null && 'verify' in replay && typeof replay.verify === 'function';
}

import type { LLMConfig } from '../contracts/llm-adapter.ts';
import type { ReducersOf } from '../state/merge-writes.ts';
import type { StopWhenContext } from './agent.ts';
import type { AgentHooks } from './hooks.ts';
import type { Schema, SchemaOutput } from './schema.ts';
import type { Tool } from './tool.ts';

/** What `defineAgent` takes. */
export interface AgentConfig<
  TStateSchema extends Schema = Schema,
  TOutputSchema extends Schema = Schema<unknown, string>,
> {
  /** 1 to 64 of A-Z a-z 0-9 _ -; unique in the application. */
  readonly name: string;
  readonly description?: string | undefined;
  /** What the model is told first. A function of the custom state is asked once, when the session is made. */
  readonly systemPrompt: string | ((state: SchemaOutput<TStateSchema>) => string);
  /**
   * The custom state of a new session is what this makes of the fields that its first turn gives: give each field a default. Each later
   * turn, and each process that takes a run over, adds the fields that an older session lacks, as this fills them in; a state that this
   * does not take is left alone. A turn that sets fields is refused where the state would not fit, or one of them is dropped; they are
   * kept as the schema reads them, which must be JSON. A tool that leaves the state as the schema does not allow has failed, and changes
   * nothing; so has the later of two calls side by side that the schema does not allow together. A hook that does fails the run. What
   * each changed is stored as it was written, and what was wrong before is left alone.
   */
  readonly stateSchema?: TStateSchema | undefined;
  /** How writes of tools that ran side by side are merged, by field. Default `'replace'`: the later call wins. */
  readonly reducers?: ReducersOf<NoInfer<SchemaOutput<TStateSchema>>> | undefined;
  /** What the agent owes. Without it the agent ends with its first reply without calls, and gives the text. */
  readonly outputSchema?: TOutputSchema | undefined;
  readonly tools?: readonly Tool[] | undefined;
  readonly llmConfig?: LLMConfig | undefined;
  /**
   * Model calls that one run may make. Default 50; `Infinity` for no cap. An agent with an `outputSchema` is told at the last one, and
   * then made to finish, in up to three calls more.
   */
  readonly maxSteps?: number | undefined;
  /** `'sequential'`: every call runs alone, in order, and sees the writes before it. Default `'parallel'`. */
  readonly toolExecution?: 'parallel' | 'sequential' | undefined;
  /** Ends the run after a step, without a further model call. Judged after the tools of the step. */
  readonly stopWhen?:
    | ((this: void, context: StopWhenContext<SchemaOutput<TStateSchema>>) => boolean | Promise<boolean>)
    | undefined;
  readonly hooks?: AgentHooks<SchemaOutput<TStateSchema>, SchemaOutput<TOutputSchema>> | undefined;
}

import type { Agent } from '../../agent/agent.ts';
import { finishToolName, type Tool } from '../../agent/tool.ts';
import type { ToolSpec } from '../../contracts/llm-adapter.ts';
import type { ModelMode } from '../../session/snapshot.ts';

const specsOf = new WeakMap<Agent, { readonly all: readonly ToolSpec[]; readonly finishing: readonly ToolSpec[] }>();

/** What the model may call: everything, or where it must finish only what ends the run. The same array each time. */
export function toolSpecs(agent: Agent, mode: ModelMode): readonly ToolSpec[] {
  const specs = specsOf.get(agent) ?? describe(agent);
  specsOf.set(agent, specs);
  if (mode === 'compact') return [];
  return mode === 'forced' ? specs.finishing : specs.all;
}

function describe(agent: Agent): { all: ToolSpec[]; finishing: ToolSpec[] } {
  const tools = [...agent.tools.values()];
  const finish = finishSpec(agent);
  return {
    all: [...tools.map(toSpec), ...finish],
    finishing: [...tools.filter((tool) => tool.finishWith).map(toSpec), ...finish],
  };
}

function toSpec({ name, description, inputJsonSchema, strict }: Tool): ToolSpec {
  return { name, description, inputSchema: inputJsonSchema, ...(strict && { strict }) };
}

function finishSpec({ outputJsonSchema, llmConfig }: Agent): ToolSpec[] {
  if (!outputJsonSchema) return [];
  const description = 'Gives the final result and ends the work. Call it alone, when nothing is left to do.';
  return [
    {
      name: finishToolName,
      description,
      inputSchema: outputJsonSchema,
      ...(llmConfig.strictOutput && { strict: true }),
    },
  ];
}

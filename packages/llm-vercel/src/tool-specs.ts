import type { LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import type { LLMGenerateInput, ToolSpec } from '@helix-agents/core';
import type { ModelTraits } from './model-traits.ts';
import { strictSchema } from './strict-schema.ts';

type ToolOptions = Pick<LanguageModelV4CallOptions, 'tools' | 'toolChoice'>;

/** The tools and the choice among them; nothing where there are none, since providers refuse a choice without tools. */
export function toToolOptions(
  { tools, toolChoice }: Pick<LLMGenerateInput, 'tools' | 'toolChoice'>,
  traits: Pick<ModelTraits, 'strict'>,
): ToolOptions {
  if (tools.length === 0) return {};
  return { tools: tools.map((tool) => toFunctionTool(tool, traits)), toolChoice: { type: toolChoice } };
}

/** `strict` is a wish: where the provider cannot, the tool goes out as if it had not been asked for. */
function toFunctionTool(tool: ToolSpec, { strict }: Pick<ModelTraits, 'strict'>): LanguageModelV4FunctionTool {
  const { name, description, inputSchema } = tool;
  const closed = tool.strict && strict ? strictSchema(inputSchema, strict) : undefined;
  return { type: 'function', name, description, inputSchema: closed ?? inputSchema, ...(closed && { strict: true }) };
}

// Would catch: a definition that fails only when a model calls it, or a feature that is silently left out.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { defineTool } from './define-tool.ts';

const base = {
  name: 'look_up',
  description: 'Looks up.',
  inputSchema: z.object({ key: z.string() }),
  execute: () => 'x',
};

describe('defineTool', () => {
  it('gives a frozen tool with the JSON Schema of its input', () => {
    const tool = defineTool(base);
    expect(Object.isFrozen(tool)).toBe(true);
    expect(tool).toMatchObject({ replay: 'never', strict: false, finishWith: false, sequential: false });
    expect(tool.inputJsonSchema).toEqual({
      type: 'object',
      properties: { key: { type: 'string' } },
      required: ['key'],
    });
  });

  it.each<[string, object, string, string]>([
    ['a name with spaces', { name: 'look up' }, 'tool_invalid', 'name'],
    ['a reserved name', { name: '__finish__' }, 'tool_invalid', 'name'],
    ['no description', { description: '' }, 'tool_invalid', 'look_up: description'],
    ['no body', { execute: undefined }, 'tool_invalid', 'look_up: execute'],
    ['an unknown replay policy', { replay: 'sometimes' }, 'tool_invalid', 'look_up: replay'],
    ['an input that is no object', { inputSchema: z.string() }, 'tool_invalid', 'look_up: inputSchema'],
    [
      'a field that JSON Schema cannot express',
      { inputSchema: z.object({ deep: z.object({ at: z.date() }) }) },
      'schema_not_representable',
      'look_up: inputSchema.deep.at',
    ],
    [
      'a schema without JSON Schema',
      { inputSchema: { '~standard': { version: 1, vendor: 'old', validate: () => ({ value: 1 }) } } },
      'schema_not_representable',
      'old',
    ],
    ['no input schema', { inputSchema: undefined }, 'tool_invalid', 'look_up: inputSchema must be a schema'],
    ['a JSON Schema', { inputSchema: { type: 'object' } }, 'tool_invalid', 'look_up: inputSchema must be a schema'],
    ['an output that is no schema', { outputSchema: { type: 'object' } }, 'tool_invalid', 'look_up: outputSchema must'],
    ['a flag in words', { sequential: 'yes' }, 'tool_invalid', 'look_up: sequential must be true or false'],
    ['a client tool', { execute: 'client' }, 'framework_not_supported', "execute: 'client'"],
    ['an approval gate', { requireApproval: true }, 'framework_not_supported', 'requireApproval'],
    ['a dedupe key', { dedupeKey: 'a' }, 'framework_not_supported', 'look_up: dedupeKey'],
    ['a field that does not exist', { needsApproval: true }, 'tool_invalid', 'look_up: needsApproval is unknown'],
    ['what others call the schema', { parameters: base.inputSchema }, 'tool_invalid', 'did you mean inputSchema?'],
    ['a slip of the fingers', { finishwith: true }, 'tool_invalid', 'did you mean finishWith?'],
  ])('refuses %s, naming it', (_name, change, code, message) => {
    const define = () => defineTool({ ...base, ...change });
    expect(define).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('says which libraries will do, to who used one that gives no JSON Schema', () => {
    const define = () => defineTool({ ...base, inputSchema: mini.object({ key: mini.string() }) });
    expect(define).toThrow(expect.objectContaining({ nextStep: expect.stringMatching(/Zod 4\.2.*ArkType.*Valibot/) }));
  });

  it.each([undefined, null, 'look_up'])('refuses %j in place of a definition', (config) => {
    expect(() => defineTool(config as never)).toThrow(expect.objectContaining({ code: 'tool_invalid' }));
  });

  it('makes a tool of another one, with what is said anew', () => {
    const derived = defineTool({ ...defineTool(base), description: 'Looks twice' } as unknown as typeof base);
    expect(derived).toMatchObject({ name: base.name, description: 'Looks twice' });
  });
});

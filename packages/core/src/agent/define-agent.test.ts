// Would catch: a definition that fails only at run time, or a feature that is silently left out.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineAgent } from './define-agent.ts';
import { defineTool } from './define-tool.ts';

const tool = defineTool({ name: 'a', description: 'x', inputSchema: z.object({}), execute: () => 1 });
const base = { name: 'helper', systemPrompt: 'You help.' };
const loose = z.looseObject({});
const hooksOfOthers = [
  'onAgentSuspended',
  'onAgentResumed',
  'beforeSubAgent',
  'afterSubAgent',
  'stepContext',
  'onTextDelta',
  'onThinking',
];

describe('defineAgent', () => {
  it('fills in what is not given', () => {
    expect(defineAgent(base)).toMatchObject({
      description: '',
      stateSchema: null,
      outputSchema: null,
      policy: { maxSteps: 50, owesOutput: false, sequential: false, maxTakeovers: 5, tokenBudget: null },
    });
  });

  it('takes reducers of fields that its state schema does not list', () => {
    expect(defineAgent({ ...base, stateSchema: loose, reducers: { notes: 'append' } }).reducers).toEqual({
      notes: 'append',
    });
  });

  it('takes reducers of fields that its state schema makes', () => {
    const stateSchema = z.object({ note: z.string() }).transform(({ note }) => ({ notes: [note] }));
    expect(defineAgent({ ...base, stateSchema, reducers: { notes: 'append' } }).reducers).toEqual({ notes: 'append' });
  });

  it('takes an undefined among its reducers for none', () => {
    const stateSchema = z.object({ notes: z.array(z.string()) });
    const { reducers } = defineAgent({ ...base, stateSchema, reducers: { notes: undefined } });
    expect(reducers).toEqual({});
  });

  it('takes reducers that fit one of the kinds that a field may be of, or of which its schema does not tell', () => {
    const stateSchema = z.object({
      a: z.array(z.string()).nullable().default(null),
      b: z.any(),
      c: z.int().optional(),
    });
    const reducers = { a: 'append', b: 'merge', c: 'sum' } as const;
    expect(defineAgent({ ...base, stateSchema, reducers }).reducers).toEqual(reducers);
  });

  it.each([undefined, null, 'helper'])('refuses %j in place of a definition', (config) => {
    expect(() => defineAgent(config as never)).toThrow(expect.objectContaining({ code: 'agent_invalid' }));
  });

  it.each([
    ['one that its JSON Schema does not tell', z.any()],
    ['one of which there is no JSON Schema', z.custom<object>()],
    ['one of two objects', z.union([z.object({ a: z.string() }), z.object({})])],
  ])('takes a state of any kind that may be an object: %s', (_, stateSchema) => {
    expect(defineAgent({ ...base, stateSchema }).stateSchema).toBe(stateSchema);
  });

  it('takes what is not given as undefined', () => {
    const nothing = { tools: undefined, llmConfig: { temperature: undefined }, hooks: { beforeTool: undefined } };
    expect(defineAgent({ ...base, ...(nothing as object) }).tools.size).toBe(0);
  });

  it('takes Infinity for no cap', () => {
    expect(defineAgent({ ...base, maxSteps: Infinity }).policy.maxSteps).toBe(Infinity);
  });

  it.each<[string, object, string, string]>([
    ['a bad name', { name: 'a b' }, 'agent_invalid', 'name'],
    ['no prompt', { systemPrompt: undefined }, 'agent_invalid', 'helper: systemPrompt'],
    ['no steps', { maxSteps: 0 }, 'agent_invalid', 'helper: maxSteps'],
    ['half a step', { maxSteps: 1.5 }, 'agent_invalid', 'helper: maxSteps'],
    ['two tools of one name', { tools: [tool, tool] }, 'agent_invalid', 'helper: tools has two tools named a'],
    [
      'an unknown reducer',
      { stateSchema: loose, reducers: { notes: 'max' } },
      'agent_invalid',
      'helper: reducers.notes must be',
    ],
    [
      'a reducer of a field that the state does not have',
      { stateSchema: z.object({ notes: z.array(z.string()) }), reducers: { note: 'append' } },
      'agent_invalid',
      'did you mean notes?',
    ],
    [
      'a reducer that does not fit its field',
      { stateSchema: z.object({ n: z.number() }), reducers: { n: 'append' } },
      'agent_invalid',
      'helper: reducers.n must fit its field: append is for array, not for number',
    ],
    [
      'a reducer that fits no variant of its field',
      { stateSchema: z.looseObject({ n: z.string().nullable() }), reducers: { n: 'sum' } },
      'agent_invalid',
      'helper: reducers.n must fit its field: sum is for number or integer, not for string or null',
    ],
    ['an output that is no object', { outputSchema: z.string() }, 'agent_invalid', 'helper: outputSchema'],
    [
      'an output that is one of two objects',
      { outputSchema: z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]) },
      'agent_invalid',
      'must describe an object, not a union; wrap it in one',
    ],
    ['what others call a prompt', { instructions: 'x' }, 'agent_invalid', 'did you mean systemPrompt?'],
    ['a model that others name at the top', { model: 'x' }, 'agent_invalid', 'did you mean llmConfig.model?'],
    [
      'an output that JSON Schema cannot express',
      { outputSchema: z.object({ at: z.date() }) },
      'schema_not_representable',
      'outputSchema.at',
    ],
    ['sub-agents', { persistentAgents: [] }, 'framework_not_supported', 'persistentAgents'],
    ['a workspace', { workspace: {} }, 'framework_not_supported', 'workspace'],
    ['memory', { memory: {} }, 'framework_not_supported', 'memory'],
    ['skills', { skills: [] }, 'framework_not_supported', 'helper: skills'],
    ['a transform of an older release', { finishWithTransform: {} }, 'framework_not_supported', 'finishWithTransform'],
    ['a hook that does not exist', { hooks: { beforeTools: () => {} } }, 'agent_invalid', 'did you mean beforeTool?'],
    ['a guard of an older release', { stopGuard: {} }, 'framework_not_supported', 'helper: stopGuard'],
    ['context rows', { stepContext: () => [] }, 'framework_not_supported', 'helper: stepContext'],
    ['a completion guard', { completionGuard: {} }, 'framework_not_supported', 'helper: completionGuard'],
    ['a field that does not exist', { subAgents: [] }, 'agent_invalid', 'helper: subAgents is unknown'],
    ['a slip of the fingers', { toolz: [tool] }, 'agent_invalid', 'did you mean tools?'],
    ['one in llmConfig', { llmConfig: { temprature: 0 } }, 'agent_invalid', 'did you mean temperature?'],
    ['settings of a model that are no object', { llmConfig: 'fast' }, 'agent_invalid', 'llmConfig must be an object'],
    ['prompt caching', { llmConfig: { cache: [] } }, 'framework_not_supported', 'llmConfig.cache'],
    ['tools that are no list', { tools: { tool } }, 'agent_invalid', 'helper: tools must be a list'],
    [
      'a tool that nobody defined',
      { tools: [{ ...base, execute() {} }] },
      'agent_invalid',
      'helper: tools[0] is no tool',
    ],
    ['a state that is no schema', { stateSchema: {} }, 'agent_invalid', 'helper: stateSchema must be a schema'],
    [
      'a state that is a list',
      { stateSchema: z.array(z.string()) },
      'agent_invalid',
      'helper: stateSchema must describe an object, not "array"; wrap it in one',
    ],
    ['an output that is no schema', { outputSchema: { type: 'object' } }, 'agent_invalid', 'helper: outputSchema must'],
    ['an unknown order', { toolExecution: 'serial' }, 'agent_invalid', 'helper: toolExecution must be'],
    [
      'a heat in words',
      { llmConfig: { temperature: 'hot' } },
      'agent_invalid',
      'temperature must be a number, got "hot"',
    ],
    ['less than no retries', { llmConfig: { maxRetries: -1 } }, 'agent_invalid', 'llmConfig.maxRetries must be'],
    ['a time in words', { llmConfig: { timeoutMs: '5' } }, 'agent_invalid', 'llmConfig.timeoutMs must be a number'],
    ['no time', { llmConfig: { timeoutMs: 0 } }, 'agent_invalid', 'llmConfig.timeoutMs must be a number above 0'],
    ['half a token', { llmConfig: { maxOutputTokens: 0.5 } }, 'agent_invalid', 'llmConfig.maxOutputTokens must be'],
    ['one stop sequence', { llmConfig: { stopSequences: 'x' } }, 'agent_invalid', 'llmConfig.stopSequences must be'],
    [
      'a hook that is no function',
      { hooks: { beforeTool: 'x' } },
      'agent_invalid',
      'hooks.beforeTool must be a function',
    ],
    ['a stop that is no function', { stopWhen: true }, 'agent_invalid', 'helper: stopWhen must be a function'],
    ['reducers of no state', { reducers: { notes: 'append' } }, 'agent_invalid', 'helper: reducers need a stateSchema'],
    ...hooksOfOthers.map((hook): [string, object, string, string] => [
      `the hook ${hook}, which is never called`,
      { hooks: { [hook]: () => {} } },
      'framework_not_supported',
      `helper: hooks.${hook}`,
    ]),
  ])('refuses %s, naming it', (_name, change, code, message) => {
    const define = () => defineAgent({ ...base, ...change });
    expect(define).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});

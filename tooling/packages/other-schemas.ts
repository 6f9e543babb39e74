import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the libraries that the guide names beside Zod, each in a version that speaks Standard Schema and gives JSON Schema. */
const libraries = ['arktype@2.2.9', 'valibot@1.5.0', '@valibot/to-json-schema@1.8.0'];

const program = `
import { defineAgent, defineTool, InMemoryStateStore, InMemoryStreamManager, JSAgentExecutor } from '@helix-agents/sdk';
import { MockLLMAdapter } from '@helix-agents/sdk/testing';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { number, object, optional, string } from 'valibot';

const arktype = { input: type({ by: 'number' }), output: type({ said: 'string' }), state: type({ n: 'number = 40' }) };
const valibot = {
  input: toStandardJsonSchema(object({ by: number() })),
  output: toStandardJsonSchema(object({ said: string() })),
  state: toStandardJsonSchema(object({ n: optional(number(), 40) })),
};

for (const [name, { input, output, state }] of Object.entries({ arktype, valibot })) {
  const add = defineTool({
    name: 'add',
    description: 'Adds.',
    inputSchema: input,
    execute: ({ by }, { updateState }) => updateState<{ n: number }>((draft) => void (draft.n += by)),
  });
  const agent = defineAgent({ name: 'a', systemPrompt: '', tools: [add], outputSchema: output, stateSchema: state });
  const calls = [{ id: '1', name: 'add', arguments: { by: 'two' } }, { id: '2', name: 'add', arguments: { by: 2 } }];
  const finish = { id: '3', name: '__finish__', arguments: { said: 'done' } };
  const model = new MockLLMAdapter([
    { type: 'tool_calls', toolCalls: calls },
    { type: 'tool_calls', toolCalls: [finish] },
  ]);
  const handle = await new JSAgentExecutor(new InMemoryStateStore(), new InMemoryStreamManager(), model).execute(agent, 'Add');
  const said: string | undefined = (await handle.result()).output?.said;
  const { messages, customState } = await handle.getState();
  const refused = JSON.stringify(messages).includes('tool_input_invalid');
  const told = JSON.stringify(model.requests[0]?.tools).includes('"by":{"type":"number"}');
  if (said !== 'done' || customState.n !== 42 || !refused || !told) throw new Error(name + ' does not do as a schema');
}
`;

/** Compiles and runs agents in `folder` whose schemas are not of Zod. Throws where one of the libraries will not do. */
export function otherSchemasWork(folder: string): void {
  writeFileSync(join(folder, 'schemas.ts'), program);
  writeFileSync(
    join(folder, 'tsconfig.schemas.json'),
    JSON.stringify({ extends: './tsconfig.json', compilerOptions: { skipLibCheck: true }, include: ['schemas.ts'] }),
  );
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], timeout: 120_000 });
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...libraries);
  run('tsc', '-p', 'tsconfig.schemas.json');
  run(process.execPath, 'schemas.ts');
}

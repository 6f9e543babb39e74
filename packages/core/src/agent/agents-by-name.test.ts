// Would catch: a session that gets another agent than its own, and a host that is given none and says nothing.
import { expect, it } from 'vitest';
import { agentsByName } from './agents-by-name.ts';
import { defineAgent } from './define-agent.ts';

const guide = defineAgent({ name: 'guide', systemPrompt: '' });

it('agents are found by their names', () => {
  expect([...agentsByName('host', { guide })]).toEqual([['guide', guide]]);
});

it.each([
  ['another key than its name', { chat: guide }, 'host: agents.chat is the agent guide: use its name as the key'],
  ['no agent', {}, 'host: agents must name at least one agent'],
  ['a list', [guide], 'host: agents must hold agents by their names: { [agent.name]: agent }'],
  ['nothing', null, 'host: agents must hold agents by their names: { [agent.name]: agent }'],
  ['what is no agent', { guide: { name: 'guide' } }, 'is no agent; make it with defineAgent'],
])('%s is refused by name', (_, given, message) => {
  expect(() => agentsByName('host', given as never)).toThrow(message);
});

// Would catch: sums that take what every object inherits for a count.
import { expect, it } from 'vitest';
import { addUsage, noUsage, type UsageEntry } from './usage.ts';

const place = { v: 1, runId: 'r', step: 1, at: 0 } as const;

it.each(['constructor', 'toString', '__proto__', 'plain'])('counts what is named %s', (name) => {
  const tool: UsageEntry = { ...place, kind: 'tool', callId: 'c', toolName: name, ok: true, durationMs: 1 };
  const custom: UsageEntry = { ...place, kind: 'custom', name, data: null };
  const sum = [tool, tool, custom].reduce(addUsage, noUsage);
  expect([Object.entries(sum.toolStats.byTool), Object.entries(sum.custom)]).toEqual([[[name, 2]], [[name, 1]]]);
});

// Would catch: a tool's result, or a model's arguments, for which a page stops reading for ever.
import { maxNesting, type Json } from '@helix-agents/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusedChunks } from '../../test/chat-fixture.ts';
import { pageData } from './page-data.ts';

const parse = (text: string) => JSON.parse(text) as Json;
const sent = (output: Json) => refusedChunks([{ type: 'tool-output-available', toolCallId: 'c1', output }]);

describe('data for a page', () => {
  it.each([
    ['a key __proto__', '{"a":[{"__proto__":{"x":1},"b":2}]}', '{"a":[{"b":2}]}'],
    ['a prototype of a constructor', '{"constructor":{"prototype":{},"c":1}}', '{"constructor":{"c":1}}'],
    ['a constructor that is no object', '{"constructor":"Gaudí"}', '{"constructor":"Gaudí"}'],
    ['a prototype elsewhere', '{"prototype":{"x":1}}', '{"prototype":{"x":1}}'],
  ])('with %s can be read by the AI SDK', async (_, given, kept) => {
    expect(JSON.stringify(pageData(parse(given)))).toBe(kept);
    expect(await sent(pageData(parse(given)))).toEqual([]);
  });

  it('whatever its keys are can be read by the AI SDK', async () => {
    const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString'), fc.string());
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, 1, 'x'),
        fc.array(tie('tree')),
        fc.array(fc.tuple(key, tie('tree'))).map((entries) => Object.fromEntries(entries)),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        expect(await sent(pageData(value))).toEqual([]);
      }),
    );
  });

  it('is cut where it is nested deeper than tools may nest', () => {
    const nested = (levels: number) => parse('['.repeat(levels) + ']'.repeat(levels));
    const whole = nested(maxNesting);
    expect(pageData(whole)).toBe(whole);
    const cut = `${'['.repeat(maxNesting)}null${']'.repeat(maxNesting)}`;
    for (const levels of [maxNesting + 1, 50_000]) expect(JSON.stringify(pageData(nested(levels)))).toBe(cut);
  });

  it('that is safe is the same object', () => {
    const value = parse('{"a":[1,{"b":null}],"constructor":{"name":"x"}}');
    expect(pageData(value)).toBe(value);
  });
});

// Would catch: a patch that changes what it should not, or means something else than RFC 6902 says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../values/json.ts';
import { applyPatch, parsePointer, toPointer, type PatchOperation } from './patch.ts';

const noSuchPlace = expect.objectContaining({
  code: 'input_invalid',
  message: expect.stringContaining('no such place') as string,
}) as Error;

const document: Json = { a: { b: [1, 2, 3] }, 'x/y': 1, 'x~y': 2, '': 3 };

describe('applyPatch', () => {
  it.each<[PatchOperation, Json]>([
    [
      { op: 'add', path: '/new', value: 1 },
      { ...document, new: 1 },
    ],
    [
      { op: 'add', path: '/a/b/1', value: 9 },
      { ...document, a: { b: [1, 9, 2, 3] } },
    ],
    [
      { op: 'add', path: '/a/b/-', value: 9 },
      { ...document, a: { b: [1, 2, 3, 9] } },
    ],
    [
      { op: 'add', path: '/a/b/3', value: 9 },
      { ...document, a: { b: [1, 2, 3, 9] } },
    ],
    [
      { op: 'replace', path: '/a/b/0', value: 9 },
      { ...document, a: { b: [9, 2, 3] } },
    ],
    [
      { op: 'remove', path: '/a/b/2' },
      { ...document, a: { b: [1, 2] } },
    ],
    [
      { op: 'replace', path: '/x~1y', value: 9 },
      { ...document, 'x/y': 9 },
    ],
    [
      { op: 'replace', path: '/x~0y', value: 9 },
      { ...document, 'x~y': 9 },
    ],
    [
      { op: 'replace', path: '/', value: 9 },
      { ...document, '': 9 },
    ],
    [{ op: 'replace', path: '', value: [1] }, [1]],
    [
      { op: 'remove', path: '/a' },
      { 'x/y': 1, 'x~y': 2, '': 3 },
    ],
  ])('%j', (operation, expected) => {
    expect(applyPatch(document, [operation])).toEqual(expected);
  });

  it('applies operations in order, each to what the one before made', () => {
    const operations: PatchOperation[] = [
      { op: 'add', path: '/list', value: [] },
      { op: 'add', path: '/list/-', value: { n: 1 } },
      { op: 'replace', path: '/list/0/n', value: 2 },
    ];
    expect(applyPatch({}, operations)).toEqual({ list: [{ n: 2 }] });
  });

  it.each<PatchOperation>([
    { op: 'add', path: '/nowhere/deep', value: 1 },
    { op: 'add', path: '/a/b/9', value: 1 },
    { op: 'replace', path: '/a/b/3', value: 1 },
    { op: 'remove', path: '/a/b/3' },
    { op: 'add', path: '/a/b/text', value: 1 },
    { op: 'add', path: '/a/b/-1', value: 1 },
    { op: 'add', path: '/x~1y/deep', value: 1 },
  ])('refuses a place that is not there: %j', (operation) => {
    expect(() => applyPatch(document, [operation])).toThrow(noSuchPlace);
  });

  it('leaves the original as it was, and shares what no operation touches', () => {
    const before = structuredClone(document);
    const changed = applyPatch(document, [{ op: 'replace', path: '/x~1y', value: 9 }]) as { a: Json };
    expect(document).toEqual(before);
    expect(changed.a).toBe((document as { a: Json }).a);
  });

  it('cannot reach a prototype', () => {
    const changed = applyPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(Object.keys(changed as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
    expect(() => applyPatch({}, [{ op: 'add', path: '/constructor/x', value: 1 }])).toThrow(noSuchPlace);
  });
});

describe('a pointer', () => {
  it('names any path, and the path is found again', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '/', '~', '0', '1', '') })), (path) => {
        expect(parsePointer(toPointer(path))).toEqual(path);
      }),
    );
  });

  it('puts a value where it can be read again', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 4 }), fc.jsonValue(), (path, value) => {
        const around = path.slice(0, -1).map((_, index): PatchOperation => {
          return { op: 'add', path: toPointer(path.slice(0, index + 1)), value: {} };
        });
        const json = JSON.parse(JSON.stringify(value)) as Json;
        const made = applyPatch({}, [...around, { op: 'add', path: toPointer(path), value: json }]);
        const found = path.reduce<unknown>((node, key) => Object.getOwnPropertyDescriptor(node, key)?.value, made);
        expect(found).toEqual(json);
      }),
    );
  });
});

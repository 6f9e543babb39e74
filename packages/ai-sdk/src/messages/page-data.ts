import { maxNesting, type Json, type JsonObject } from '@helix-agents/core';

/**
 * Data of a tool or a model as a page can read it, the same live and from the record. The AI SDK refuses a whole stream for one
 * key `__proto__`, or `prototype` in a `constructor`: they are left out. What is nested deeper than tools may nest is null: a model
 * writes what it likes, and JSON that is some thousands of levels deep ends in a stack overflow. Data without either is returned as
 * it is.
 */
export function pageData(value: Json): Json {
  return safe(value, maxNesting);
}

function safe(value: Json, levels: number): Json {
  if (value === null || typeof value !== 'object') return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return safeList(value, levels);
  return safeObject(value, levels);
}

function safeList(list: Json[], levels: number): Json {
  const items = list.map((item) => safe(item, levels - 1));
  return items.every((item, index) => item === list[index]) ? list : items;
}

function safeObject(object: JsonObject, levels: number): Json {
  const given = Object.entries(object);
  const kept = given.flatMap(([key, member]): [string, Json][] => {
    if (key === '__proto__') return [];
    return [[key, safe(key === 'constructor' ? withoutPrototype(member) : member, levels - 1)]];
  });
  const isSame = kept.length === given.length && kept.every(([, member], index) => member === given[index]?.[1]);
  // Not by assignment: it would set prototypes.
  return isSame ? object : Object.fromEntries(kept);
}

function withoutPrototype(member: Json): Json {
  if (member === null || typeof member !== 'object' || !Object.hasOwn(member, 'prototype')) return member;
  return Object.fromEntries(Object.entries(member).filter(([key]) => key !== 'prototype'));
}

// Would catch: a model that is refused although it can be meant, or taken although it cannot, and a key that is shown.
import { expect, test } from 'vitest';
import { readModel } from './model-settings.ts';

test.each([
  ['HTTP://localhost:1234/v1#m', 'HTTP://localhost:1234/v1'],
  ['https://models.test/v1#a/b:c', 'https://models.test/v1'],
])('the model %s is asked at %s', (HELIX_MODEL, baseUrl) => {
  expect(readModel({ HELIX_MODEL })).toMatchObject({ kind: 'compatible', baseUrl });
});

test.each(['http://:::/#m', 'https://#m', 'http:#m', 'https://host:99999/v1#m'])(
  'the model %s is refused',
  (HELIX_MODEL) => {
    expect(() => readModel({ HELIX_MODEL })).toThrow('HELIX_MODEL holds no usable URL');
  },
);

test('a password in a URL is refused, and not shown', () => {
  expect(() => readModel({ HELIX_MODEL: 'http://me:secret@host/v1#m' })).toThrow(
    /^HELIX_MODEL holds a user or a password/,
  );
  expect(() => readModel({ HELIX_MODEL: 'openai:m', OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'host/v1' })).toThrow(
    'OPENAI_BASE_URL holds no usable URL',
  );
});

test.each([
  ['a line break', 'sk-abc\nx'],
  ['a carriage return', 'sk-abc\r'],
  ['a space', 'sk abc'],
  ['typographic quotes', '“sk-abc”'],
])('a key with %s is refused, and not shown', (_, key) => {
  const refused = /^\w+_API_KEY holds characters that no key has: [^“]+$/;
  expect(() => readModel({ HELIX_MODEL: 'openai:m', OPENAI_API_KEY: key })).toThrow(refused);
  expect(() => readModel({ HELIX_MODEL: 'anthropic:m', ANTHROPIC_API_KEY: key })).toThrow(refused);
  expect(() => readModel({ HELIX_MODEL: 'http://localhost/v1#m', HELIX_API_KEY: key })).toThrow(refused);
  expect(() => readModel({ HELIX_MODEL: 'openai:m', OPENAI_API_KEY: key })).not.toThrow('abc');
});

import { HelixError } from '@helix-agents/core';

/** A value as its column holds it. @throws HelixError `input_invalid` for what JSON cannot hold: no repetition mends that */
export function encodeJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    throw HelixError.from(error, 'input_invalid');
  }
}

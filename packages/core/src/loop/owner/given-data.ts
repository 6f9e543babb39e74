import { HelixError } from '../../errors/helix-error.ts';
import { toPointer } from '../../state/patch.ts';
import { asJson, toJson, type Json } from '../../values/json.ts';
import { isTooDeep } from '../../values/nesting.ts';
import { jsonBytesAbove } from '../../values/size.ts';
import { findLost } from '../../values/unfit.ts';
import { tooDeep } from './too-deep.ts';

/**
 * What tools and hooks give away - a result, an event, an entry of the usage record - as the record keeps it: as JSON, where what has
 * a `toJSON`, as a date, is what that says, and a member that is `undefined` is left out. `what` begins the message: `add returned`.
 *
 * @throws HelixError `tool_output_invalid` for what JSON cannot hold, naming it and its path; `tool_limit_exceeded` for what is too
 *   large or nested too deeply
 */
export function givenData(what: string, value: unknown, maxBytes: number): Json {
  const data = read(what, value);
  if (isTooDeep(data)) throw tooDeep(`${what} data that is`);
  const bytes = jsonBytesAbove(maxBytes, data);
  if (bytes === null) return data;
  throw new HelixError('tool_limit_exceeded', `${what} ${bytes} bytes; at most ${maxBytes} are kept`);
}

function read(what: string, value: unknown): Json {
  try {
    return asJson(value) ?? asText(what, value);
  } catch (thrown) {
    if (HelixError.is(thrown)) throw thrown;
    // Of what is nested very deeply, not even the text can be made.
    if (thrown instanceof RangeError) throw tooDeep(`${what} data that is`);
    const { message } = HelixError.from(thrown, 'tool_output_invalid');
    throw new HelixError('tool_output_invalid', `${what} what cannot be read: ${message}`, { cause: thrown });
  }
}

function asText(what: string, value: unknown): Json {
  const unfit = findLost(value);
  if (!unfit) return toJson(value);
  const place = unfit.path.length > 0 ? ` at ${toPointer(unfit.path)}` : '';
  throw new HelixError('tool_output_invalid', `${what} ${unfit.what}${place}, which JSON cannot hold`);
}

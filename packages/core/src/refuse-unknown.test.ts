// Would catch: an option that is silently ignored because of a typing error, or a refusal that leaves its reader to guess.
import { describe, expect, it } from 'vitest';
import { refuseUnknown } from './refuse-unknown.ts';

const members = { known: ['name', 'tools', 'maxSteps'], later: ['memory'], called: { maxTurns: 'maxSteps' } };
const refuse = (given: object) => () => refuseUnknown('agent a: ', given, members);

describe('refuseUnknown', () => {
  it('lets through what is known, and what asks for nothing', () => {
    expect(refuse({ name: 'a', maxSteps: 0, toolz: undefined, memory: undefined })).not.toThrow();
  });

  it.each([
    ['toolz', 'tools'],
    ['tool', 'tools'],
    ['maxstep', 'maxSteps'],
    ['naem', 'name'],
    ['maxSetps', 'maxSteps'],
    ['maxTurns', 'maxSteps'],
  ])('says of %s that %s may have been meant', (name, meant) => {
    expect(refuse({ [name]: 1 })).toThrow(
      expect.objectContaining({
        code: 'input_invalid',
        message: `agent a: ${name} is unknown; did you mean ${meant}?`,
      }),
    );
  });

  it.each([undefined, null, 'abc', () => {}])('says of %s what is to be given', (given) => {
    const there = 'name, tools, maxSteps';
    expect(refuse(given as never)).toThrow(
      expect.objectContaining({ code: 'input_invalid', message: `agent a: takes an object with ${there}` }),
    );
    const nested = () => refuseUnknown('options.', given as never, members);
    expect(nested).toThrow(`options must be an object with ${there}`);
  });

  it.each(['subAgents', 'x', 'toString', 'constructor', '0'])('says of %s what there is instead', (name) => {
    expect(refuse({ [name]: 1 })).toThrow(`agent a: ${name} is unknown; there are name, tools, maxSteps`);
  });

  it('says of what comes later that it is not there yet', () => {
    expect(refuse({ memory: null })).toThrow(
      expect.objectContaining({
        code: 'framework_not_supported',
        message: 'agent a: memory is not supported by this release',
      }),
    );
  });
});

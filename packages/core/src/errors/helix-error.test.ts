// Would catch: an error without a code, whose answer, advice or text for users is wrong or tells too much (E1).
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorTable, type ErrorCode } from './error-table.ts';
import { AgentAlreadyRunningError, AgentNotFoundError, HelixError, StreamDropError } from './helix-error.ts';
import { userMessageFor } from './user-message.ts';

function cycle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const codes = Object.keys(errorTable) as ErrorCode[];

describe('the registry', () => {
  it.each(codes)('%s names its category, its answers, a text for users and a next step', (code) => {
    const { httpStatus, exitCode, userMessage, nextStep } = errorTable[code];
    expect(code).toMatch(/^[a-z]+_[a-z_]+$/);
    expect(httpStatus).toBeGreaterThanOrEqual(400);
    expect(httpStatus).toBeLessThan(600);
    expect(exitCode).toBeGreaterThan(0);
    expect(userMessage).toMatch(/^[A-Z].*\.$/);
    expect(nextStep).toMatch(/^[A-Z].*\.$/);
    expect(userMessageFor(code)).toBe(userMessage);
  });
});

describe('HelixError', () => {
  it('takes category, retry and answers from its code', () => {
    const error = new HelixError('provider_rate_limited', 'key 7 is over its limit');
    expect(error).toMatchObject({ category: 'provider', retryable: true, statusCode: 503, exitCode: 1 });
    expect(error.nextStep).toBe(errorTable.provider_rate_limited.nextStep);
  });

  it('lets the one who throws know better about a retry', () => {
    expect(new HelixError('tool_failed', 'm', { retryable: true }).retryable).toBe(true);
    expect(new HelixError('provider_error', 'm', { retryable: false }).retryable).toBe(false);
  });

  it('comes back from a record as it went, without its cause', () => {
    const error = new HelixError('tool_failed', 'm', { cause: new Error('c'), retryable: true, details: { at: 1 } });
    const detail = JSON.parse(JSON.stringify(error.toDetail())) as ReturnType<HelixError['toDetail']>;
    expect(detail).toEqual({
      message: 'm',
      code: 'tool_failed',
      category: 'tool',
      retryable: true,
      details: { at: 1 },
    });
    expect(HelixError.fromDetail(detail).toDetail()).toEqual(detail);
    expect(new HelixError('tool_failed', 'm').toDetail()).not.toHaveProperty('details');
  });

  it.each([
    ['a bigint', { count: 1n }],
    ['a cycle', cycle()],
    ['more than a record should hold', { page: 'x'.repeat(70_000) }],
    ['a list', ['a']],
    ['what cannot be read', revoked()],
  ])('leaves details out of a record that are %s', (_, details) => {
    expect(new HelixError('tool_failed', 'm', { details: details as never }).toDetail()).toEqual({
      message: 'm',
      code: 'tool_failed',
      category: 'tool',
      retryable: false,
    });
  });

  it('is the same one to whoever has the very detail that it was made into: a log of it says where it was thrown', () => {
    const error = new HelixError('tool_failed', 'm', { cause: new Error('c') });
    expect(HelixError.fromDetail(error.toDetail())).toBe(error);
  });

  it('says its message also to a logger that writes JSON', () => {
    const error = new HelixError('tool_failed', 'm', { cause: new Error('c') });
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({ error: error.toDetail() });
  });

  it('is known also where another copy of the library made it', () => {
    const foreign = { [Symbol.for('helix-agents.error')]: true, code: 'tool_failed' };
    expect([HelixError.is(foreign), HelixError.is(new Error('x')), HelixError.is(null)]).toEqual([true, false, false]);
    const error = new HelixError('stream_fenced', 'x');
    const asked = [error, new Error('x')].map((one) => HelixError.is(one, 'stream_fenced'));
    expect([...asked, HelixError.is(error, 'stream_dropped')]).toEqual([true, false, false]);
  });

  it.each([
    [new AgentAlreadyRunningError('s', 'r'), true],
    [new HelixError('state_concurrency_conflict', 'm'), true],
    [new HelixError('state_session_exists', 'm'), false],
  ])('says to repeat only what may succeed with nothing changed: %s', (error, retryable) => {
    expect(error.retryable).toBe(retryable);
  });

  it('is made of anything thrown, and of itself stays itself', () => {
    const own = new HelixError('tool_failed', 'm');
    expect(HelixError.from(own, 'framework_internal')).toBe(own);
    const cause = new TypeError('broken');
    expect(HelixError.from(cause, 'tool_failed')).toMatchObject({ code: 'tool_failed', message: 'broken', cause });
    expect(HelixError.from('text', 'tool_failed')).toMatchObject({ message: 'text', cause: 'text' });
  });

  it.each([
    [new AgentAlreadyRunningError('s', 'r'), 'AgentAlreadyRunningError', 'state_already_running', true],
    [new AgentNotFoundError('a', ['b']), 'AgentNotFoundError', 'agent_not_found', false],
    [new StreamDropError(), 'StreamDropError', 'stream_dropped', true],
  ])('has kinds of its own: %s', (error, name, code, retryable) => {
    expect(error).toMatchObject({ name, code, retryable });
    expect(HelixError.is(error)).toBe(true);
  });
});

it('printed by Node, where nobody caught it, it says its code and the next step, and nothing that says nothing', () => {
  const printed = inspect(new HelixError('state_lease_lost', 'gone'));
  expect(printed).toContain("code: 'state_lease_lost'");
  expect(printed).toContain(`nextStep: '${errorTable.state_lease_lost.nextStep}'`);
  expect(printed).not.toMatch(/undefined|Symbol/);
});

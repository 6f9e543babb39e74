import {
  errorTable,
  HelixError,
  retryAfterMsOf,
  userMessageFor,
  type ErrorCode,
  type Logger,
} from '@helix-agents/core';

/** The body of every refusal: what may be shown to users, what a developer needs, and what to do. */
export interface TypedErrorBody {
  /** Short text that may be shown to any user. */
  readonly error: string;
  /** What happened, for a developer. */
  readonly detail: string;
  readonly code: ErrorCode;
  /** Whether the same request may succeed later with nothing changed. */
  readonly retryable: boolean;
  /** What is as it was. */
  readonly unharmed: string;
  /** One thing to do. */
  readonly nextStep: string;
}

/** Describes any thrown value. What goes wrong on our side is told without its details: those belong in the server's log. */
export function typedErrorBody(thrown: unknown): TypedErrorBody {
  const error = HelixError.from(thrown, 'framework_internal');
  const { code, retryable, nextStep } = error;
  const ours = errorTable[code].httpStatus >= 500;
  return {
    error: userMessageFor(code),
    detail: ours ? 'The details went to the loggers of the server and its executor.' : error.message,
    code,
    retryable,
    unharmed: unharmed(error),
    nextStep,
  };
}

/**
 * The response to a request that is refused: the status is that of the code, with the headers that it calls for: a 401 says how to sign
 * in (`Bearer`, unless who answers knows better), a 503 when to come again. `logger` is told what went wrong on our side, and, as
 * information, what this release cannot do.
 */
export function typedErrorResponse(thrown: unknown, logger?: Logger): Response {
  const body = typedErrorBody(thrown);
  const status = errorTable[body.code].httpStatus;
  logFailure(thrown, logger);
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...hints(status, thrown) } });
}

/** Seconds after which somebody may try again to whom nobody said when. */
const defaultRetrySeconds = 5;

function hints(status: number, thrown: unknown): Record<string, string> {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  if (status !== 503) return {};
  const asked = HelixError.is(thrown) ? retryAfterMsOf(thrown.details) : undefined;
  return { 'retry-after': String(asked === undefined ? defaultRetrySeconds : Math.ceil(asked / 1000)) };
}

/** Tells the log what users are not told. What somebody else did wrong is not worth a line. */
export function logFailure(thrown: unknown, logger: Logger | undefined): void {
  const status = errorTable[HelixError.from(thrown, 'framework_internal').code].httpStatus;
  if (status === 501) logger?.log('info', 'a request asked for what is not supported', { error: thrown });
  else if (status >= 500) logger?.log('error', 'a request failed', { error: thrown });
}

function unharmed({ code, category }: HelixError): string {
  if (code === 'state_commit_unknown') return 'Everything said before is kept.';
  if (category === 'input' || category === 'auth') return 'Nothing was changed.';
  return 'The conversation is kept as it is.';
}

import { isObject } from '../values/is-object.ts';
import type { Json, JsonObject } from '../values/json.ts';
import { errorTable, type ErrorCode } from './error-table.ts';
import { messageOf } from './message-of.ts';

/** An error as it is stored in records and sent over wires. */
export interface ErrorDetail {
  readonly message: string;
  readonly code: ErrorCode;
  readonly category: string;
  readonly retryable: boolean;
  readonly details?: JsonObject;
}

/** What a {@link HelixError} may carry beside its code and message. */
export interface HelixErrorOptions {
  readonly cause?: unknown;
  /** Overrides the registry, where the one who throws knows better. */
  readonly retryable?: boolean | undefined;
  /** Facts for a developer, without secrets. */
  readonly details?: JsonObject | undefined;
}

/** What details were made of, where that was in this process. */
const origins = /* @__PURE__ */ new WeakMap<ErrorDetail, HelixError>();

/** Survives two copies of the library in one process, where `instanceof` does not. */
const marker = Symbol.for('helix-agents.error');

/** Every error that leaves a Helix package. The code decides category, retry, HTTP status and exit code. */
export class HelixError extends Error {
  readonly code: ErrorCode;
  readonly category: string;
  readonly retryable: boolean;
  declare readonly details?: JsonObject;
  /** One line: what to do next. A field, so that Node prints it with an error that nobody caught. */
  readonly nextStep: string;

  constructor(code: ErrorCode, message: string, options: HelixErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HelixError';
    this.code = code;
    this.category = code.slice(0, code.indexOf('_'));
    this.retryable = options.retryable ?? errorTable[code].retryable;
    if (options.details) this.details = options.details;
    this.nextStep = errorTable[code].nextStep;
  }

  get [marker](): true {
    return true;
  }

  get statusCode(): number {
    return errorTable[this.code].httpStatus;
  }

  get exitCode(): number {
    return errorTable[this.code].exitCode;
  }

  /** As it is stored and sent. Details that are no JSON, or more than 65,536 characters of it, are left out: tools and adapters throw these errors, too. */
  toDetail(): ErrorDetail {
    const { message, code, category, retryable } = this;
    const details = this.details && storable(this.details);
    const detail: ErrorDetail = { message, code, category, retryable, ...(details && { details }) };
    origins.set(detail, this);
    return detail;
  }

  /** For loggers that write JSON: the message of an error is not among its own fields. */
  toJSON(): ErrorDetail {
    return this.toDetail();
  }

  /** Whether a value is an error of ours; with a code, whether it is that one. */
  static is<Code extends ErrorCode = ErrorCode>(
    value: unknown,
    code?: Code,
  ): value is HelixError & { readonly code: Code } {
    const isOurs = typeof value === 'object' && value !== null && (value as { [marker]?: unknown })[marker] === true;
    return isOurs && (code === undefined || (value as HelixError).code === code);
  }

  /** The error that a detail describes: the very one that it was made of, with its stack and cause, where this process has it still. */
  static fromDetail(detail: ErrorDetail): HelixError {
    const origin = origins.get(detail);
    if (origin) return origin;
    const { retryable, details } = detail;
    return new HelixError(detail.code, detail.message, { retryable, ...(details && { details }) });
  }

  /** Any thrown value as one of ours; `code` names what failed where the value does not say. */
  static from(thrown: unknown, code: ErrorCode): HelixError {
    if (HelixError.is(thrown)) return thrown;
    const message = messageOf(thrown);
    return new HelixError(code, message, { cause: thrown });
  }
}

const maxDetailsLength = 65_536;

function storable(details: unknown): JsonObject | undefined {
  try {
    const text = JSON.stringify(details);
    const data = text.length > maxDetailsLength ? undefined : (JSON.parse(text) as Json);
    return isObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Thrown by an entry while another run of the session is live. */
export class AgentAlreadyRunningError extends HelixError {
  constructor(sessionId: string, runId: string) {
    super('state_already_running', `session ${sessionId} is running (${runId})`, { details: { sessionId, runId } });
    this.name = 'AgentAlreadyRunningError';
  }
}

/** Thrown where an agent name is not registered. */
export class AgentNotFoundError extends HelixError {
  constructor(name: string, known: readonly string[]) {
    super('agent_not_found', `no agent named ${JSON.stringify(name)}; known: ${known.join(', ') || 'none'}`);
    this.name = 'AgentNotFoundError';
  }
}

/** A stream ended without a terminal frame: read again after the last sequence. */
export class StreamDropError extends HelixError {
  constructor(message = 'the stream stopped without a terminal frame') {
    super('stream_dropped', message);
    this.name = 'StreamDropError';
  }
}

/** What callers may do about an error of a code; see {@link errorTable}. */
export interface ErrorRow {
  /** Whether the same call may succeed later with nothing changed. A thrown error may override it. */
  readonly retryable: boolean;
  /** Answer of an HTTP surface. */
  readonly httpStatus: number;
  /** Exit code of a command-line program. */
  readonly exitCode: number;
  /** Short text that may be shown to any user: names nothing internal. */
  readonly userMessage: string;
  /** What a developer or operator does next. */
  readonly nextStep: string;
}

const row = (httpStatus: number, userMessage: string, nextStep: string, retryable = false): ErrorRow => ({
  retryable,
  httpStatus,
  exitCode: 1,
  userMessage,
  nextStep,
});

const again = true;

/**
 * The one registry of error codes. The part of a code before its first `_` is its category. Codes are stable: a code that
 * shipped keeps its meaning.
 */
export const errorTable = {
  // agent: a definition is wrong
  agent_invalid: row(
    500,
    'This agent is set up incorrectly.',
    'Correct the field of defineAgent that the message names.',
  ),
  agent_not_found: row(404, 'This agent does not exist.', 'Register the agent under the name in the message.'),
  agent_mismatch: row(
    409,
    'This session belongs to another agent.',
    'Use the agent that made the session, or a new session id.',
  ),

  // schema: it cannot be told to a model
  schema_not_representable: row(
    500,
    'This agent is set up incorrectly.',
    'Leave out of the schema what JSON Schema cannot express; use Zod 4.2 or later (not zod/mini), ArkType, or Valibot through toStandardJsonSchema.',
  ),

  // auth: who asks is not known
  auth_required: row(401, 'Please sign in.', 'Send the credentials that the server asks for.'),
  auth_unavailable: row(
    503,
    'Signing in takes too long. Please try again shortly.',
    'Look at what authenticate and authorizeSession of the server wait for.',
    again,
  ),

  // input: the caller's data is wrong
  input_invalid: row(400, 'This request is not valid.', 'Correct the field that the message names and send it again.'),
  input_unknown_route: row(404, 'This page does not exist.', 'Check the method and the path of the request.'),
  input_wrong_method: row(405, 'This request is not valid.', 'Use a method that the message names.'),
  input_wrong_type: row(415, 'This request is not valid.', 'Send it as the message says.'),
  input_too_large: row(413, 'This request is too large.', 'Send less at once.'),

  // state: the record moved on, or refuses
  state_session_not_found: row(
    404,
    'This conversation does not exist.',
    'Check the session id, or start a new session.',
  ),
  state_session_exists: row(
    409,
    'This conversation exists already.',
    'Use another session id, or leave mustBeNew out to go on with this one.',
  ),
  state_message_exists: row(
    409,
    'This message was sent before.',
    'Send what is new under a new message id; leave what was said as it is.',
  ),
  state_already_running: row(
    409,
    'An answer is already being written.',
    'Wait for the running turn, or interrupt it first.',
    again,
  ),
  state_not_resumable: row(
    409,
    'There is nothing to continue.',
    'Go on as the message says: with execute, resume or retry.',
  ),
  state_run_over: row(409, 'This answer was stopped already.', 'Leave it as it is, resume it, or start a new turn.'),
  state_concurrency_conflict: row(
    409,
    'Something else changed this conversation.',
    'Read the session again and repeat.',
    again,
  ),
  state_lease_lost: row(
    503,
    'This conversation moved to another server.',
    'Read the session again; its new owner goes on.',
    again,
  ),
  state_commit_unknown: row(
    503,
    'The outcome is not known yet.',
    'Read the session again; the store decides what happened.',
    again,
  ),
  state_record_unreadable: row(
    500,
    'This conversation cannot be read.',
    'Upgrade to a release that knows this record version.',
  ),
  state_store_unavailable: row(
    503,
    'The store cannot be reached.',
    'Check the connection to the store and try again.',
    again,
  ),
  state_store_denied: row(
    500,
    'The store is not ready.',
    'Correct the database, the user or the password that the store connects with, or grant the user its rights.',
  ),
  state_store_unsuitable: row(
    500,
    'This agent is set up incorrectly.',
    'Use another store, or set this one up as the message says.',
  ),
  state_schema_mismatch: row(
    500,
    'The store is not ready.',
    'Run the migrations of this release against this database, or upgrade to the release that it is of.',
  ),

  // stream
  stream_dropped: row(503, 'The connection was lost.', 'Read again after the last sequence you have.', again),
  stream_truncated: row(410, 'Older output is no longer kept.', 'Take a snapshot and read on from its sequence.'),
  stream_fenced: row(409, 'Another writer took over.', 'Stop writing; the new owner goes on.'),
  stream_chunk_too_large: row(413, 'A part of the output is too large.', 'Send less at once.'),

  // provider: the model's side
  provider_rate_limited: row(
    503,
    'The model is busy. Please try again shortly.',
    'Wait, or raise the limit of your key.',
    again,
  ),
  provider_overloaded: row(503, 'The model is busy. Please try again shortly.', 'Wait and try again.', again),
  provider_error: row(
    502,
    'The model failed to answer.',
    'Try again; look at the provider status if it persists.',
    again,
  ),
  provider_unreachable: row(503, 'The model cannot be reached.', 'Check the network and the base URL.', again),
  provider_timeout: row(
    504,
    'The model took too long.',
    'Try again, or raise the time limit of the model call.',
    again,
  ),
  provider_bad_response: row(502, 'The model answered with something unreadable.', 'Try again.', again),
  provider_auth_failed: row(500, 'This agent is set up incorrectly.', 'Check the API key of the provider.'),
  provider_invalid_request: row(500, 'The model refused this request.', 'Look at the message of the provider.'),
  provider_context_exceeded: row(
    413,
    'This conversation is too long for the model.',
    'Start a new session or use a larger model.',
  ),
  provider_refused: row(422, 'The model declined to answer.', 'Rephrase the request.'),
  provider_model_not_found: row(500, 'This agent is set up incorrectly.', 'Correct the model id.'),

  // tool: a definition is wrong, or a call comes to no result
  tool_invalid: row(
    500,
    'This agent is set up incorrectly.',
    'Correct the field of defineTool that the message names.',
  ),
  tool_not_found: row(500, 'A tool is missing.', 'Tell the model which tools exist.'),
  tool_input_invalid: row(400, 'A tool was called with wrong arguments.', 'The model is told and may call again.'),
  tool_output_invalid: row(
    500,
    'A tool returned something unexpected.',
    'Make execute return what outputSchema describes.',
  ),
  tool_failed: row(500, 'A tool failed.', 'Look at the message; the model is told and may go on.'),
  tool_body_ended: row(
    500,
    'A tool failed.',
    'Await in execute whatever uses its context: after it returned, nothing is kept.',
  ),
  tool_outcome_unknown: row(
    500,
    'It is not known whether this was done.',
    "Declare replay: 'safe' or verify where this is possible.",
  ),
  tool_limit_exceeded: row(413, 'A tool produced too much.', 'Return less, or raise the limit.'),

  // wait: somebody owed an answer
  wait_timed_out: row(
    408,
    'Nobody answered in time.',
    'The model is told and may go on; answer sooner, or allow more time.',
  ),

  // framework
  framework_not_supported: row(
    501,
    'This is not supported.',
    'Leave the feature out, or use a runtime that supports it.',
  ),
  framework_contract_mismatch: row(
    500,
    'This agent is set up incorrectly.',
    'Give the runtime its parts in their order, of releases that speak the contract in the message.',
  ),
  framework_cancelled: row(409, 'The run was cancelled.', 'Retry to go on from its last commit, or start a new turn.'),
  framework_completion_schema_unsupported: row(
    501,
    'This agent is set up incorrectly.',
    'Use a model that can be made to call a tool, or leave outputSchema out.',
  ),
  framework_max_steps: row(
    422,
    'The agent needed too many steps.',
    'Raise maxSteps, or retry to go on with a fresh budget.',
  ),
  framework_output_missing: row(
    422,
    'The agent gave no usable result.',
    'Retry, or make outputSchema easier to satisfy.',
  ),
  framework_hook_failed: row(500, 'The agent failed.', 'Look at the hook that the message names.'),
  framework_reducer_failed: row(500, 'The agent failed.', 'Look at the reducer of the field that the message names.'),
  framework_internal: row(500, 'Something went wrong on our side.', 'Report this with the code and the session id.'),
} as const satisfies Record<string, ErrorRow>;

/** A code of the registry. */
export type ErrorCode = keyof typeof errorTable;

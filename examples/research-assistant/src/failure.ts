import { Problem, type Failure } from '@helix-agents/example-environment';
import { HelixError, retryAfterMsOf } from '@helix-agents/sdk';
import { duration } from './report/duration.ts';

const kept = 'What was recorded is kept.';

/** Any error that ended the program. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Problem) return error;
  if (HelixError.is(error)) return { ...factsOf(error), nextStep: nextStepOf(error), unharmed: kept };
  const message = error instanceof Error ? error.message : String(error);
  return { message, nextStep: 'report this', code: 'framework_internal', unharmed: kept, exitCode: 70 };
}

/** The error that ended a run. What cannot succeed unchanged must be mended before the session goes on. */
export function failureOfRun(error: HelixError, sessionId: string): Failure {
  const goOn = error.retryable
    ? `The same command with --session ${sessionId} goes on.`
    : `Then go on with --session ${sessionId}.`;
  return { ...factsOf(error), nextStep: `${nextStepOf(error)} ${goOn}`, unharmed: 'Every finished step is kept.' };
}

function factsOf({ message, code, exitCode }: HelixError): Pick<Failure, 'message' | 'code' | 'exitCode'> {
  return { message, code, exitCode };
}

function nextStepOf({ nextStep, details }: HelixError): string {
  const waitMs = retryAfterMsOf(details);
  return waitMs ? `The provider asks to wait ${duration(waitMs)}. ${nextStep}` : nextStep;
}

import type { Owner } from './owner.ts';

/** Where in which run the work under a span stood: collectors put the spans of a run together by it. */
export function placeOfSpan({ session, run, stream }: Owner): Readonly<Record<string, string | number>> {
  return {
    'gen_ai.conversation.id': session.sessionId,
    'gen_ai.agent.name': session.agentType,
    'helix.run.id': run.runId,
    'helix.step': stream.step,
  };
}

/**
 * What a page is about with its record. `rest`: nothing. `looking`: the record was asked for, and what it says is wanted; `before` is
 * what the user was told until then, and is told meanwhile. `failed`: the record could not be read, and the user is told.
 */
export type CatchUp =
  | { readonly at: 'rest' }
  | { readonly at: 'looking'; readonly look: number; readonly before: Error | null }
  | { readonly at: 'failed'; readonly error: Error };

/** What happens to it. Looks are numbered: only the last one is wanted. */
export type CatchUpEvent =
  | { readonly type: 'look'; readonly look: number }
  | { readonly type: 'found'; readonly look: number }
  /** `isTold`: the user is to hear of it. Else it is as if the page had not looked. */
  | { readonly type: 'failed'; readonly look: number; readonly error: Error; readonly isTold: boolean }
  /** The page sets about something else: what was asked for is not wanted any more, and what failed is past. */
  | { readonly type: 'leave' };

export const rest: CatchUp = { at: 'rest' };

/** The one way from state to state. */
export function nextCatchUp(now: CatchUp, event: CatchUpEvent): CatchUp {
  switch (event.type) {
    case 'look':
      return { at: 'looking', look: event.look, before: failureOf(now) };
    case 'found':
      return isWanted(now, event.look) ? rest : now;
    case 'failed':
      return isWanted(now, event.look) ? afterFailure(event.isTold ? event.error : failureOf(now)) : now;
    case 'leave':
      return rest;
  }
}

/** Whether what a look finds is still to be shown. */
export function isWanted(now: CatchUp, look: number): boolean {
  return now.at === 'looking' && now.look === look;
}

/** What the user is told of. */
export function failureOf(now: CatchUp): Error | null {
  if (now.at === 'looking') return now.before;
  return now.at === 'failed' ? now.error : null;
}

function afterFailure(error: Error | null): CatchUp {
  return error ? { at: 'failed', error } : rest;
}

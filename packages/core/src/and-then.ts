/**
 * Goes on at once with what is there, and later with what is promised: each await costs its turn, also where nothing is waited for.
 * For functions that are not `async`; one that is says `given instanceof Promise ? await given : given`.
 */
export function andThen<T, U>(given: T | Promise<T>, goOn: (value: T) => U | Promise<U>): U | Promise<U> {
  return given instanceof Promise ? given.then(goOn) : goOn(given);
}

/** What always holds, by the numbers with which comments and tests cite it. */
export const rules = {
  S2: 'One writer a session: what an owner writes carries its fence, and a stale one is refused. Outsiders raise the inbox alone',
  S3: 'A reply is durable before a call of it has an effect',
  S4: 'Each call has exactly one result, and its body runs again only where its tool says that this is safe',
  S5: 'Nothing stands between a call and its result; a call id is there once',
  S6: 'A stop is a record on its run, and ends it',
  S7: 'A writer knows what became of its commit',
  S8: 'An entry that fails leaves no trace, and a message makes one turn',
  S9: 'The end of a run is one commit, from which readers know it; nothing is written or done behind it',
  S10: 'Readers have what was said: what an attempt that failed had streamed is taken back, what came before a stop stays',
  S11: 'What the model is asked begins as it began before',
  S14: 'Nothing waits for a process that happens to be alive: what is due comes to its end',
  S15: 'An owner that may have lost its lease starts no effect, and writes no chunk',
  P4: 'One lost message ends no run',
} as const;

export type Rule = keyof typeof rules;

/** What can go wrong, or come from outside, at any point of a simulated world. */
export const faultKinds = [
  'lost-request',
  'lost-reply',
  'repeated',
  'lost-signal',
  'stream-lost',
  'crash',
  'clean-exit',
  'close',
  'pause',
  'clock-jump',
  'store-clock-jump',
  'slowness',
  'doubt',
  'interrupt',
  'abort',
  'message',
  'answer',
  'delete',
  'look',
  'execute',
  'repeated-execute',
  'resume',
  'retry',
] as const;

/** What somebody asks of a process. */
export const asks: readonly FaultKind[] = ['execute', 'repeated-execute', 'resume', 'retry', 'look'];

export type FaultKind = (typeof faultKinds)[number];

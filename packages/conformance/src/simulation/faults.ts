/** What can go wrong, or come from outside, at any point of a simulated world. */
export const faultKinds = [
  'lost-request',
  'lost-reply',
  'repeated',
  'lost-signal',
  'stream-lost',
  'crash',
  'clean-exit',
  'pause',
  'clock-jump',
  'store-clock-jump',
  'slowness',
  'interrupt',
  'abort',
  'message',
  'answer',
  'execute',
  'repeated-execute',
  'resume',
  'retry',
] as const;

export type FaultKind = (typeof faultKinds)[number];

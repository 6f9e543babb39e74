import { decisionKinds } from './decision-kinds.ts';

const byStop = 'a stop ends the run before it comes to that: only one that is for a former run falls there';
const idleStream = 'little is streamed there, so that few requests can be lost';

const deleted = 'what a deleted session commits next is its entry: only another session of that world does';

/**
 * Decisions and faults that meet so rarely that 20,000 worlds may lack them, each with the reason. Any other pair that is never
 * reached fails the run: a world that cannot happen any more proves nothing.
 */
export const rarePairs: Readonly<Record<string, string>> = {
  'entry × stream-lost': idleStream,
  'claim × stream-lost': idleStream,
  'park:budget × stream-lost': idleStream,
  'call-model:compact × stream-lost': idleStream,
  'call-model:forced × stream-lost': idleStream,
  'park:budget × interrupt': byStop,
  'park:budget × abort': byStop,
  'park:operator × interrupt': byStop,
  'park:operator × abort': byStop,
  'fold:answer × interrupt': byStop,
  'fold:answer × abort': byStop,
  'fold:timeout × interrupt': byStop,
  'fold:timeout × abort': byStop,
  ...Object.fromEntries(decisionKinds.filter((kind) => kind !== 'entry').map((kind) => [`${kind} × delete`, deleted])),
};

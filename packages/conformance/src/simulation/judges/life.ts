import type { EffectRules } from './effect-rules.ts';
import type { RecordRules } from './record-rules.ts';

/** A session from its first commit until it is deleted: under its id another one may begin. */
export interface Life {
  readonly record: RecordRules;
  readonly effects: EffectRules;
}

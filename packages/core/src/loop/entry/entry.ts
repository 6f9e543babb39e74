import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { EntryRequest } from './plan-entry.ts';

/** What somebody asks of a session, before it is known how the session stands. */
export interface Entry extends Omit<EntryRequest, 'runtime' | 'holderId'> {
  /** The id of the session was made for this entry: there is nothing to read. */
  readonly isNew?: boolean;
  /** Refused where there is a session of this id already. */
  readonly mustBeNew?: boolean;
}

/** How an entry meets a session as it stands: it begins a run, takes the place of the one that is live, or joins one. */
export type EntryVerdict = 'begin' | 'supersede' | { readonly join: string };

/** Judges a session as it stands, or refuses the entry by a throw. */
export type EntryCheck = (session: SessionSnapshot | null) => EntryVerdict | Promise<EntryVerdict>;

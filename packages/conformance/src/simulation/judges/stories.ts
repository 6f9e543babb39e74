import { streamIdOf } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { FaultKind } from '../faults.ts';
import { Story, type StoryParts } from './story.ts';

/** The sessions of a world. */
export class Stories {
  readonly all: readonly Story[];
  readonly #chance: Chance;

  constructor(parts: StoryParts) {
    this.#chance = parts.chance;
    this.all = Array.from({ length: parts.plan.sessions }, (_, index) => new Story(`session-${index + 1}`, parts));
  }

  of(sessionId: string): Story {
    return this.all.find((story) => story.sessionId === sessionId)!;
  }

  /** The session that is streamed there; none where it was deleted. */
  streamedIn(streamId: string): Story | undefined {
    return this.all.find(({ session }) => session && streamIdOf(session) === streamId);
  }

  any(): Story {
    return this.all.length === 1 ? this.all[0]! : this.#chance.pick(this.all);
  }

  /** What was streamed may lack what this fault took. */
  met(fault: FaultKind): void {
    const ends = fault === 'crash' || fault === 'clean-exit' || fault === 'close';
    for (const story of this.all) {
      if (ends) story.tears('short');
      if (fault === 'stream-lost') story.tears('out of reach');
    }
  }
}
